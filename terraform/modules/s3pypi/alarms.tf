# docs/operate.md describes each alarm, and what to do.

locals {
  alarms = {
    dead-letters = {
      description = "Events failed repeatedly; their projects may be out of date."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = aws_sqs_queue.dlq.name }
      statistic   = "Maximum"
      period      = 300
    }

    event-age = {
      description = "Uploads have been waiting to appear for more than ${var.event_age_alarm_seconds} s."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = aws_sqs_queue.events.name }
      statistic   = "Maximum"
      period      = 300
      threshold   = var.event_age_alarm_seconds
    }

    errors = {
      description = "The function has crashed or timed out three times in 15 minutes."
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      dimensions  = { FunctionName = aws_lambda_function.indexer.function_name }
      statistic   = "Sum"
      period      = 900
      threshold   = 2
    }

    # Without locking, one invocation waits for another by being throttled.
    throttles = {
      description = "AWS has throttled the function, because its concurrency limit was reached."
      namespace   = "AWS/Lambda"
      metric      = "Throttles"
      dimensions  = { FunctionName = aws_lambda_function.indexer.function_name }
      statistic   = "Sum"
      period      = 900
      threshold   = var.enable_dynamodb_locking ? 0 : 1000
    }

    # A rebuild repairs the differences that it finds, so they matter if the next one finds some again. Each
    # comparison publishes a value, even zero: days without a value mean that comparisons do not run.
    drift = {
      description = "For two days, the index has differed from its files, or has not been compared with them."
      namespace   = "s3pypi"
      metric      = "Differences"
      dimensions  = { service = local.function }
      statistic   = "Minimum"
      period      = 86400
      days        = 2
      missing     = "breaching"
      enabled     = var.schedule != null
    }

    # Invocations that Lambda refuses are not part of the function's metrics.
    schedule = {
      description = "EventBridge could not invoke the function for the scheduled rebuild."
      namespace   = "AWS/Events"
      metric      = "FailedInvocations"
      dimensions  = { RuleName = one(aws_cloudwatch_event_rule.rebuild[*].name) }
      statistic   = "Sum"
      period      = 3600
      enabled     = var.schedule != null
    }

    names-taken = {
      description = "Another publisher uses the name of a project of this index on the upstream."
      namespace   = "s3pypi"
      metric      = "NamesTaken"
      dimensions  = { service = local.function }
      statistic   = "Maximum"
      period      = 86400
      enabled     = var.check_names
    }

    # If the upstream does not respond, or the check does not run, the state of names is unknown.
    names-unknown = {
      description = "For two days, the upstream has not responded for some names, or the check has not run."
      namespace   = "s3pypi"
      metric      = "NamesUnknown"
      dimensions  = { service = local.function }
      statistic   = "Minimum"
      period      = 86400
      days        = 2
      missing     = "breaching"
      enabled     = var.check_names
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "alarms" {
  for_each = {
    for name, alarm in local.alarms : name => alarm
    if var.create_alarms && lookup(alarm, "enabled", true)
  }

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "${each.value.description} See docs/operate.md, ${each.key}."
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = lookup(each.value, "days", 1)
  comparison_operator = "GreaterThanThreshold"
  threshold           = lookup(each.value, "threshold", 0)
  treat_missing_data  = lookup(each.value, "missing", "notBreaching")
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
