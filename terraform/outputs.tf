output "index_url" {
  description = "Address of the index at the bucket's root; add `PREFIX/` for another."
  value       = module.s3pypi.index_url
}

output "pip_config" {
  description = "What a pip.conf needs."
  value       = module.s3pypi.pip_config
}

output "uv_config" {
  description = "What a pyproject.toml needs for uv."
  value       = module.s3pypi.uv_config
}

output "bucket" {
  description = "Name of the bucket; the command's `--bucket`."
  value       = module.s3pypi.bucket
}

output "function_name" {
  description = "Name of the function; the command's `--function`."
  value       = module.s3pypi.function_name
}

output "locks_table" {
  description = "Name of the lock table, which `force-unlock` takes; null without locking."
  value       = module.s3pypi.locks_table
}

output "queue_url" {
  description = "URL of the queue of events."
  value       = module.s3pypi.queue_url
}

output "dlq_arn" {
  description = "ARN of the dead-letter queue, which `aws sqs start-message-move-task` takes."
  value       = module.s3pypi.dlq_arn
}

output "distribution_id" {
  description = "ID of the CloudFront distribution."
  value       = module.s3pypi.distribution_id
}

output "distribution_domain" {
  description = "CloudFront's own domain name of it, for DNS records that are made elsewhere."
  value       = module.s3pypi.distribution_domain
}

output "policy_arns" {
  description = "ARNs of the managed policies to attach to users, roles and groups."
  value       = module.s3pypi.policy_arns
}

output "policy_documents" {
  description = "The documents of these policies and of the roles, as JSON."
  value       = module.s3pypi.policy_documents
}
