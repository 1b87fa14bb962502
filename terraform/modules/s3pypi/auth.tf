# Basic authentication. CloudFront allows one function at viewer-request, so this function also does the work of
# viewer_request.js.

locals {
  # The function reads the domain from its name; see docs/architecture.md.
  auth_domain = replace(var.domain, ".", "_")
  # The users and the token issuers are below this path, and are read with the same request.
  readers_path = "/s3pypi/${var.domain}"
  readers_arn  = "arn:${local.partition}:ssm:us-east-1:${local.account}:parameter${local.readers_path}"

  basic_auth_function = {
    prefix           = "s3pypi-auth"
    suffix           = "__${local.auth_domain}"
    handler          = "basic_auth.handler.handler"
    description      = "Checks the passwords of ${var.domain}"
    role_description = "The function that checks the passwords of ${var.domain}"
  }
}

data "aws_iam_policy_document" "basic_auth" {
  source_policy_documents = [data.aws_iam_policy_document.edge_log["basic_auth"].json]

  statement {
    sid       = "ReadThisIndexsUsersAndIssuers"
    actions   = ["ssm:GetParametersByPath"]
    resources = [local.readers_arn, "${local.readers_arn}/*"]
  }
}
