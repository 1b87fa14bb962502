# The variables that most deployments set. The module has more: see docs/deploy.md.

variable "region" {
  description = "AWS region of the bucket and the function, such as `eu-west-1`."
  type        = string
}

variable "bucket" {
  description = "Name of the S3 bucket that holds the index."
  type        = string
}

variable "domain" {
  description = "Domain name of the index, such as `pypi.example.com`."
  type        = string
}

variable "use_wildcard_certificate" {
  description = "Look for a certificate of `*.example.com` rather than of `pypi.example.com`."
  type        = bool
  default     = false
}

variable "enable_dynamodb_locking" {
  description = "Keep leases in a DynamoDB table, so that the function may run many times at once. Without it, it runs one at a time."
  type        = bool
  default     = true
}

variable "enable_basic_auth" {
  description = "Ask readers for a user and a password, which `basic_auth/put_user.py` sets."
  type        = bool
  default     = false
}

variable "create_dns_record" {
  description = "Make the domain's A and AAAA records in Route 53. Without, point the domain at the output `distribution_domain` yourself."
  type        = bool
  default     = true
}

variable "immutable_files" {
  description = "Have S3 refuse to overwrite a distribution."
  type        = bool
  default     = false
}

variable "function_memory" {
  description = "Memory of the function in MB."
  type        = number
  default     = 1024
}

variable "function_timeout" {
  description = "Seconds that one invocation may take."
  type        = number
  default     = 300
}

variable "batch_size" {
  description = "Maximum number of events in one invocation. More than 10 needs a `batch_window` of at least 1."
  type        = number
  default     = 10
}

variable "batch_window" {
  description = "Seconds to gather events before the function is invoked."
  type        = number
  default     = 0
}

variable "maximum_concurrency" {
  description = "Maximum number of concurrent invocations for events; null for as many as the account allows."
  type        = number
  default     = 10
}

variable "alarm_topic_arns" {
  description = "SNS topics that alarms are sent to, and their ends."
  type        = list(string)
  default     = []
}

variable "force_destroy" {
  description = "Let `terraform destroy` delete a bucket that has files in it, and all of them with it."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags for every resource that can have them."
  type        = map(string)
  default     = {}
}
