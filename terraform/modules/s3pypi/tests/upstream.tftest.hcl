mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks"
}

variables {
  bucket         = "example.bucket"
  domain         = "pypi.example.com"
  function_zip   = "versions.tf" # any file will do: nothing is uploaded
  basic_auth_zip = "versions.tf"
}

run "no_upstream" {
  command = apply

  assert {
    condition = (
      length(aws_lambda_function.edge) + length(aws_iam_role.edge) + length(aws_iam_role_policy.edge) == 0 &&
      length(one(aws_cloudfront_distribution.cdn.origin).custom_header) == 0 &&
      alltrue([
        for each in aws_cloudfront_distribution.cdn.ordered_cache_behavior : length(each.lambda_function_association) == 0
      ])
    )
    error_message = "Nobody is sent elsewhere unless an upstream is set."
  }

  assert {
    condition     = length(aws_cloudwatch_event_target.check_names) + length([for name in keys(aws_cloudwatch_metric_alarm.alarms) : name if startswith(name, "names-")]) == 0
    error_message = "Nobody is told the names."
  }
}

run "upstream" {
  command = apply

  variables {
    upstream      = "https://packages.example/simple/"
    private_names = ["acme-*", "billing"]
    prefixes      = ["team", "deep/er"]
  }

  # The same headers are in tests/unit/basic_auth/test_upstream.py.
  assert {
    condition = { for each in one(aws_cloudfront_distribution.cdn.origin).custom_header : each.name => each.value } == {
      X-S3pypi-Upstream        = "https://packages.example/simple/"
      X-S3pypi-Private-Names-1 = "acme-*,billing"
      X-S3pypi-Prefixes-1      = "deep/er,team"
    }
    error_message = "The function reads its settings from headers of the origin."
  }

  assert {
    condition = (
      length(aws_cloudfront_distribution.cdn.ordered_cache_behavior) == 2 &&
      alltrue([
        for each in aws_cloudfront_distribution.cdn.ordered_cache_behavior :
        [for function in each.lambda_function_association : [function.event_type, function.lambda_arn]] == [["origin-response", aws_lambda_function.edge["upstream"].qualified_arn]] &&
        [for function in each.function_association : function.event_type] == ["viewer-request"]
      ])
    )
    error_message = "Pages have it at origin-response, beside the function at viewer-request."
  }

  assert {
    condition     = length(aws_cloudfront_distribution.cdn.default_cache_behavior[0].lambda_function_association) == 0
    error_message = "Files do not have it: what is not there is 404."
  }

  assert {
    condition = (
      aws_lambda_function.edge["upstream"].handler == "basic_auth.origin_response.handler" &&
      aws_lambda_function.edge["upstream"].architectures == tolist(["x86_64"]) &&
      aws_lambda_function.edge["upstream"].publish &&
      aws_lambda_function.edge["upstream"].timeout == 5 &&
      aws_lambda_function.edge["upstream"].memory_size == 128 &&
      length(aws_lambda_function.edge["upstream"].environment) == 0 &&
      startswith(aws_lambda_function.edge["upstream"].function_name, "${local.name}-upstream-") &&
      !contains(keys(aws_lambda_function.edge), "basic_auth")
    )
    error_message = "The function at the edge is what CloudFront takes, without a password."
  }

  assert {
    condition     = data.aws_iam_policy_document.edge_log["upstream"].statement[*].sid == tolist(["Log"])
    error_message = "It may write its log, and nothing else."
  }

  assert {
    condition     = aws_lambda_function.indexer.environment[0].variables.S3PYPI_UPSTREAM == "https://packages.example/simple/"
    error_message = "The indexer knows that names have to be kept."
  }

  assert {
    condition     = length(aws_cloudwatch_event_target.check_names) + length([for name in keys(aws_cloudwatch_metric_alarm.alarms) : name if startswith(name, "names-")]) == 0
    error_message = "The upstream learns names only if check_names is set."
  }
}

run "check_names" {
  command = apply

  variables {
    upstream           = "https://packages.example/simple/"
    private_names      = ["acme-*"]
    check_names        = true
    acknowledged_names = ["billing"]
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_target.check_names[0].input) == {
      command      = "check_names"
      bucket       = "example.bucket"
      acknowledged = ["billing"]
    } && aws_cloudwatch_event_target.check_names[0].rule == aws_cloudwatch_event_rule.rebuild[0].name
    error_message = "The schedule asks the function to check the names."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.alarms["names-taken"].metric_name == "NamesTaken" &&
      aws_cloudwatch_metric_alarm.alarms["names-taken"].evaluation_periods == 1 &&
      aws_cloudwatch_metric_alarm.alarms["names-unknown"].metric_name == "NamesUnknown" &&
      aws_cloudwatch_metric_alarm.alarms["names-unknown"].treat_missing_data == "breaching" &&
      alltrue([
        for alarm in [aws_cloudwatch_metric_alarm.alarms["names-taken"], aws_cloudwatch_metric_alarm.alarms["names-unknown"]] :
        alarm.namespace == "s3pypi" && alarm.dimensions.service == local.function && alarm.threshold == 0
      ])
    )
    error_message = "A name that is taken raises an alarm at once, one that cannot be checked after two days."
  }
}

run "upstream_with_basic_auth" {
  command = apply

  variables {
    upstream          = "https://packages.example/simple/"
    private_names     = ["acme-*"]
    enable_basic_auth = true
  }

  assert {
    condition = alltrue([
      for each in aws_cloudfront_distribution.cdn.ordered_cache_behavior :
      { for function in each.lambda_function_association : function.event_type => function.lambda_arn } == {
        viewer-request  = aws_lambda_function.edge["basic_auth"].qualified_arn
        origin-response = aws_lambda_function.edge["upstream"].qualified_arn
      } && length(each.function_association) == 0
    ])
    error_message = "Pages have it beside the function that checks passwords."
  }

  assert {
    condition = [
      for function in aws_cloudfront_distribution.cdn.default_cache_behavior[0].lambda_function_association : function.event_type
    ] == ["viewer-request"]
    error_message = "Files have the check of passwords alone."
  }
}

run "long_lists" {
  command = apply

  variables {
    upstream      = "https://packages.example/simple/"
    private_names = [for number in range(200) : format("private-name-%03d", number)]
  }

  assert {
    condition = (
      [for each in one(aws_cloudfront_distribution.cdn.origin).custom_header : length(each.value) if startswith(each.name, "X-S3pypi-Private-Names-")] == [1700, 1699] &&
      join("", [for number in [1, 2] : { for each in one(aws_cloudfront_distribution.cdn.origin).custom_header : each.name => each.value }["X-S3pypi-Private-Names-${number}"]]) == join(",", var.private_names)
    )
    error_message = "A long list is cut into headers."
  }
}
