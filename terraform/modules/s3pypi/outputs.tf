output "index_url" {
  description = "URL of the index at the bucket's root; append `PREFIX/` for another index."
  value       = "https://${var.domain}/"
}

output "pip_config" {
  description = "Configuration for pip.conf."
  value       = "[global]\nindex-url = https://${var.domain}/\n"
}

output "uv_config" {
  description = "Configuration of uv for pyproject.toml. In uv.toml, leave out `tool.uv.`."
  value       = "[[tool.uv.index]]\nname = \"${split(".", var.domain)[0]}\"\nurl = \"https://${var.domain}/\"\ndefault = true\n"
}

output "bucket" {
  description = "Name of the bucket, for the command's `--bucket`."
  value       = aws_s3_bucket.pypi.id
}

output "function_name" {
  description = "Name of the function, for the command's `--function`."
  value       = aws_lambda_function.indexer.function_name
}

output "function_role_arn" {
  description = "ARN of the function's role, for the policies of keys."
  value       = aws_iam_role.function.arn
}

output "locks_table" {
  description = "Name of the lock table, for `force-unlock`; null without locking."
  value       = one(aws_dynamodb_table.locks[*].name)
}

output "queue_url" {
  description = "URL of the event queue."
  value       = aws_sqs_queue.events.url
}

output "dlq_arn" {
  description = "ARN of the dead-letter queue, for `aws sqs start-message-move-task`."
  value       = aws_sqs_queue.dlq.arn
}

output "dlq_url" {
  description = "URL of the dead-letter queue, for `aws sqs receive-message`."
  value       = aws_sqs_queue.dlq.url
}

output "distribution_id" {
  description = "ID of the CloudFront distribution."
  value       = aws_cloudfront_distribution.cdn.id
}

output "distribution_arn" {
  description = "ARN of the CloudFront distribution, for the policies of keys."
  value       = aws_cloudfront_distribution.cdn.arn
}

output "distribution_domain" {
  description = "CloudFront domain name of the distribution, for DNS records managed elsewhere."
  value       = aws_cloudfront_distribution.cdn.domain_name
}

output "basic_auth_function" {
  description = "Name of the Lambda@Edge function that checks passwords, in us-east-1; null without basic authentication."
  value       = try(aws_lambda_function.edge["basic_auth"].function_name, null)
}

output "policy_arns" {
  description = "ARNs of the managed policies to attach to users, roles and groups."
  value = {
    uploader = aws_iam_policy.uploader[""].arn
    reader   = aws_iam_policy.reader[""].arn
    operator = aws_iam_policy.operator.arn
    token    = one(aws_iam_policy.token[*].arn)
  }
}

output "prefix_policy_arns" {
  description = "ARNs of the policies for each index in `prefixes`, by prefix."
  value = {
    for prefix in var.prefixes : prefix => {
      uploader = aws_iam_policy.uploader[prefix].arn
      reader   = aws_iam_policy.reader[prefix].arn
    }
  }
}

output "promotion_policy_arns" {
  description = "ARNs of the policies for each pair in `promotions`, as `FROM=TO`; the root is `@`."
  value       = { for pair, policy in aws_iam_policy.promoter : pair => policy.arn }
}

output "policy_documents" {
  description = "Documents of these policies and of the roles, as JSON; all except `function_cdn` are known at plan time."
  value = merge({
    uploader     = data.aws_iam_policy_document.uploader[""].json
    reader       = data.aws_iam_policy_document.reader[""].json
    operator     = data.aws_iam_policy_document.operator.json
    function     = data.aws_iam_policy_document.function.json
    function_cdn = data.aws_iam_policy_document.function_cdn.json
    basic_auth   = data.aws_iam_policy_document.basic_auth.json
    token        = data.aws_iam_policy_document.token.json
    }, {
    for pair, document in data.aws_iam_policy_document.promoter : "promoter ${pair}" => document.json
  })
}
