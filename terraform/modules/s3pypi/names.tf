# All names and ARNs are known at plan time, so that policies can be read and tested from a plan.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  # Names of queues and functions have no dots and at most 64 characters. Changed names end in a hash of the bucket's
  # name, so that those of a.b and a-b, or of two long names, differ.
  plain_name = replace(var.bucket, ".", "-")
  name = (
    local.plain_name == var.bucket && length(var.bucket) <= 48 ? var.bucket :
    "${trim(substr(local.plain_name, 0, 39), "-")}-${substr(sha256(var.bucket), 0, 8)}"
  )

  function = "${local.name}-indexer"
  queue    = "${local.name}-events"
  dlq      = "${local.queue}-dlq"
  table    = "${var.bucket}-locks"

  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  # `id` is the name of the region in versions 5 and 6 of the provider; `name` is deprecated in 6.
  region = data.aws_region.current.id

  bucket_arn    = "arn:${local.partition}:s3:::${var.bucket}"
  queue_arn     = "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.queue}"
  dlq_arn       = "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.dlq}"
  table_arn     = "arn:${local.partition}:dynamodb:${local.region}:${local.account}:table/${local.table}"
  function_arn  = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.function}"
  log_group     = "/aws/lambda/${local.function}"
  log_group_arn = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.log_group}"

  distributions = [".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz"]
  markers       = [".yanked", ".project-status"]
  # Objects that the function writes; it only needs events of their deletion.
  generated = [".metadata", "index.json", "index.html", "/"]
}
