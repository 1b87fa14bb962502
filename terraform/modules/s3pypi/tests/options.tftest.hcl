mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks"
}

variables {
  bucket       = "example-bucket"
  domain       = "pypi.example.com"
  function_zip = "versions.tf" # any file will do: nothing is uploaded
}

# These plan from an empty state, so they come first.
# Names that AWS would cut short, or that differ only in characters that it does not take.
run "bucket_with_dots" {
  command = plan

  variables {
    bucket = "example.bucket"
  }

  assert {
    condition     = aws_lambda_function.indexer.function_name == "example-bucket-${substr(sha256("example.bucket"), 0, 8)}-indexer"
    error_message = "The deployment of example-bucket has other names."
  }
}

run "bucket_with_a_long_name" {
  command = plan

  variables {
    bucket = "a-company-with-a-long-name-python-packages-production-eu"
  }

  assert {
    condition = (
      aws_sqs_queue.dlq.name == "a-company-with-a-long-name-python-packa-${substr(sha256(var.bucket), 0, 8)}-events-dlq" &&
      length(aws_lambda_function.indexer.function_name) <= 64 && length(aws_iam_role.function.name) <= 64
    )
    error_message = "A name that is too long is cut, and stays different from its neighbours'."
  }
}

run "cors" {
  command = plan

  variables {
    cors_origins = ["https://notebooks.example.com", "https://lab.example.com"]
  }

  assert {
    condition = (
      one(aws_s3_bucket_cors_configuration.pypi[0].cors_rule).allowed_origins == toset(["https://notebooks.example.com", "https://lab.example.com"]) &&
      one(aws_s3_bucket_cors_configuration.pypi[0].cors_rule).allowed_methods == toset(["GET", "HEAD"])
    )
    error_message = "S3 answers these origins, and only reads."
  }

  assert {
    condition = (
      strcontains(aws_cloudfront_function.viewer_request[0].code, "const CORS_ORIGINS = [\"https://notebooks.example.com\",\"https://lab.example.com\"];") &&
      !strcontains(aws_cloudfront_function.viewer_request[0].code, "\n//") && length(aws_cloudfront_function.viewer_request[0].code) < 9000
    )
    error_message = "The function answers them, too, and is far from CloudFront's limit."
  }

  assert {
    condition = alltrue([
      for policy in [aws_cloudfront_cache_policy.pages, aws_cloudfront_cache_policy.files] :
      policy.parameters_in_cache_key_and_forwarded_to_origin[0].headers_config[0].header_behavior == "whitelist" &&
      one(policy.parameters_in_cache_key_and_forwarded_to_origin[0].headers_config[0].headers).items == toset(["Origin"])
    ])
    error_message = "S3 gets to know the origin, and its answer to one is not given to another."
  }

  assert {
    condition = (
      one(aws_cloudfront_response_headers_policy.pages.custom_headers_config[0].items).value == "Accept, Accept-Encoding, Origin" &&
      one(aws_cloudfront_response_headers_policy.files.custom_headers_config[0].items).value == "Origin" &&
      length(aws_cloudfront_response_headers_policy.pages.cors_config) == 0
    )
    error_message = "Pages still say that they come in two forms, and nothing replaces that."
  }
}

run "cors_is_off" {
  command = plan

  assert {
    condition = (
      length(aws_s3_bucket_cors_configuration.pypi) == 0 &&
      length(aws_cloudfront_response_headers_policy.files.custom_headers_config) == 0
    )
    error_message = "No other origin may read the index unless it is asked for."
  }
}

run "defaults" {
  command = apply

  assert {
    condition = (
      aws_lambda_function.indexer.architectures == tolist(["arm64"]) &&
      aws_lambda_function.indexer.reserved_concurrent_executions == -1 &&
      aws_lambda_event_source_mapping.events.scaling_config[0].maximum_concurrency == 10 &&
      aws_lambda_event_source_mapping.events.function_response_types == toset(["ReportBatchItemFailures"])
    )
    error_message = "The function runs on arm64, up to ten times at once, and answers for each message."
  }

  assert {
    condition = (
      aws_lambda_function.indexer.function_name == "example-bucket-indexer" &&
      aws_sqs_queue.events.name == "example-bucket-events" &&
      aws_sqs_queue.dlq.name == "example-bucket-events-dlq" &&
      aws_dynamodb_table.locks[0].name == "example-bucket-locks"
    )
    error_message = "Names come from the bucket's."
  }

  assert {
    condition = toset(keys(aws_lambda_function.indexer.environment[0].variables)) == toset([
      "S3PYPI_LOCKS_TABLE", "S3PYPI_QUEUE_URL", "S3PYPI_DLQ_URL", "S3PYPI_DISTRIBUTION_ID", "S3PYPI_SERVICE",
      "S3PYPI_DOMAIN",
    ])
    error_message = "Settings that are not given are left to the function's own defaults."
  }

  assert {
    condition = (
      contains(data.aws_iam_policy_document.bucket.statement[*].sid, "RefuseKeysOfClients") &&
      !contains(data.aws_iam_policy_document.bucket.statement[*].sid, "RefuseOtherKeys")
    )
    error_message = "The bucket refuses keys of clients; without a key of its own it has no other rule."
  }

  assert {
    condition = alltrue([
      for name in ["events", "dlq"] :
      anytrue([
        for statement in data.aws_iam_policy_document.https_only[name].statement :
        statement.effect == "Deny" && toset(statement.actions) == toset(["sqs:*"]) &&
        one(statement.principals).type == "*" &&
        one(statement.condition).variable == "aws:SecureTransport" &&
        tolist(one(statement.condition).values) == tolist(["false"])
        if statement.sid == "RefusePlainHTTP"
      ])
    ])
    error_message = "Neither queue takes requests by plain HTTP."
  }

  assert {
    condition = (
      toset(data.aws_iam_policy_document.https_only["events"].statement[0].resources) == toset([local.queue_arn]) &&
      toset(data.aws_iam_policy_document.https_only["dlq"].statement[0].resources) == toset([local.dlq_arn]) &&
      data.aws_iam_policy_document.queue.source_policy_documents == tolist([data.aws_iam_policy_document.https_only["events"].json]) &&
      data.aws_iam_policy_document.bucket.source_policy_documents == tolist([data.aws_iam_policy_document.https_only["bucket"].json]) &&
      aws_sqs_queue_policy.events.queue_url == aws_sqs_queue.events.id &&
      aws_sqs_queue_policy.dlq.queue_url == aws_sqs_queue.dlq.id
    )
    error_message = "Each queue has its own policy."
  }

  assert {
    condition     = aws_sqs_queue.events.visibility_timeout_seconds == 330
    error_message = "A message stays hidden for a little longer than the function's timeout."
  }

  assert {
    condition = (
      aws_dynamodb_table.locks[0].hash_key == "LockID" &&
      one(aws_dynamodb_table.locks[0].ttl[*].attribute_name) == "DeleteAt"
    )
    error_message = "The lock table has the key and the TTL attribute that the function uses."
  }

  assert {
    condition = toset([for queue in aws_s3_bucket_notification.pypi.queue : queue.filter_suffix]) == toset([
      ".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".yanked", ".project-status",
      ".metadata", "index.json", "index.html", "/",
    ])
    error_message = "The function hears of distributions and markers, and of the loss of what it writes."
  }

  assert {
    condition = alltrue([
      for queue in aws_s3_bucket_notification.pypi.queue :
      contains(queue.events, "s3:ObjectCreated:*") == !contains([".metadata", "index.json", "index.html", "/"], queue.filter_suffix) &&
      contains(queue.events, "s3:ObjectRemoved:*") && contains(queue.events, "s3:LifecycleExpiration:*")
    ])
    error_message = "The function does not hear of the pages that it writes."
  }

  assert {
    condition = (
      aws_cloudfront_distribution.cdn.http_version == "http2and3" &&
      aws_cloudfront_distribution.cdn.is_ipv6_enabled &&
      aws_cloudfront_distribution.cdn.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" &&
      aws_cloudfront_distribution.cdn.viewer_certificate[0].acm_certificate_arn == "arn:aws:acm:us-east-1:123456789012:certificate/found" &&
      aws_cloudfront_distribution.cdn.default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https"
    )
    error_message = "HTTP/2 and 3, IPv6, TLS 1.2 at least, the certificate that was found."
  }

  assert {
    condition = alltrue(concat(
      [length(aws_cloudfront_distribution.cdn.default_cache_behavior[0].function_association) == 1],
      [for each in aws_cloudfront_distribution.cdn.ordered_cache_behavior : length(each.function_association) == 1],
    ))
    error_message = "Every cache behavior has the viewer-request function."
  }

  assert {
    condition = alltrue([
      for each in concat(
        aws_cloudfront_distribution.cdn.default_cache_behavior,
        aws_cloudfront_distribution.cdn.ordered_cache_behavior,
      ) : contains(each.allowed_methods, "POST") && each.cached_methods == toset(["GET", "HEAD"])
    ])
    error_message = "The function answers uploaders with a 405; CloudFront itself would answer 403."
  }

  assert {
    condition = [for each in aws_cloudfront_distribution.cdn.ordered_cache_behavior : each.path_pattern] == ["*/", "/"] && alltrue([
      for each in aws_cloudfront_distribution.cdn.ordered_cache_behavior :
      each.response_headers_policy_id == aws_cloudfront_response_headers_policy.pages.id
    ])
    error_message = "Paths that end in a slash are pages, and say Vary."
  }

  assert {
    condition = alltrue([
      for policy in [aws_cloudfront_cache_policy.pages, aws_cloudfront_cache_policy.files] :
      policy.min_ttl == 0 &&
      policy.parameters_in_cache_key_and_forwarded_to_origin[0].headers_config[0].header_behavior == "none" &&
      policy.parameters_in_cache_key_and_forwarded_to_origin[0].query_strings_config[0].query_string_behavior == "none"
    ]) && aws_cloudfront_cache_policy.pages.default_ttl == 0
    error_message = "Pages are revalidated; neither Accept nor the query is part of a cache key."
  }

  assert {
    condition = { for each in aws_cloudfront_distribution.cdn.custom_error_response : each.error_code => each.error_caching_min_ttl } == {
      403 = 1, 404 = 0, 500 = 1, 502 = 1, 503 = 1, 504 = 1
    }
    error_message = "An installer that has just met a 404 finds the project as soon as it is uploaded."
  }

  assert {
    condition = alltrue([
      for each in aws_cloudfront_distribution.cdn.custom_error_response :
      each.response_code == each.error_code && each.response_page_path == "/.s3pypi/errors/${each.error_code}.html" &&
      aws_s3_object.error[each.error_code].key == ".s3pypi/errors/${each.error_code}.html" &&
      startswith(aws_s3_object.error[each.error_code].content, "<!-- ${each.error_code} ") &&
      aws_s3_object.error[each.error_code].cache_control == "no-store"
    ])
    error_message = "Errors keep their status, and have a page that begins with a plain line."
  }

  assert {
    condition = anytrue([
      for each in data.aws_iam_policy_document.bucket.statement :
      each.sid == "KeepErrorPages" && each.effect == "Deny" &&
      toset(each.actions) == toset(["s3:DeleteObject", "s3:DeleteObjectVersion"]) &&
      toset(each.resources) == toset(["${local.bucket_arn}/.s3pypi/errors/*"])
    ])
    error_message = "Nobody deletes the error pages, without which a 503 would become a 404."
  }

  assert {
    condition     = [for each in aws_cloudfront_response_headers_policy.pages.custom_headers_config[0].items : [each.header, each.value]] == [["Vary", "Accept, Accept-Encoding"]]
    error_message = "Pages come in two forms, each compressed or not."
  }

  assert {
    condition     = data.aws_acm_certificate.cdn[0].key_types == toset(["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1"])
    error_message = "A certificate is found whatever kind of key it has."
  }

  assert {
    condition     = toset(keys(aws_route53_record.cdn)) == toset(["A", "AAAA"]) && aws_route53_record.cdn["A"].zone_id == "ZFOUND"
    error_message = "The domain has records of IPv4 and IPv6 in the zone that was found."
  }

  assert {
    condition = (
      toset(keys(aws_cloudwatch_metric_alarm.alarms)) == toset(["dead-letters", "event-age", "errors", "throttles", "drift", "schedule"]) &&
      length(aws_cloudwatch_dashboard.index) == 1
    )
    error_message = "There are six alarms and a dashboard."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.alarms["drift"].dimensions.service == aws_lambda_function.indexer.environment[0].variables.S3PYPI_SERVICE
    error_message = "The alarm looks at the metric under the name that the function gives it."
  }

  assert {
    condition = (
      aws_lambda_permission.rebuild[0].source_account == null &&
      aws_lambda_permission.rebuild[0].source_arn == aws_cloudwatch_event_rule.rebuild[0].arn &&
      aws_lambda_permission.rebuild[0].principal == "events.amazonaws.com"
    )
    error_message = "EventBridge may invoke the function for this rule: it sends no source account."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.alarms["drift"].treat_missing_data == "breaching" &&
      aws_cloudwatch_metric_alarm.alarms["schedule"].namespace == "AWS/Events" &&
      aws_cloudwatch_metric_alarm.alarms["schedule"].metric_name == "FailedInvocations" &&
      aws_cloudwatch_metric_alarm.alarms["schedule"].dimensions == tomap({ RuleName = aws_cloudwatch_event_rule.rebuild[0].name })
    )
    error_message = "A schedule that does not run raises an alarm."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_target.rebuild[0].input) == { command = "rebuild", bucket = "example-bucket" }
    error_message = "The schedule asks the function for a rebuild of this bucket."
  }

  assert {
    condition = (
      aws_s3_bucket_versioning.pypi.versioning_configuration[0].status == "Enabled" &&
      aws_s3_bucket_public_access_block.pypi.restrict_public_buckets &&
      aws_s3_bucket_ownership_controls.pypi.rule[0].object_ownership == "BucketOwnerEnforced" &&
      length(aws_s3_bucket_lifecycle_configuration.pypi.rule) == 2 &&
      !aws_s3_bucket.pypi.force_destroy
    )
    error_message = "The bucket is private, versioned, tidied up, and kept."
  }

  assert {
    condition     = length(aws_lambda_function.edge) == 0
    error_message = "There is no basic authentication unless it is asked for."
  }
}

run "everything_off" {
  command = apply

  variables {
    enable_dynamodb_locking = false
    enable_versioning       = false
    noncurrent_version_days = null
    schedule                = null
    create_alarms           = false
    create_dashboard        = false
    create_dns_record       = false
    certificate_arn         = "arn:aws:acm:us-east-1:123456789012:certificate/mine"
  }

  assert {
    condition = (
      length(aws_dynamodb_table.locks) == 0 &&
      aws_lambda_function.indexer.reserved_concurrent_executions == 1 &&
      aws_lambda_event_source_mapping.events.scaling_config[0].maximum_concurrency == 2 &&
      jsondecode(aws_sqs_queue.events.redrive_policy).maxReceiveCount == 100 &&
      aws_lambda_function.indexer.environment[0].variables.S3PYPI_SINGLE_INSTANCE == "true" &&
      !contains(keys(aws_lambda_function.indexer.environment[0].variables), "S3PYPI_LOCKS_TABLE")
    )
    error_message = "Without a lock table the function runs one at a time, and a refusal is no failure."
  }

  assert {
    condition = (
      aws_s3_bucket_versioning.pypi.versioning_configuration[0].status == "Suspended" &&
      length(aws_s3_bucket_lifecycle_configuration.pypi.rule) == 1
    )
    error_message = "No versions, but unfinished uploads still go."
  }

  assert {
    condition = (
      length(aws_cloudwatch_event_rule.rebuild) + length(aws_cloudwatch_event_target.rebuild) + length(aws_lambda_permission.rebuild) == 0 &&
      length(aws_cloudwatch_metric_alarm.alarms) == 0 &&
      length(aws_cloudwatch_dashboard.index) == 0
    )
    error_message = "No schedule, no alarms, no dashboard."
  }

  assert {
    condition     = length(aws_route53_record.cdn) == 0 && length(data.aws_route53_zone.parent) == 0 && length(data.aws_acm_certificate.cdn) == 0
    error_message = "Neither a hosted zone nor a certificate is looked for."
  }

  assert {
    condition     = output.locks_table == null
    error_message = "There is no lock table to name."
  }
}

run "everything_on" {
  command = apply

  variables {
    prefixes                 = ["team", "team/stable", "team-stable"]
    tags                     = { owner = "platform" }
    immutable_files          = true
    kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/bucket"
    force_destroy            = true
    function_memory          = 2048
    function_timeout         = 60
    batch_size               = 100
    batch_window             = 5
    maximum_concurrency      = null
    log_retention_days       = 365
    schedule                 = "cron(0 3 * * ? *)"
    page_put_args            = { ServerSideEncryption = "aws:kms", SSEKMSKeyId = "arn:aws:kms:eu-west-1:123456789012:key/pages" }
    indexer_settings         = { max_wait = 30, lease_margin = 5, parallel_projects = 4, parallel_files = 16 }
    use_wildcard_certificate = true
    hosted_zone_id           = "ZMINE"
    price_class              = "PriceClass_All"
    web_acl_arn              = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/mine/1"
    enable_basic_auth        = true
    basic_auth_zip           = "versions.tf"
    alarm_topic_arns         = ["arn:aws:sns:eu-west-1:123456789012:alarms"]
    event_age_alarm_seconds  = 120
  }

  assert {
    condition = (
      length(aws_cloudfront_function.viewer_request) == 0 &&
      can(regex("^s3pypi-auth-[0-9a-f]{6}__pypi_example_com$", aws_lambda_function.edge["basic_auth"].function_name)) &&
      output.basic_auth_function == aws_lambda_function.edge["basic_auth"].function_name &&
      aws_lambda_function.edge["basic_auth"].architectures == tolist(["x86_64"]) &&
      aws_lambda_function.edge["basic_auth"].publish &&
      aws_lambda_function.edge["basic_auth"].timeout == 5 &&
      aws_lambda_function.edge["basic_auth"].memory_size == 128 &&
      length(aws_lambda_function.edge["basic_auth"].environment) == 0
    )
    error_message = "The function at the edge is what CloudFront takes for viewer-request."
  }

  assert {
    condition = alltrue([
      for each in concat(
        tolist(aws_cloudfront_distribution.cdn.default_cache_behavior),
        tolist(aws_cloudfront_distribution.cdn.ordered_cache_behavior),
      ) :
      one(each.lambda_function_association[*].lambda_arn) == aws_lambda_function.edge["basic_auth"].qualified_arn &&
      length(each.function_association) == 0 && each.viewer_protocol_policy == "https-only"
    ])
    error_message = "Every cache behavior asks for a password, and takes none in the clear."
  }

  assert {
    condition = (
      aws_lambda_function.indexer.environment[0].variables.S3PYPI_PREFIXES == "team,team-stable,team/stable" &&
      aws_lambda_function.indexer.environment[0].variables.S3PYPI_MAX_WAIT == "30" &&
      aws_lambda_function.indexer.environment[0].variables.S3PYPI_LEASE_MARGIN == "5" &&
      aws_lambda_function.indexer.environment[0].variables.S3PYPI_PARALLEL_PROJECTS == "4" &&
      aws_lambda_function.indexer.environment[0].variables.S3PYPI_PARALLEL_FILES == "16" &&
      jsondecode(aws_lambda_function.indexer.environment[0].variables.S3PYPI_PUT_ARGS).SSEKMSKeyId == "arn:aws:kms:eu-west-1:123456789012:key/pages"
    )
    error_message = "The finer settings reach the function."
  }

  assert {
    condition = (
      aws_lambda_function.indexer.memory_size == 2048 && aws_lambda_function.indexer.timeout == 60 &&
      aws_sqs_queue.events.visibility_timeout_seconds == 95 &&
      aws_lambda_event_source_mapping.events.batch_size == 100 &&
      aws_lambda_event_source_mapping.events.maximum_batching_window_in_seconds == 5 &&
      length(aws_lambda_event_source_mapping.events.scaling_config) == 0 &&
      aws_cloudwatch_log_group.function.retention_in_days == 365 &&
      aws_cloudwatch_event_rule.rebuild[0].schedule_expression == "cron(0 3 * * ? *)"
    )
    error_message = "Memory, timeout, batches, concurrency, retention and schedule are as given."
  }

  assert {
    condition = (
      one(aws_s3_bucket_server_side_encryption_configuration.pypi.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" &&
      aws_s3_bucket.pypi.force_destroy && aws_s3_bucket.pypi.tags.owner == "platform"
    )
    error_message = "The bucket is encrypted with the key, tagged, and may be deleted with its files."
  }

  assert {
    condition = contains(
      flatten([
        for statement in data.aws_iam_policy_document.bucket.statement :
        [for condition in statement.condition : tolist(condition.values)]
        if statement.sid == "RefuseOtherKeys"
      ]),
      "arn:aws:kms:eu-west-1:123456789012:key/bucket"
    )
    error_message = "With a key, the bucket refuses objects that are encrypted with others."
  }

  assert {
    condition = alltrue([
      for statement in flatten(concat(
        [for document in data.aws_iam_policy_document.bucket_key : document.statement],
        [data.aws_iam_policy_document.function.statement],
      )) :
      length(statement.condition) == 1 &&
      one(statement.condition).test == "StringEquals" &&
      one(statement.condition).variable == "kms:ViaService" &&
      tolist(one(statement.condition).values) == tolist(["s3.eu-west-1.amazonaws.com"])
      if anytrue([for action in statement.actions : startswith(action, "kms:")])
    ])
    error_message = "A key can be used through S3 alone, in the bucket's region."
  }

  assert {
    condition = (
      alltrue([for document in data.aws_iam_policy_document.bucket_key : length(document.statement) == 1]) &&
      alltrue([
        for document in concat(values(data.aws_iam_policy_document.uploader), values(data.aws_iam_policy_document.reader)) :
        length(document.source_policy_documents) == 1
      ]) &&
      length([
        for statement in data.aws_iam_policy_document.function.statement : statement
        if anytrue([for action in statement.actions : startswith(action, "kms:")])
      ]) == 2
    )
    error_message = "Uploaders and readers, of the bucket and of each prefix, and the function may use the keys."
  }

  assert {
    condition = (
      data.aws_acm_certificate.cdn[0].domain == "*.example.com" &&
      aws_route53_record.cdn["AAAA"].zone_id == "ZMINE" && length(data.aws_route53_zone.parent) == 0 &&
      aws_cloudfront_distribution.cdn.price_class == "PriceClass_All" &&
      aws_cloudfront_distribution.cdn.web_acl_id == "arn:aws:wafv2:us-east-1:123456789012:global/webacl/mine/1"
    )
    error_message = "Certificate, zone, price class and web ACL are as given."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.alarms["drift"].alarm_actions == toset(["arn:aws:sns:eu-west-1:123456789012:alarms"]) &&
      aws_cloudwatch_metric_alarm.alarms["schedule"].alarm_actions == toset(["arn:aws:sns:eu-west-1:123456789012:alarms"]) &&
      aws_cloudwatch_metric_alarm.alarms["dead-letters"].alarm_actions == toset(["arn:aws:sns:eu-west-1:123456789012:alarms"]) &&
      aws_cloudwatch_metric_alarm.alarms["event-age"].threshold == 120
    )
    error_message = "Alarms go to the topic."
  }

  assert {
    condition = (
      toset(keys(output.prefix_policy_arns)) == toset(["team", "team/stable", "team-stable"]) &&
      aws_iam_policy.uploader["team/stable"].name == "example-bucket-uploader-team+stable" &&
      aws_iam_policy.reader["team-stable"].name == "example-bucket-reader-team-stable"
    )
    error_message = "Each prefix has policies of its own, with names of their own."
  }
}

run "promotions" {
  command = apply

  variables {
    prefixes = ["dev", "prod/eu"]
    promotions = [
      { from = "dev", to = "prod/eu" },
      { from = "dev", to = "", move = true },
    ]
  }

  assert {
    condition = (
      toset(keys(output.promotion_policy_arns)) == toset(["dev=prod/eu", "dev=@"]) &&
      aws_iam_policy.promoter["dev=prod/eu"].name == "example-bucket-promoter-dev=prod+eu" &&
      output.promotion_policy_arns["dev=@"] == aws_iam_policy.promoter["dev=@"].arn
    )
    error_message = "Each pair of prefixes has a policy of its own."
  }

  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.promoter["dev=prod/eu"].statement : [
        for resource in statement.resources : resource
        if contains(statement.actions, "s3:PutObject") || contains(statement.actions, "s3:DeleteObject")
      ]
    ])) == toset([for suffix in concat(local.distributions, [".yanked"]) : "${local.bucket_arn}/prod/eu/*${suffix}"])
    error_message = "Distributions and yanks of the second index are all that may be written, and nothing may be deleted."
  }

  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.promoter["dev=@"].statement : statement.resources
      if contains(statement.actions, "s3:DeleteObject")
    ])) == toset([for suffix in concat(local.distributions, [".yanked"]) : "${local.bucket_arn}/dev/*${suffix}"])
    error_message = "To move files, those of the first index may be deleted."
  }
}

run "index_html" {
  command = apply

  variables {
    index_html     = true
    show_uploaders = true
  }

  assert {
    condition = (
      aws_lambda_function.indexer.environment[0].variables.S3PYPI_INDEX_HTML == "true" &&
      aws_lambda_function.indexer.environment[0].variables.S3PYPI_SHOW_UPLOADERS == "true" &&
      strcontains(aws_cloudfront_function.viewer_request[0].code, "const PAGE = 'index.html';")
    )
    error_message = "The function that writes pages and the one that finds them agree on their names."
  }
}
