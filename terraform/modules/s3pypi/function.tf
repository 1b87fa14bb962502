locals {
  function_zip = coalesce(var.function_zip, "${path.module}/../../../dist/lambda_indexer.zip")

  # Without locking, only one invocation runs at a time. The minimum for the event source mapping is 2, so the second
  # invocation is throttled and retried until its messages become visible again, which counts as a delivery. The
  # queue's redrive policy allows for many deliveries.
  reserved_concurrency = var.enable_dynamodb_locking ? -1 : 1
  maximum_concurrency  = var.enable_dynamodb_locking ? var.maximum_concurrency : 2

  page_kms_keys = compact([lookup(var.page_put_args, "SSEKMSKeyId", "")])

  # Variables that are null are not set.
  function_variables = {
    S3PYPI_LOCKS_TABLE       = one(aws_dynamodb_table.locks[*].name)
    S3PYPI_SINGLE_INSTANCE   = var.enable_dynamodb_locking ? null : "true"
    S3PYPI_QUEUE_URL         = aws_sqs_queue.events.url
    S3PYPI_DLQ_URL           = aws_sqs_queue.dlq.url
    S3PYPI_DISTRIBUTION_ID   = aws_cloudfront_distribution.cdn.id
    S3PYPI_SERVICE           = local.function
    S3PYPI_DOMAIN            = var.domain
    S3PYPI_SHOW_UPLOADERS    = var.show_uploaders ? "true" : null
    S3PYPI_PREFIXES          = length(var.prefixes) == 0 ? null : join(",", sort(tolist(var.prefixes)))
    S3PYPI_INDEX_HTML        = var.index_html ? "true" : null
    S3PYPI_PUT_ARGS          = length(var.page_put_args) == 0 ? null : jsonencode(var.page_put_args)
    S3PYPI_UPSTREAM          = var.upstream
    S3PYPI_MAX_WAIT          = var.indexer_settings.max_wait
    S3PYPI_LEASE_MARGIN      = var.indexer_settings.lease_margin
    S3PYPI_PARALLEL_PROJECTS = var.indexer_settings.parallel_projects
    S3PYPI_PARALLEL_FILES    = var.indexer_settings.parallel_files
  }
}

resource "aws_cloudwatch_log_group" "function" {
  #checkov:skip=CKV_AWS_158:The log contains filenames and principals; it is encrypted with CloudWatch's key
  #checkov:skip=CKV_AWS_338:The retention is log_retention_days
  name              = local.log_group
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

data "aws_iam_policy_document" "assume_function" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  name               = local.function
  description        = "The function that writes the pages of s3://${var.bucket}"
  assume_role_policy = data.aws_iam_policy_document.assume_function.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "function" {
  name   = "indexer"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}

resource "aws_iam_role_policy" "function_cdn" {
  name   = "cdn"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function_cdn.json
}

resource "aws_lambda_function" "indexer" {
  #checkov:skip=CKV_AWS_50:The log and the metrics are sufficient; traces cost money
  #checkov:skip=CKV_AWS_116:The event queue has a dead-letter queue; a lost rebuild is repeated by the schedule
  #checkov:skip=CKV_AWS_117:It only uses AWS services, and a VPC would need an endpoint for each
  #checkov:skip=CKV_AWS_173:Its environment contains no secrets
  #checkov:skip=CKV_AWS_272:The zip is built by the person who runs Terraform, so there is nobody else to sign it
  function_name = local.function
  description   = "Writes the pages of the package index in s3://${var.bucket}"
  role          = aws_iam_role.function.arn
  tags          = var.tags

  filename         = local.function_zip
  source_code_hash = filebase64sha256(local.function_zip)
  handler          = "lambda_indexer.handler.handler"
  runtime          = "python3.13"
  architectures    = ["arm64"]

  memory_size                    = var.function_memory
  timeout                        = var.function_timeout
  reserved_concurrent_executions = local.reserved_concurrency

  environment {
    variables = { for name, value in local.function_variables : name => value if value != null }
  }

  lifecycle {
    precondition {
      condition     = fileexists(local.function_zip)
      error_message = "The function's zip is not there: ${local.function_zip}. Build it with `make package` in the repository's root, or set function_zip to where you have it."
    }
  }

  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.function]
}
