# The index

variable "bucket" {
  description = "Name of the S3 bucket that holds the index."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "A bucket name has 3 to 63 lower-case letters, digits, dots and hyphens."
  }
}

variable "domain" {
  description = "Domain name of the index, such as `pypi.example.com`."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "Use a domain name in lower case, without https:// and without a path."
  }
}

variable "prefixes" {
  description = "Prefixes of indexes. Each gets separate uploader and reader policies, and is an index regardless of its content. Other prefixes are served, too."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for each in var.prefixes : can(regex("^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*$", each))])
    error_message = "A prefix consists of normalized names (lower case, digits, single hyphens) without slashes around it, as in `team` or `team/stable`."
  }

  validation {
    condition     = alltrue([for each in var.prefixes : length(each) <= 64])
    error_message = "A prefix has at most 64 characters, because it is part of a policy's name."
  }
}

variable "promotions" {
  description = "Pairs of prefixes for `s3pypi promote`, such as `[{ from = \"dev\", to = \"prod\" }]`; `\"\"` is the index at the bucket's root. Each pair gets a policy. With `move = true`, the policy also allows `--move`."
  type = set(object({
    from = string
    to   = string
    move = optional(bool, false)
  }))
  default = []

  validation {
    condition     = alltrue([for each in var.promotions : each.from != each.to && alltrue([for one in [each.from, each.to] : one == "" || contains(var.prefixes, one)])])
    error_message = "`from` and `to` must be two different `prefixes`; `\"\"` is the index at the bucket's root."
  }

  validation {
    condition     = length(distinct([for each in var.promotions : [each.from, each.to]])) == length(var.promotions)
    error_message = "Name each pair of prefixes once."
  }
}

variable "tags" {
  description = "Tags for every resource that supports them."
  type        = map(string)
  default     = {}
}

# The bucket

variable "enable_versioning" {
  description = "Keep overwritten and deleted objects as noncurrent versions, so that they can be restored."
  type        = bool
  default     = true
}

variable "noncurrent_version_days" {
  description = "Days until noncurrent versions are removed; null keeps them forever."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_version_days == null || try(var.noncurrent_version_days >= 1 && floor(var.noncurrent_version_days) == var.noncurrent_version_days, false)
    error_message = "Use an integer number of days, at least 1, or null."
  }
}

variable "abort_multipart_days" {
  description = "Days until the parts of an unfinished multipart upload are removed."
  type        = number
  default     = 7

  validation {
    condition     = var.abort_multipart_days >= 1 && floor(var.abort_multipart_days) == var.abort_multipart_days
    error_message = "Use an integer number of days, at least 1."
  }
}

variable "immutable_files" {
  description = "Make S3 refuse to overwrite a distribution. Uploaders must send `If-None-Match: *`: `s3pypi upload` without `--force` does, `aws s3 cp` does not."
  type        = bool
  default     = false
}

variable "kms_key_arn" {
  description = "KMS key for the bucket's default encryption; null for SSE-S3. The key's policy must allow CloudFront to decrypt, as in examples/complete."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "Use the ARN of a key (not of an alias), as in arn:aws:kms:eu-west-1:123456789012:key/…"
  }
}

variable "force_destroy" {
  description = "Let `terraform destroy` delete a bucket that is not empty, with all of its files."
  type        = bool
  default     = false
}

# Locking

variable "enable_dynamodb_locking" {
  description = "Keep locks in a DynamoDB table, so that invocations can run concurrently. Without it, the function runs one invocation at a time."
  type        = bool
  default     = true
}

# The function

variable "function_zip" {
  description = "Path of the function's zip; null for `dist/lambda_indexer.zip`, which `make package` builds."
  type        = string
  default     = null
}

variable "function_memory" {
  description = "Memory of the function in MB."
  type        = number
  default     = 1024

  validation {
    condition     = var.function_memory >= 256 && var.function_memory <= 10240
    error_message = "Use a number from 256 to 10240."
  }
}

variable "function_timeout" {
  description = "Timeout of one invocation in seconds. If an invocation times out, its projects are retried after about the same time."
  type        = number
  default     = 300

  validation {
    condition     = var.function_timeout >= 30 && var.function_timeout <= 900
    error_message = "Use a number from 30 to 900."
  }
}

variable "batch_size" {
  description = "Maximum number of events in one invocation. More than 10 requires a `batch_window` of at least 1."
  type        = number
  default     = 10

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 1000
    error_message = "Use a number from 1 to 1000."
  }

  validation {
    condition     = var.batch_size <= 10 || var.batch_window >= 1
    error_message = "AWS collects more than 10 events only if batch_window is at least 1."
  }
}

variable "batch_window" {
  description = "Seconds to collect events before the function is invoked. Every upload becomes visible this much later."
  type        = number
  default     = 0

  validation {
    condition     = var.batch_window >= 0 && var.batch_window <= 300
    error_message = "Use a number from 0 to 300."
  }
}

variable "maximum_concurrency" {
  description = "Maximum number of concurrent invocations for events; null for the account's limit. Ignored without locking."
  type        = number
  default     = 10

  validation {
    condition     = var.maximum_concurrency == null || try(var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000, false)
    error_message = "Use a number from 2 to 1000, or null."
  }
}

variable "log_retention_days" {
  description = "Retention of the function's log in days."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "Use one of the periods of CloudWatch: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "schedule" {
  description = "When the function compares the index with the bucket and rebuilds what differs, as an EventBridge expression; null for never."
  type        = string
  default     = "rate(1 day)"

  validation {
    condition     = var.schedule == null || can(regex("^(rate|cron)\\(.+\\)$", var.schedule))
    error_message = "Use an expression such as rate(1 day) or cron(0 3 * * ? *), or null."
  }
}

variable "show_uploaders" {
  description = "Show on pages, to all readers, which AWS principal uploaded each file. Applies to later uploads; see docs/operate.md."
  type        = bool
  default     = false
}

variable "index_html" {
  description = "Name pages `index.html`, as in a bucket that is served as an S3 website."
  type        = bool
  default     = false
}

variable "page_put_args" {
  description = "Additional parameters of S3's PutObject for pages and metadata files, such as `{ ServerSideEncryption = \"aws:kms\", SSEKMSKeyId = \"arn:…\" }`."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([
      for name in keys(var.page_put_args) : contains([
        "ACL", "BucketKeyEnabled", "SSEKMSEncryptionContext", "SSEKMSKeyId", "ServerSideEncryption",
        "StorageClass", "Tagging",
      ], name)
    ])
    error_message = "The function supports ACL, BucketKeyEnabled, SSEKMSEncryptionContext, SSEKMSKeyId, ServerSideEncryption, StorageClass and Tagging."
  }

  validation {
    condition     = lookup(var.page_put_args, "ACL", "bucket-owner-full-control") == "bucket-owner-full-control"
    error_message = "ACLs are disabled in this bucket, so the only ACL that S3 accepts is bucket-owner-full-control."
  }

  validation {
    condition     = can(regex("^arn:", lookup(var.page_put_args, "SSEKMSKeyId", "arn:")))
    error_message = "SSEKMSKeyId must be the ARN of a key, because the function's permissions contain it."
  }
}

variable "indexer_settings" {
  description = "Settings for tuning the function; see the `S3PYPI_…` variables in docs/operate.md."
  type = object({
    max_wait          = optional(number)
    lease_margin      = optional(number)
    parallel_projects = optional(number)
    parallel_files    = optional(number)
  })
  default = {}

  validation {
    condition = alltrue([
      try(var.indexer_settings.max_wait >= 0 && var.indexer_settings.max_wait <= 900, var.indexer_settings.max_wait == null),
      try(var.indexer_settings.lease_margin >= 1 && var.indexer_settings.lease_margin <= 900, var.indexer_settings.lease_margin == null),
      try(var.indexer_settings.parallel_projects >= 1 && var.indexer_settings.parallel_projects <= 100, var.indexer_settings.parallel_projects == null),
      try(var.indexer_settings.parallel_files >= 1 && var.indexer_settings.parallel_files <= 100, var.indexer_settings.parallel_files == null),
    ])
    error_message = "max_wait must be from 0 to 900, lease_margin from 1 to 900, and the others from 1 to 100."
  }
}

# Serving

variable "use_wildcard_certificate" {
  description = "Look up a certificate for `*.example.com` instead of `pypi.example.com`."
  type        = bool
  default     = false
}

variable "certificate_arn" {
  description = "ARN of the certificate in us-east-1; null to look it up in Certificate Manager by domain."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:[a-z-]+:(acm:us-east-1|iam:):", var.certificate_arn))
    error_message = "CloudFront only accepts certificates of Certificate Manager in us-east-1."
  }
}

variable "create_dns_record" {
  description = "Create the domain's A and AAAA records in Route 53. If false, point the domain at the output `distribution_domain` yourself."
  type        = bool
  default     = true
}

variable "hosted_zone_id" {
  description = "Hosted zone for these records; null to look up the public zone of the parent domain."
  type        = string
  default     = null
}

variable "price_class" {
  description = "CloudFront's edge locations: `PriceClass_100`, `PriceClass_200` or `PriceClass_All`."
  type        = string
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "Use PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "cors_origins" {
  description = "Origins of web pages that may install from the index (Pyodide, JupyterLite), such as `[\"https://notebooks.example.com\"]`; `*` for all. Browsers cannot send passwords or tokens to another origin."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : origin == "*" || can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$", origin))])
    error_message = "Use * or an origin without a trailing slash, such as https://notebooks.example.com."
  }

  validation {
    condition     = length(var.cors_origins) == 0 || !var.enable_basic_auth
    error_message = "cors_origins and enable_basic_auth cannot be used together: browsers do not send passwords to another origin."
  }
}

variable "web_acl_arn" {
  description = "AWS WAF web ACL (scope CLOUDFRONT) in front of the index; null for none."
  type        = string
  default     = null
}

variable "enable_basic_auth" {
  description = "Require a user name and password from readers. `basic_auth/put_user.py` manages the users."
  type        = bool
  default     = false

  validation {
    condition     = !var.enable_basic_auth || length(var.domain) <= 44
    error_message = "With basic authentication, the domain has at most 44 characters, because it is part of a function's name."
  }
}

variable "token_issuers" {
  description = "Issuers of tokens that the index accepts instead of passwords, by names of your choice. `subjects` maps patterns of the token's `sub` to the prefixes that it may read: `*` matches any characters, and `/` is the whole index. See docs/users.md."
  type = map(object({
    issuer   = string
    keys_url = optional(string)
    subjects = map(list(string))
  }))
  default = {}

  validation {
    condition     = length(var.token_issuers) == 0 || var.enable_basic_auth
    error_message = "token_issuers requires enable_basic_auth, whose function also checks tokens."
  }

  validation {
    condition = (
      length(var.token_issuers) <= 10 &&
      length(distinct([for each in var.token_issuers : each.issuer])) == length(var.token_issuers) &&
      alltrue([for name in keys(var.token_issuers) : can(regex("^[A-Za-z0-9_.-]{1,128}$", name))])
    )
    error_message = "Use at most 10 different issuers, with names of letters, digits, dots, hyphens and underscores."
  }

  validation {
    condition = alltrue([
      for url in flatten([for each in var.token_issuers : compact([each.issuer, each.keys_url])]) :
      can(regex("^https://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$", url))
    ])
    error_message = "issuer and keys_url must be https URLs without a query, as in the output of `aws iam get-outbound-web-identity-federation-info`."
  }

  validation {
    condition = alltrue([
      for each in var.token_issuers :
      length(each.subjects) > 0 && alltrue([for subject in keys(each.subjects) : can(regex("^[^*]", subject))])
    ])
    error_message = "Each issuer needs at least one subject, and none may begin with `*`, which would match anybody."
  }

  validation {
    condition = alltrue([
      for prefixes in flatten([for each in var.token_issuers : [for some in values(each.subjects) : { of = some }]]) :
      length(prefixes.of) > 0 && alltrue([
        for prefix in prefixes.of :
        can(regex("^/$|^/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?$", prefix)) && !can(regex("(^|/)[.]{1,2}(/|$)", prefix))
      ])
    ])
    error_message = "Each subject needs a list of prefixes such as `team/`, or `/` for the whole index."
  }

  # Every GitHub user can get tokens of this issuer, for any audience.
  validation {
    condition = alltrue(flatten([
      for each in var.token_issuers : [
        for subject in keys(each.subjects) : can(regex("^repo:[A-Za-z0-9-]+/", subject))
      ] if strcontains(each.issuer, "token.actions.githubusercontent.com")
    ]))
    error_message = "A subject of GitHub Actions must begin with `repo:OWNER/`, without a `*` in the owner's name."
  }
}

variable "basic_auth_zip" {
  description = "Path of the zip of the Lambda@Edge functions, which check passwords and redirect to the upstream; null for `dist/basic_auth.zip`, which `make package` builds."
  type        = string
  default     = null
}

variable "upstream" {
  description = "URL of a Simple API, with a trailing slash, to which clients are redirected for projects that this index does not have; null for none. Requires `private_names`."
  type        = string
  default     = null

  validation {
    condition     = var.upstream == null || can(regex("^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/$", var.upstream))
    error_message = "Use the https URL of a Simple API, such as https://packages.example/simple/, with a trailing slash and without a user, a query or a fragment."
  }
}

variable "private_names" {
  description = "Project names that are never redirected to the upstream, uploaded or not, such as `[\"acme-*\", \"billing\"]`; `*` matches any characters."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for each in var.private_names : can(regex("^[a-z0-9*]+(-[a-z0-9*]+)*$", each))])
    error_message = "Write private names in lower case with single hyphens, as in `acme-billing`; `*` matches any characters, as in `acme-*`."
  }

  validation {
    condition     = length(join(",", concat(var.private_names, tolist(var.prefixes)))) < 4096
    error_message = "Private names and prefixes, joined by commas, have at most 4,095 characters, because headers are limited in size. Combine names with `*`."
  }

  validation {
    condition     = (length(var.private_names) == 0) == (var.upstream == null)
    error_message = "Set upstream and private_names together: without private names, installers get packages that you have not uploaded yet from the upstream."
  }
}

variable "check_names" {
  description = "Check on the schedule whether the upstream has projects with your projects' names, with an alarm for each one found. This discloses your names to the upstream."
  type        = bool
  default     = false

  validation {
    condition     = !var.check_names || (var.upstream != null && var.schedule != null)
    error_message = "check_names requires upstream and schedule, because the check runs on the schedule."
  }
}

variable "acknowledged_names" {
  description = "Project names that are known to exist on the upstream and raise no alarm."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for each in var.acknowledged_names : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", each))])
    error_message = "Write acknowledged names in lower case with single hyphens, as in `acme-billing`."
  }

  # EventBridge takes 8,192 characters of input.
  validation {
    condition     = length(jsonencode(var.acknowledged_names)) <= 8000
    error_message = "acknowledged_names has at most 8,000 characters in JSON."
  }
}

# Monitoring

variable "alarm_topic_arns" {
  description = "ARNs of SNS topics that are notified when an alarm starts or ends."
  type        = list(string)
  default     = []
}

variable "create_alarms" {
  description = "Create the CloudWatch alarms."
  type        = bool
  default     = true
}

variable "create_dashboard" {
  description = "Create the CloudWatch dashboard. The first three of an account are free."
  type        = bool
  default     = true
}

variable "event_age_alarm_seconds" {
  description = "Age of the oldest unprocessed event, in seconds, above which the event-age alarm starts."
  type        = number
  default     = 900

  validation {
    condition     = var.event_age_alarm_seconds >= 60
    error_message = "Use a number of at least 60."
  }
}
