# Tokens instead of passwords: the issuers, and the permission to get tokens from AWS. See docs/users.md.
#
# Outbound identity federation is a setting of the AWS account, which an administrator enables once with
# `aws iam enable-outbound-web-identity-federation`. It is not a resource here, because several configurations may
# share an account, and destroying one would disable it for the others.

resource "aws_ssm_parameter" "token_issuer" {
  #checkov:skip=CKV2_AWS_34:An issuer and its rules are not secret
  #checkov:skip=CKV_AWS_337:An issuer and its rules are not secret
  for_each = var.enable_basic_auth ? var.token_issuers : {}
  provider = aws.us_east_1

  name        = "${local.readers_path}/issuers/${each.key}"
  description = "Subjects that may read ${var.domain} with tokens of ${each.value.issuer}"
  type        = "String"
  tier        = "Intelligent-Tiering" # more than 4 KB require an advanced parameter
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

# Only allow tokens that the index accepts. Without sts:TagGetWebIdentityToken, they have no tags.
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

    # ForAllValues is also true if there are no values.
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
