# The path of S3 events to the function.

resource "aws_sqs_queue" "events" {
  name = local.queue
  # After an invocation was killed, its events are hidden until its leases have expired. AWS recommends six times the
  # function's timeout, to avoid duplicate deliveries while the function is throttled. Here, duplicates are harmless and
  # a longer delay is not.
  visibility_timeout_seconds = var.function_timeout + var.batch_window + 30
  message_retention_seconds  = 4 * 24 * 3600
  sqs_managed_sse_enabled    = true
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dlq.arn
    # Without locking, throttled invocations count as deliveries.
    maxReceiveCount = var.enable_dynamodb_locking ? 10 : 100
  })
}

resource "aws_sqs_queue" "dlq" {
  name                      = local.dlq
  message_retention_seconds = 14 * 24 * 3600 # from the time of the event
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "dlq" {
  queue_url = aws_sqs_queue.dlq.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.events.arn]
  })
}

# No sender needs a permission for the dead-letter queue: SQS moves messages there by the redrive policy.
resource "aws_sqs_queue_policy" "dlq" {
  queue_url = aws_sqs_queue.dlq.id
  policy    = data.aws_iam_policy_document.https_only["dlq"].json
}

data "aws_iam_policy_document" "queue" {
  source_policy_documents = [data.aws_iam_policy_document.https_only["events"].json]

  statement {
    sid       = "LetTheBucketSend"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue_arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.bucket_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.id
  policy    = data.aws_iam_policy_document.queue.json
}

resource "aws_s3_bucket_notification" "pypi" {
  bucket = aws_s3_bucket.pypi.id

  # Filter by suffix, so that the function gets no events for the pages that it writes, but for their deletion. Its own
  # deletions cause events, too; their runs find nothing to do.
  dynamic "queue" {
    for_each = toset(concat(local.distributions, local.markers, local.generated))
    content {
      id        = "s3pypi-${trim(replace(queue.value, "/[./]/", "-"), "-") == "" ? "html" : trim(replace(queue.value, "/[./]/", "-"), "-")}"
      queue_arn = aws_sqs_queue.events.arn
      events = concat(
        contains(local.generated, queue.value) ? [] : ["s3:ObjectCreated:*"],
        ["s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"],
      )
      filter_suffix = queue.value
    }
  }

  depends_on = [aws_sqs_queue_policy.events] # S3 sends a test message at once
}

resource "aws_lambda_event_source_mapping" "events" {
  event_source_arn                   = aws_sqs_queue.events.arn
  function_name                      = aws_lambda_function.indexer.arn
  batch_size                         = var.batch_size
  maximum_batching_window_in_seconds = var.batch_window
  function_response_types            = ["ReportBatchItemFailures"]
  tags                               = var.tags

  dynamic "scaling_config" {
    for_each = local.maximum_concurrency == null ? [] : [local.maximum_concurrency]
    content {
      maximum_concurrency = scaling_config.value
    }
  }

  depends_on = [aws_iam_role_policy.function]
}

# The scheduled rebuild, which finds changes whose events were lost.

resource "aws_cloudwatch_event_rule" "rebuild" {
  count = var.schedule == null ? 0 : 1

  name                = "${local.name}-rebuild"
  description         = "Compares the index in s3://${var.bucket} with its files and rebuilds projects that differ"
  schedule_expression = var.schedule
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "rebuild" {
  count = var.schedule == null ? 0 : 1

  rule  = aws_cloudwatch_event_rule.rebuild[0].name
  arn   = aws_lambda_function.indexer.arn
  input = jsonencode({ command = "rebuild", bucket = var.bucket })
}

resource "aws_cloudwatch_event_target" "check_names" {
  count = var.check_names ? 1 : 0

  rule  = aws_cloudwatch_event_rule.rebuild[0].name
  arn   = aws_lambda_function.indexer.arn
  input = jsonencode({ command = "check_names", bucket = var.bucket, acknowledged = var.acknowledged_names })
}

resource "aws_lambda_permission" "rebuild" {
  count = var.schedule == null ? 0 : 1

  # No source_account, because EventBridge does not send it and every invocation would be refused.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
  statement_id  = "rebuild"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.indexer.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.rebuild[0].arn
}
