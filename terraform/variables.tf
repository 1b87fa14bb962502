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

variable "prefixes" {
  description = "Prefixes of indexes, such as `[\"team\", \"team/stable\"]`. Each gets separate policies, and is an index regardless of its content."
  type        = set(string)
  default     = []
}

variable "promotions" {
  description = "Pairs of prefixes for `s3pypi promote`, such as `[{ from = \"dev\", to = \"prod\" }]`; `\"\"` is the index at the bucket's root. Each pair gets a policy. With `move = true`, the policy also allows `--move`."
  type = set(object({
    from = string
    to   = string
    move = optional(bool, false)
  }))
  default = []
}

variable "show_uploaders" {
  description = "Show on pages, to all readers, which AWS principal uploaded each file. Applies to later uploads; see docs/operate.md."
  type        = bool
  default     = false
}

variable "use_wildcard_certificate" {
  description = "Look up a certificate for `*.example.com` instead of `pypi.example.com`."
  type        = bool
  default     = false
}

variable "enable_dynamodb_locking" {
  description = "Keep locks in a DynamoDB table, so that invocations can run concurrently. Without it, the function runs one invocation at a time."
  type        = bool
  default     = true
}

variable "enable_basic_auth" {
  description = "Require a user name and password from readers. `basic_auth/put_user.py` manages the users."
  type        = bool
  default     = false
}

variable "token_issuers" {
  description = "Issuers of tokens that the index accepts instead of passwords, by names of your choice. `subjects` maps patterns of the token's `sub` to the prefixes that it may read: `*` matches any characters, and `/` is the whole index. See docs/users.md."
  type = map(object({
    issuer   = string
    keys_url = optional(string)
    subjects = map(list(string))
  }))
  default = {}
}

variable "upstream" {
  description = "URL of a Simple API, with a trailing slash, to which clients are redirected for projects that this index does not have; null for none. Requires `private_names`."
  type        = string
  default     = null
}

variable "private_names" {
  description = "Project names that are never redirected to the upstream, uploaded or not, such as `[\"acme-*\", \"billing\"]`; `*` matches any characters."
  type        = list(string)
  default     = []
}

variable "check_names" {
  description = "Check on the schedule whether the upstream has projects with your projects' names, with an alarm for each one found. This discloses your names to the upstream."
  type        = bool
  default     = false
}

variable "acknowledged_names" {
  description = "Project names that are known to exist on the upstream and raise no alarm."
  type        = list(string)
  default     = []
}

variable "create_dns_record" {
  description = "Create the domain's A and AAAA records in Route 53. If false, point the domain at the output `distribution_domain` yourself."
  type        = bool
  default     = true
}

variable "immutable_files" {
  description = "Make S3 refuse to overwrite a distribution. Uploaders must send `If-None-Match: *`: `s3pypi upload` without `--force` does, `aws s3 cp` does not."
  type        = bool
  default     = false
}

variable "function_memory" {
  description = "Memory of the function in MB."
  type        = number
  default     = 1024
}

variable "function_timeout" {
  description = "Timeout of one invocation in seconds. If an invocation times out, its projects are retried after about the same time."
  type        = number
  default     = 300
}

variable "batch_size" {
  description = "Maximum number of events in one invocation. More than 10 requires a `batch_window` of at least 1."
  type        = number
  default     = 10
}

variable "batch_window" {
  description = "Seconds to collect events before the function is invoked. Every upload becomes visible this much later."
  type        = number
  default     = 0
}

variable "maximum_concurrency" {
  description = "Maximum number of concurrent invocations for events; null for the account's limit. Ignored without locking."
  type        = number
  default     = 10
}

variable "alarm_topic_arns" {
  description = "ARNs of SNS topics that are notified when an alarm starts or ends."
  type        = list(string)
  default     = []
}

variable "force_destroy" {
  description = "Let `terraform destroy` delete a bucket that is not empty, with all of its files."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags for every resource that supports them."
  type        = map(string)
  default     = {}
}
