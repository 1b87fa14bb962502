# docs/operate.md says of each what it means and what to do.

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  count = var.create_alarms ? 1 : 0

  alarm_name          = "${local.name}-dead-letters"
  alarm_description   = "Events failed again and again; their projects may be out of date. See docs/operate.md, dead-letters."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dlq.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "event_age" {
  count = var.create_alarms ? 1 : 0

  alarm_name          = "${local.name}-event-age"
  alarm_description   = "Uploads have been waiting to appear for more than ${var.event_age_alarm_seconds} s. See docs/operate.md, event-age."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.events.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.event_age_alarm_seconds
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "function" {
  for_each = var.create_alarms ? {
    errors = {
      metric      = "Errors"
      description = "The function has crashed, or was killed, three times in a quarter of an hour."
      threshold   = 2
    }
    # Without locking, being refused is how one invocation waits for another.
    throttles = {
      metric      = "Throttles"
      description = "AWS has refused to run the function for want of concurrency."
      threshold   = var.enable_dynamodb_locking ? 0 : 1000
    }
  } : {}

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "${each.value.description} See docs/operate.md, ${each.key}."
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric
  dimensions          = { FunctionName = aws_lambda_function.indexer.function_name }
  statistic           = "Sum"
  period              = 900
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

# A rebuild mends what it finds, so differences matter when the next one finds some again. A comparison that
# finds none also sends a value: days without a value mean that nobody compares, which is a failure too.
resource "aws_cloudwatch_metric_alarm" "drift" {
  count = var.create_alarms && var.schedule != null ? 1 : 0

  alarm_name          = "${local.name}-drift"
  alarm_description   = "For two days the index has differed from its files, or nothing has compared them. See docs/operate.md, drift."
  namespace           = "s3pypi"
  metric_name         = "Differences"
  dimensions          = { service = local.function }
  statistic           = "Minimum"
  period              = 86400
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

# An invocation that Lambda refuses never reaches the function, so its own metrics do not show it.
resource "aws_cloudwatch_metric_alarm" "schedule" {
  count = var.create_alarms && var.schedule != null ? 1 : 0

  alarm_name          = "${local.name}-schedule"
  alarm_description   = "EventBridge could not invoke the function for the scheduled rebuild. See docs/operate.md, schedule."
  namespace           = "AWS/Events"
  metric_name         = "FailedInvocations"
  dimensions          = { RuleName = aws_cloudwatch_event_rule.rebuild[0].name }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "names_taken" {
  count = var.create_alarms && var.check_names ? 1 : 0

  alarm_name          = "${local.name}-names-taken"
  alarm_description   = "Somebody else uses the name of a project of this index on the upstream. See docs/operate.md, names-taken."
  namespace           = "s3pypi"
  metric_name         = "NamesTaken"
  dimensions          = { service = local.function }
  statistic           = "Maximum"
  period              = 86400
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

# An upstream that does not answer says nothing about a name, and neither does a check that does not run.
resource "aws_cloudwatch_metric_alarm" "names_unknown" {
  count = var.create_alarms && var.check_names ? 1 : 0

  alarm_name          = "${local.name}-names-unknown"
  alarm_description   = "For two days the upstream has not answered for some names, or nothing has asked. See docs/operate.md, names-unknown."
  namespace           = "s3pypi"
  metric_name         = "NamesUnknown"
  dimensions          = { service = local.function }
  statistic           = "Minimum"
  period              = 86400
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
