# The Lambda@Edge functions: basic authentication at viewer-request (auth.tf), and the redirect to the upstream
# at origin-response (upstream.tf). Lambda@Edge requires us-east-1, x86_64, a published version, no environment
# variables, and at most 5 s and 128 MB at viewer-request.
#
# With create_before_destroy, everything here is created before the distribution uses it, and deleted after the
# distribution has stopped using it. Otherwise, readers would get 503 from a function without a role.

locals {
  basic_auth_zip = coalesce(var.basic_auth_zip, "${path.module}/../../../dist/basic_auth.zip")

  edge_functions = merge(
    var.enable_basic_auth ? { basic_auth = local.basic_auth_function } : {},
    var.upstream == null ? {} : { upstream = local.upstream_function },
  )
  edge_policies = {
    basic_auth = data.aws_iam_policy_document.basic_auth.json
    upstream   = data.aws_iam_policy_document.edge_log["upstream"].json
  }
}

data "aws_iam_policy_document" "assume_edge" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]
    }
  }
}

# Logs are in the region of the edge location, in log groups that Lambda creates.
data "aws_iam_policy_document" "edge_log" {
  for_each = { basic_auth = local.basic_auth_function, upstream = local.upstream_function }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:*:${local.account}:log-group:/aws/lambda/us-east-1.${each.value.prefix}-*${each.value.suffix}:*"]
  }
}

# AWS keeps a Lambda@Edge function for hours after its distribution has stopped using it, and refuses another one
# with the same name. So part of the name is new each time a function is switched on.
resource "terraform_data" "edge" {
  for_each = local.edge_functions

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role" "edge" {
  for_each = local.edge_functions

  name               = "${local.name}-${replace(each.key, "_", "-")}"
  description        = each.value.role_description
  assume_role_policy = data.aws_iam_policy_document.assume_edge.json
  tags               = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role_policy" "edge" {
  for_each = local.edge_functions

  name   = replace(each.key, "_", "-")
  role   = aws_iam_role.edge[each.key].id
  policy = local.edge_policies[each.key]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lambda_function" "edge" {
  #checkov:skip=CKV_AWS_50:Lambda@Edge functions cannot have X-Ray tracing
  #checkov:skip=CKV_AWS_115:Lambda@Edge functions cannot have a reserved concurrency
  #checkov:skip=CKV_AWS_116:Lambda@Edge functions cannot have a dead-letter queue
  #checkov:skip=CKV_AWS_117:Lambda@Edge functions cannot be in a VPC
  #checkov:skip=CKV_AWS_272:The zip is built by the person who runs Terraform, so there is nobody else to sign it
  for_each = local.edge_functions
  provider = aws.us_east_1

  function_name = "${each.value.prefix}-${substr(terraform_data.edge[each.key].id, 0, 6)}${each.value.suffix}"
  description   = each.value.description
  role          = aws_iam_role.edge[each.key].arn
  tags          = var.tags

  filename         = local.basic_auth_zip
  source_code_hash = filebase64sha256(local.basic_auth_zip)
  handler          = each.value.handler
  runtime          = "python3.13"
  architectures    = ["x86_64"]
  memory_size      = 128
  timeout          = 5
  publish          = true

  # CloudFront deletes its replicas hours after the distribution has stopped using them. Until then, AWS refuses to
  # delete the function. docs/users.md describes how to delete old functions.
  skip_destroy = true

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = fileexists(local.basic_auth_zip)
      error_message = "The zip of the Lambda@Edge functions does not exist: ${local.basic_auth_zip}. Build it with `make package` in the repository's root, or set basic_auth_zip to its path."
    }

    precondition {
      condition     = each.key != "basic_auth" || !var.index_html
      error_message = "index_html and enable_basic_auth cannot be used together."
    }
  }

  depends_on = [aws_iam_role_policy.edge]
}
