locals {
  # The title, the statistic and the metrics of each widget.
  widgets = [
    ["Projects", "Sum", [for name in ["ProjectsRegenerated", "RunsCovered", "ProjectsFailed"] : ["s3pypi", name, "service", local.function]]],
    ["Files", "Sum", [for name in ["FilesIndexed", "FilesOverwritten", "FilesRemoved", "FilesQuarantined", "FilesNotFiled"] : ["s3pypi", name, "service", local.function]]],
    ["Seconds from event to page", "p90", [["s3pypi", "EventToPage", "service", local.function]]],
    ["Differences found by verify and rebuild", "Maximum", [["s3pypi", "Differences", "service", local.function]]],
    ["Messages", "Maximum", [
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", local.queue],
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", local.dlq],
    ]],
    ["Age of the oldest event in seconds", "Maximum", [["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", local.queue]]],
    ["Function", "Sum", [for name in ["Invocations", "Errors", "Throttles"] : ["AWS/Lambda", name, "FunctionName", local.function]]],
    ["Milliseconds of an invocation", "p90", [["AWS/Lambda", "Duration", "FunctionName", local.function]]],
  ]
}

resource "aws_cloudwatch_dashboard" "index" {
  count = var.create_dashboard ? 1 : 0

  dashboard_name = local.name
  dashboard_body = jsonencode({
    widgets = [
      for number, widget in local.widgets : {
        type   = "metric"
        x      = 12 * (number % 2)
        y      = 6 * floor(number / 2)
        width  = 12
        height = 6
        properties = {
          title   = widget[0]
          stat    = widget[1]
          metrics = widget[2]
          region  = local.region
          period  = 300
          view    = "timeSeries"
        }
      }
    ]
  })
}
