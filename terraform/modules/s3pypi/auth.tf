# Basic authentication at the edge. CloudFront allows one function at viewer-request, so this one does
# the work of viewer_request.js as well. Lambda@Edge: in us-east-1, x86_64, a published version, without
# environment variables, at most 5 s and 128 MB.
#
# Everything here is created before the distribution uses it, and deleted after the distribution has stopped
# using it: that is what create_before_destroy means for what a count switches off. Without it Terraform
# deletes first, and readers get 503 from a function that has no role.

locals {
  basic_auth_zip = coalesce(var.basic_auth_zip, "${path.module}/../../../dist/basic_auth.zip")

  # The name tells the function whose users it checks; docs/architecture.md explains why.
  auth_domain = replace(var.domain, ".", "_")
  # The users and the issuers of tokens are below this path, and are read by the same request.
  readers_path = "/s3pypi/${var.domain}"
  readers_arn  = "arn:${local.partition}:ssm:us-east-1:${local.account}:parameter${local.readers_path}"
}

data "aws_iam_policy_document" "assume_basic_auth" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "basic_auth" {
  statement {
    sid       = "ReadThisIndexsUsersAndIssuers"
    actions   = ["ssm:GetParametersByPath"]
    resources = [local.readers_arn, "${local.readers_arn}/*"]
  }

  # The log is in the region of the edge that ran it, in a group that nobody can make beforehand.
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:*:${local.account}:log-group:/aws/lambda/us-east-1.s3pypi-auth-*__${local.auth_domain}:*"]
  }
}

# AWS keeps a Lambda@Edge function for hours after its distribution has stopped using it, and refuses another
# one of its name. So the name has a part that is new each time basic authentication is switched on.
resource "terraform_data" "basic_auth" {
  count = var.enable_basic_auth ? 1 : 0

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role" "basic_auth" {
  count = var.enable_basic_auth ? 1 : 0

  name               = "${local.name}-basic-auth"
  description        = "The function that checks the passwords of ${var.domain}"
  assume_role_policy = data.aws_iam_policy_document.assume_basic_auth.json
  tags               = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role_policy" "basic_auth" {
  count = var.enable_basic_auth ? 1 : 0

  name   = "basic-auth"
  role   = aws_iam_role.basic_auth[0].id
  policy = data.aws_iam_policy_document.basic_auth.json

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lambda_function" "basic_auth" {
  #checkov:skip=CKV_AWS_50:Lambda@Edge functions cannot have X-Ray tracing
  #checkov:skip=CKV_AWS_115:nor a reserved concurrency
  #checkov:skip=CKV_AWS_116:nor a dead-letter queue
  #checkov:skip=CKV_AWS_117:nor be in a VPC
  #checkov:skip=CKV_AWS_272:Whoever runs Terraform builds the zip; nobody else would sign it
  count    = var.enable_basic_auth ? 1 : 0
  provider = aws.us_east_1

  function_name = "s3pypi-auth-${substr(terraform_data.basic_auth[0].id, 0, 6)}__${local.auth_domain}"
  description   = "Checks the passwords of ${var.domain}"
  role          = aws_iam_role.basic_auth[0].arn
  tags          = var.tags

  filename         = local.basic_auth_zip
  source_code_hash = filebase64sha256(local.basic_auth_zip)
  handler          = "basic_auth.handler.handler"
  runtime          = "python3.13"
  architectures    = ["x86_64"]
  memory_size      = 128
  timeout          = 5
  publish          = true

  # CloudFront deletes its copies hours after the distribution has stopped using them; until then AWS refuses
  # to delete the function. docs/users.md says how to delete those that are left.
  skip_destroy = true

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = fileexists(local.basic_auth_zip)
      error_message = "The zip of basic authentication is not there: ${local.basic_auth_zip}. Build it with `make package` in the repository's root, or set basic_auth_zip to where you have it."
    }

    precondition {
      condition     = !var.index_html
      error_message = "index_html cannot be had together with enable_basic_auth: leave one of them out."
    }
  }

  depends_on = [aws_iam_role_policy.basic_auth]
}
