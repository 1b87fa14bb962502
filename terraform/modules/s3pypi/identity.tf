# Tokens instead of passwords: who issues them, and who may get one from AWS. docs/users.md explains it.
#
# Outbound identity federation is a setting of the account, which its owner enables once with
# `aws iam enable-outbound-web-identity-federation`. It is not a resource here: two configurations of
# one account could not both have it, and destroying one would disable it for the other.

resource "aws_ssm_parameter" "token_issuer" {
  #checkov:skip=CKV2_AWS_34:An issuer and its rules are not secret
  #checkov:skip=CKV_AWS_337:An issuer and its rules are not secret
  for_each = var.enable_basic_auth ? var.token_issuers : {}
  provider = aws.us_east_1

  name        = "${local.readers_path}/issuers/${each.key}"
  description = "Who may read ${var.domain} with tokens of ${each.value.issuer}"
  type        = "String"
  tier        = "Intelligent-Tiering" # more than 4 KB of subjects take an advanced parameter
  tags        = var.tags

  value = jsonencode({
    for name, value in {
      issuer   = each.value.issuer
      audience = var.domain
      keys_url = each.value.keys_url
      subjects = each.value.subjects
    } : name => value if value != null
  })
}

# Exactly the token that the index accepts. Without sts:TagGetWebIdentityToken it has no tags.
data "aws_iam_policy_document" "token" {
  statement {
    sid       = "GetTokensForThisIndex"
    actions   = ["sts:GetWebIdentityToken"]
    resources = ["*"]

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "sts:IdentityTokenAudience"
      values   = [var.domain]
    }

    # ForAllValues is true of no values at all.
    condition {
      test     = "Null"
      variable = "sts:IdentityTokenAudience"
      values   = ["false"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:SigningAlgorithm"
      values   = ["RS256"]
    }
  }
}

resource "aws_iam_policy" "token" {
  #checkov:skip=CKV_AWS_356:sts:GetWebIdentityToken has no resources
  count = length(var.token_issuers) > 0 ? 1 : 0

  name        = "${local.name}-token"
  description = "Get tokens for reading ${var.domain}"
  policy      = data.aws_iam_policy_document.token.json
  tags        = var.tags
}
