output "index_url" {
  description = "URL of the index at the bucket's root; append `PREFIX/` for another index."
  value       = module.s3pypi.index_url
}

output "pip_config" {
  description = "Configuration for pip.conf."
  value       = module.s3pypi.pip_config
}

output "uv_config" {
  description = "Configuration of uv for pyproject.toml."
  value       = module.s3pypi.uv_config
}

output "bucket" {
  description = "Name of the bucket, for the command's `--bucket`."
  value       = module.s3pypi.bucket
}

output "function_name" {
  description = "Name of the function, for the command's `--function`."
  value       = module.s3pypi.function_name
}

output "locks_table" {
  description = "Name of the lock table, for `force-unlock`; null without locking."
  value       = module.s3pypi.locks_table
}

output "queue_url" {
  description = "URL of the event queue."
  value       = module.s3pypi.queue_url
}

output "dlq_arn" {
  description = "ARN of the dead-letter queue, for `aws sqs start-message-move-task`."
  value       = module.s3pypi.dlq_arn
}

output "dlq_url" {
  description = "URL of the dead-letter queue, for `aws sqs receive-message`."
  value       = module.s3pypi.dlq_url
}

output "distribution_id" {
  description = "ID of the CloudFront distribution."
  value       = module.s3pypi.distribution_id
}

output "distribution_domain" {
  description = "CloudFront domain name of the distribution, for DNS records managed elsewhere."
  value       = module.s3pypi.distribution_domain
}

output "domain" {
  description = "Domain name of the index."
  value       = var.domain
}

output "basic_auth_function" {
  description = "Name of the Lambda@Edge function that checks passwords, in us-east-1; null without basic authentication."
  value       = module.s3pypi.basic_auth_function
}

output "policy_arns" {
  description = "ARNs of the managed policies to attach to users, roles and groups."
  value       = module.s3pypi.policy_arns
}

output "promotion_policy_arns" {
  description = "ARNs of the policies for each pair in `promotions`, as `FROM=TO`; the root is `@`."
  value       = module.s3pypi.promotion_policy_arns
}

output "policy_documents" {
  description = "Documents of these policies and of the roles, as JSON."
  value       = module.s3pypi.policy_documents
}
