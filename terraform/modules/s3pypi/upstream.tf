# One safe index URL: a Lambda@Edge function at origin-response sends clients to the upstream for the projects
# that this index does not have. It runs for pages only, beside either viewer-request function. Its settings are
# custom headers of the origin; basic_auth/upstream.py says how it reads them.
#
# As in auth.tf, everything here is created before the distribution uses it, and deleted afterwards.

locals {
  # A list is cut into headers of 1,700 characters; CloudFront takes 1,783 in a value.
  upstream_lists = {
    Private-Names = join(",", var.private_names)
    Prefixes      = join(",", sort(var.prefixes))
  }

  upstream_headers = var.upstream == null ? {} : merge(
    { X-S3pypi-Upstream = var.upstream },
    [
      for name, text in local.upstream_lists : {
        for number in range(ceil(length(text) / 1700)) :
        "X-S3pypi-${name}-${number + 1}" => substr(text, number * 1700, 1700)
      }
    ]...
  )
}

data "aws_iam_policy_document" "upstream" {
  # The log is in the region of the edge that ran it, in a group that nobody can make beforehand.
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:*:${local.account}:log-group:/aws/lambda/us-east-1.${local.name}-upstream-*:*"]
  }
}

# AWS keeps a Lambda@Edge function for hours after its distribution has stopped using it, and refuses another
# one of its name. So the name has a part that is new each time an upstream is set.
resource "terraform_data" "upstream" {
  count = var.upstream == null ? 0 : 1

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role" "upstream" {
  count = var.upstream == null ? 0 : 1

  name               = "${local.name}-upstream"
  description        = "The function that redirects to the upstream of ${var.domain}"
  assume_role_policy = data.aws_iam_policy_document.assume_basic_auth.json
  tags               = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role_policy" "upstream" {
  count = var.upstream == null ? 0 : 1

  name   = "upstream"
  role   = aws_iam_role.upstream[0].id
  policy = data.aws_iam_policy_document.upstream.json

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lambda_function" "upstream" {
  #checkov:skip=CKV_AWS_50:Lambda@Edge functions cannot have X-Ray tracing
  #checkov:skip=CKV_AWS_115:nor a reserved concurrency
  #checkov:skip=CKV_AWS_116:nor a dead-letter queue
  #checkov:skip=CKV_AWS_117:nor be in a VPC
  #checkov:skip=CKV_AWS_272:Whoever runs Terraform builds the zip; nobody else would sign it
  count    = var.upstream == null ? 0 : 1
  provider = aws.us_east_1

  function_name = "${local.name}-upstream-${substr(terraform_data.upstream[0].id, 0, 6)}"
  description   = "Redirects to the upstream of ${var.domain}"
  role          = aws_iam_role.upstream[0].arn
  tags          = var.tags

  filename         = local.basic_auth_zip
  source_code_hash = filebase64sha256(local.basic_auth_zip)
  handler          = "basic_auth.origin_response.handler"
  runtime          = "python3.13"
  architectures    = ["x86_64"]
  memory_size      = 128
  timeout          = 5
  publish          = true

  # CloudFront deletes its copies hours after the distribution has stopped using them.
  skip_destroy = true

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = fileexists(local.basic_auth_zip)
      error_message = "The zip of the functions at the edge is not there: ${local.basic_auth_zip}. Build it with `make package` in the repository's root, or set basic_auth_zip to where you have it."
    }
  }

  depends_on = [aws_iam_role_policy.upstream]
}
