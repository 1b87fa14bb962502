# What happens to files, on its way to the function.

resource "aws_sqs_queue" "events" {
  name = local.queue
  # How long the events of an invocation that was killed stay hidden: until its leases are over. AWS advises
  # six times the timeout, so that none is handed out twice while the function is throttled; here that does
  # no harm, and waiting does.
  visibility_timeout_seconds = var.function_timeout + var.batch_window + 30
  message_retention_seconds  = 4 * 24 * 3600
  sqs_managed_sse_enabled    = true
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dlq.arn
    # Without locking, an invocation that is refused for want of a place counts as a delivery too.
    maxReceiveCount = var.enable_dynamodb_locking ? 10 : 100
  })
}

resource "aws_sqs_queue" "dlq" {
  name                      = local.dlq
  message_retention_seconds = 14 * 24 * 3600 # counted from when the event was raised
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

# SQS itself moves messages to the dead-letter queue, by the redrive policy: no sender needs a permission.
data "aws_iam_policy_document" "dlq" {
  statement {
    sid       = "RefusePlainHTTP"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.dlq_arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "dlq" {
  queue_url = aws_sqs_queue.dlq.id
  policy    = data.aws_iam_policy_document.dlq.json
}

data "aws_iam_policy_document" "queue" {
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

  statement {
    sid       = "RefusePlainHTTP"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.queue_arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.id
  policy    = data.aws_iam_policy_document.queue.json
}

resource "aws_s3_bucket_notification" "pypi" {
  bucket = aws_s3_bucket.pypi.id

  # By suffix, so that the function does not hear of the pages that it writes itself, but does hear of
  # their loss. What it removes itself raises an event too; its run finds nothing to do.
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

  depends_on = [aws_sqs_queue_policy.events] # S3 sends a message at once to see whether it may
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

# A rebuild now and then: what no event has told, this finds.

resource "aws_cloudwatch_event_rule" "rebuild" {
  count = var.schedule == null ? 0 : 1

  name                = "${local.name}-rebuild"
  description         = "Compares the index in s3://${var.bucket} with its files and rebuilds what differs"
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

  # No source_account: EventBridge sends none, so the condition would refuse every invocation.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
  statement_id  = "rebuild"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.indexer.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.rebuild[0].arn
}
