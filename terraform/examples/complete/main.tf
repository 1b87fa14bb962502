# An example with every option of the module.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.region
}

provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
}

variable "region" {
  description = "AWS region of the bucket and the function."
  type        = string
  default     = "eu-west-1"
}

variable "bucket" {
  description = "Name of the bucket."
  type        = string
}

variable "domain" {
  description = "Domain name of the index."
  type        = string
}

module "s3pypi" {
  source = "../../modules/s3pypi"

  bucket   = var.bucket
  domain   = var.domain
  prefixes = ["team", "team/stable"]
  tags     = { service = "package-index" }

  enable_versioning       = true
  noncurrent_version_days = 90
  abort_multipart_days    = 3
  immutable_files         = true
  kms_key_arn             = aws_kms_key.index.arn
  force_destroy           = true

  enable_dynamodb_locking = true

  function_memory     = 1024
  function_timeout    = 120
  batch_size          = 20
  batch_window        = 1
  maximum_concurrency = 5
  log_retention_days  = 365
  schedule            = "cron(0 3 * * ? *)"
  index_html          = false
  page_put_args       = { StorageClass = "STANDARD", Tagging = "kind=page" }
  indexer_settings    = { max_wait = 30, parallel_projects = 4 }

  certificate_arn   = data.aws_acm_certificate.index.arn
  create_dns_record = true
  hosted_zone_id    = data.aws_route53_zone.company.zone_id
  price_class       = "PriceClass_All"
  enable_basic_auth = true

  token_issuers = {
    aws = {
      issuer   = "https://abc123-def456.tokens.sts.global.api.aws"
      subjects = { "arn:aws:iam::123456789012:role/ci-*" = ["team/"] }
    }
  }

  upstream           = "https://packages.example/simple/"
  private_names      = ["acme-*", "billing"]
  check_names        = true
  acknowledged_names = ["billing"]

  alarm_topic_arns        = [aws_sns_topic.alarms.arn]
  create_alarms           = true
  create_dashboard        = true
  event_age_alarm_seconds = 600

  providers = {
    aws.us_east_1 = aws.us_east_1
  }
}

data "aws_acm_certificate" "index" {
  provider = aws.us_east_1
  domain   = var.domain
  statuses = ["ISSUED"]
}

data "aws_route53_zone" "company" {
  name = replace(var.domain, "/^[^.]+\\./", "")
}

resource "aws_sns_topic" "alarms" {
  name              = "${replace(var.bucket, ".", "-")}-alarms"
  kms_master_key_id = aws_kms_key.index.id
}

# One key for the bucket and the topic. CloudFront and CloudWatch need permissions.

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "index" {
  description         = "The package index in s3://${var.bucket}"
  enable_key_rotation = true
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:In the policy of a key, * is that key
  #checkov:skip=CKV_AWS_111:In the policy of a key, * is that key
  #checkov:skip=CKV_AWS_356:In the policy of a key, * is that key
  statement {
    sid       = "Administer"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  statement {
    sid       = "LetTheDistributionRead"
    actions   = ["kms:Decrypt"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [module.s3pypi.distribution_arn]
    }
  }

  statement {
    sid       = "LetAlarmsBeSent"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
  }
}

resource "aws_kms_key_policy" "index" {
  key_id = aws_kms_key.index.id
  policy = data.aws_iam_policy_document.key.json
}

# A role that may upload to the index of the team, for example from CI.
resource "aws_iam_group" "team" {
  name = "${replace(var.bucket, ".", "-")}-team"
}

resource "aws_iam_group_policy_attachment" "team" {
  group      = aws_iam_group.team.name
  policy_arn = module.s3pypi.prefix_policy_arns["team"].uploader
}

output "index_url" {
  description = "Address of the index."
  value       = module.s3pypi.index_url
}

output "bucket" {
  description = "Name of the bucket."
  value       = module.s3pypi.bucket
}

output "function_name" {
  description = "Name of the function."
  value       = module.s3pypi.function_name
}

output "basic_auth_function" {
  description = "Name of the function that checks passwords."
  value       = module.s3pypi.basic_auth_function
}

output "distribution_domain" {
  description = "CloudFront's own domain name of the distribution."
  value       = module.s3pypi.distribution_domain
}

output "policy_documents" {
  description = "The policies, as JSON."
  value       = module.s3pypi.policy_documents
}
