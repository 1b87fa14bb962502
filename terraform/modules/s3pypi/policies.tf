# Permissions. Each document contains exactly what one kind of caller needs. Attach the managed policies to your
# users, roles and groups.

locals {
  # The whole bucket, and one entry for each of the prefixes.
  indexes = merge({ "" = "" }, { for prefix in var.prefixes : prefix => "${prefix}/" })

  kms_keys = var.kms_key_arn == null ? [] : [var.kms_key_arn]

  # The key may only be used through S3.
  # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
  through_s3 = "s3.${local.region}.amazonaws.com"
}

# The use of the bucket's KMS key, if it has one.
data "aws_iam_policy_document" "bucket_key" {
  for_each = {
    read  = ["kms:Decrypt"]
    write = ["kms:Decrypt", "kms:GenerateDataKey"]
  }

  dynamic "statement" {
    for_each = local.kms_keys
    content {
      sid       = "UseTheBucketsKey"
      actions   = each.value
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.through_s3]
      }
    }
  }
}

# For `s3pypi upload` and other clients that upload distributions. It does not allow writing pages and markers.
data "aws_iam_policy_document" "uploader" {
  for_each                = local.indexes
  source_policy_documents = [data.aws_iam_policy_document.bucket_key["write"].json]

  statement {
    sid       = "UploadDistributions"
    actions   = ["s3:PutObject", "s3:AbortMultipartUpload"]
    resources = [for suffix in local.distributions : "${local.bucket_arn}/${each.value}*${suffix}"]
  }

  statement {
    sid       = "TellIdenticalFromDifferentAndWait"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket_arn}/${each.value}*"]
  }
}

# For reading the index directly from S3.
data "aws_iam_policy_document" "reader" {
  for_each                = local.indexes
  source_policy_documents = [data.aws_iam_policy_document.bucket_key["read"].json]

  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket_arn}/${each.value}*"]
  }

  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]

    dynamic "condition" {
      for_each = each.value == "" ? [] : [each.value]
      content {
        test     = "StringLike"
        variable = "s3:prefix"
        values   = ["${condition.value}*"]
      }
    }
  }
}

locals {
  # The keys are unique, because no prefix contains `=` or begins with `@`.
  promotions = {
    for each in var.promotions :
    "${each.from == "" ? "@" : each.from}=${each.to == "" ? "@" : each.to}" => {
      from  = "${local.bucket_arn}/${lookup(local.indexes, each.from, "")}"
      to    = "${local.bucket_arn}/${lookup(local.indexes, each.to, "")}"
      move  = each.move ? ["s3:DeleteObject"] : []
      title = "${each.from == "" ? "the root" : each.from} to ${each.to == "" ? "the root" : each.to}"
    }
  }
}

# For `s3pypi promote` between two indexes. A copy reads the source and its tags, and writes both.
data "aws_iam_policy_document" "promoter" {
  for_each                = local.promotions
  source_policy_documents = [data.aws_iam_policy_document.bucket_key["write"].json]

  statement {
    sid       = "ReadAndCompare"
    actions   = ["s3:GetObject"]
    resources = ["${each.value.from}*", "${each.value.to}*"]
  }

  statement {
    sid       = "TakeDistributions"
    actions   = concat(["s3:GetObjectTagging"], each.value.move)
    resources = [for suffix in local.distributions : "${each.value.from}*${suffix}"]
  }

  statement {
    sid       = "PutDistributions"
    actions   = ["s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"]
    resources = [for suffix in local.distributions : "${each.value.to}*${suffix}"]
  }

  statement {
    sid       = "KeepYanks"
    actions   = ["s3:PutObject"]
    resources = ["${each.value.to}*.yanked"]
  }

  dynamic "statement" {
    for_each = each.value.move
    content {
      sid       = "TakeYanks"
      actions   = [statement.value]
      resources = ["${each.value.from}*.yanked"]
    }
  }
}

# For all commands, and for the tasks in docs/operate.md.
data "aws_iam_policy_document" "operator" {
  source_policy_documents = [data.aws_iam_policy_document.uploader[""].json]

  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]
  }

  statement {
    sid       = "Mark"
    actions   = ["s3:PutObject"]
    resources = [for suffix in local.markers : "${local.bucket_arn}/*${suffix}"]
  }

  statement {
    sid     = "Delete"
    actions = ["s3:DeleteObject"]
    resources = [
      for suffix in concat(local.distributions, local.markers) : "${local.bucket_arn}/*${suffix}"
    ]
  }

  # Copies keep their tags; what was deleted is an old version.
  statement {
    sid = "PromoteAndRestore"
    actions = [
      "s3:GetObjectTagging",
      "s3:GetObjectVersion",
      "s3:GetObjectVersionTagging",
      "s3:PutObjectTagging",
    ]
    resources = [
      for suffix in concat(local.distributions, local.markers) : "${local.bucket_arn}/*${suffix}"
    ]
  }

  statement {
    sid       = "FindDeletedFiles"
    actions   = ["s3:ListBucketVersions"]
    resources = [local.bucket_arn]
  }

  statement {
    sid       = "VerifyAndRebuild"
    actions   = ["lambda:InvokeFunction"]
    resources = [local.function_arn]
  }

  dynamic "statement" {
    for_each = var.enable_dynamodb_locking ? [local.table_arn] : []
    content {
      sid       = "ForceUnlock"
      actions   = ["dynamodb:UpdateItem"]
      resources = [statement.value]
    }
  }

  # StartMessageMoveTask uses the permissions of the caller.
  statement {
    sid = "MoveDeadLettersBack"
    actions = [
      "sqs:CancelMessageMoveTask",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ListMessageMoveTasks",
      "sqs:ReceiveMessage",
      "sqs:StartMessageMoveTask",
    ]
    resources = [local.dlq_arn]
  }

  statement {
    sid       = "SeeTheQueue"
    actions   = ["sqs:GetQueueAttributes", "sqs:SendMessage"]
    resources = [local.queue_arn]
  }

  statement {
    sid       = "ReadTheLog"
    actions   = ["logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartLiveTail"]
    resources = [local.log_group_arn, "${local.log_group_arn}:*"]
  }
}

data "aws_iam_policy_document" "function" {
  # Without s3:ListBucket, S3 responds with 403 for missing keys, which must not be treated as missing.
  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]
  }

  # Misplaced files are copied with their tags, hence the tagging actions.
  statement {
    sid = "ReadFilesAndWritePages"
    actions = [
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:GetObjectTagging",
      "s3:PutObject",
      "s3:PutObjectTagging",
    ]
    resources = ["${local.bucket_arn}/*"]
  }

  dynamic "statement" {
    for_each = contains(keys(var.page_put_args), "ACL") ? [1] : []
    content {
      sid       = "SetTheACLsOfPages"
      actions   = ["s3:PutObjectAcl"]
      resources = ["${local.bucket_arn}/*"]
    }
  }

  dynamic "statement" {
    for_each = toset(concat(local.kms_keys, local.page_kms_keys))
    content {
      sid       = "UseKey${substr(sha256(statement.value), 0, 8)}"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.through_s3]
      }
    }
  }

  dynamic "statement" {
    for_each = var.enable_dynamodb_locking ? [local.table_arn] : []
    content {
      sid       = "Lease"
      actions   = ["dynamodb:GetItem", "dynamodb:UpdateItem"]
      resources = [statement.value]
    }
  }

  statement {
    sid = "TakeEventsAndSendItselfMore"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ReceiveMessage",
      "sqs:SendMessage",
    ]
    resources = [local.queue_arn]
  }

  # For the state of the queue, which `rebuild` shows.
  statement {
    sid       = "SeeDeadLetters"
    actions   = ["sqs:GetQueueAttributes"]
    resources = [local.dlq_arn]
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:*"]
  }
}

# A separate document, because the ARN of the distribution is not known at plan time.
data "aws_iam_policy_document" "function_cdn" {
  statement {
    sid       = "ForgetChangedFiles"
    actions   = ["cloudfront:CreateInvalidation"]
    resources = [aws_cloudfront_distribution.cdn.arn]
  }
}

resource "aws_iam_policy" "uploader" {
  for_each = local.indexes

  name        = join("-", compact([local.name, "uploader", replace(each.key, "/", "+")]))
  description = "Upload distributions to s3://${var.bucket}/${each.value}"
  policy      = data.aws_iam_policy_document.uploader[each.key].json
  tags        = var.tags
}

resource "aws_iam_policy" "reader" {
  for_each = local.indexes

  name        = join("-", compact([local.name, "reader", replace(each.key, "/", "+")]))
  description = "Read the index in s3://${var.bucket}/${each.value}"
  policy      = data.aws_iam_policy_document.reader[each.key].json
  tags        = var.tags
}

resource "aws_iam_policy" "promoter" {
  for_each = local.promotions

  # IAM limits names to 128 characters.
  name = (
    length("${local.name}-promoter-${each.key}") <= 128 ?
    "${local.name}-promoter-${replace(each.key, "/", "+")}" :
    "${local.name}-promoter-${substr(sha256(each.key), 0, 16)}"
  )
  description = "Promote distributions in s3://${var.bucket} from ${each.value.title}"
  policy      = data.aws_iam_policy_document.promoter[each.key].json
  tags        = var.tags
}

resource "aws_iam_policy" "operator" {
  name        = "${local.name}-operator"
  description = "Operate the index in s3://${var.bucket}"
  policy      = data.aws_iam_policy_document.operator.json
  tags        = var.tags
}

# The bucket and the queues refuse requests without TLS.
data "aws_iam_policy_document" "https_only" {
  for_each = {
    bucket = { service = "s3", arns = [local.bucket_arn, "${local.bucket_arn}/*"] }
    events = { service = "sqs", arns = [local.queue_arn] }
    dlq    = { service = "sqs", arns = [local.dlq_arn] }
  }

  statement {
    sid       = "RefusePlainHTTP"
    effect    = "Deny"
    actions   = ["${each.value.service}:*"]
    resources = each.value.arns

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
