resource "aws_s3_bucket" "pypi" {
  #checkov:skip=CKV_AWS_18:Access logs need another bucket; add aws_s3_bucket_logging beside the module
  #checkov:skip=CKV_AWS_144:Versioning protects against mistakes; replication is up to the user of the module
  bucket        = var.bucket
  force_destroy = var.force_destroy
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "pypi" {
  bucket = aws_s3_bucket.pypi.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "pypi" {
  bucket = aws_s3_bucket.pypi.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "pypi" {
  bucket = aws_s3_bucket.pypi.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

# S3 handles CORS, and not CloudFront: a response headers policy with a CORS configuration replaces the Vary header
# of pages, and refuses Access-Control-Allow-Origin as a custom header.
resource "aws_s3_bucket_cors_configuration" "pypi" {
  count = length(var.cors_origins) > 0 ? 1 : 0

  bucket = aws_s3_bucket.pypi.bucket

  cors_rule {
    allowed_methods = ["GET", "HEAD"]
    allowed_origins = var.cors_origins
    allowed_headers = ["*"]
    expose_headers  = ["Accept-Ranges", "Content-Length", "Content-Range", "ETag"]
    max_age_seconds = 3600
  }
}

resource "aws_s3_bucket_versioning" "pypi" {
  bucket = aws_s3_bucket.pypi.id

  versioning_configuration {
    status = var.enable_versioning ? "Enabled" : "Suspended"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "pypi" {
  #checkov:skip=CKV_AWS_300:False positive; the number of days is abort_multipart_days
  bucket = aws_s3_bucket_versioning.pypi.bucket

  rule {
    id     = "abandoned-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = var.abort_multipart_days
    }
  }

  dynamic "rule" {
    for_each = var.noncurrent_version_days == null ? [] : [var.noncurrent_version_days]
    content {
      id     = "old-versions"
      status = "Enabled"

      filter {}

      noncurrent_version_expiration {
        noncurrent_days = rule.value
      }

      expiration {
        expired_object_delete_marker = true
      }
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  source_policy_documents = [data.aws_iam_policy_document.https_only["bucket"].json]

  # Neither the function nor readers could read such objects.
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html#ssec-require-condition-key
  statement {
    sid       = "RefuseKeysOfClients"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${local.bucket_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption-customer-algorithm"
      values   = ["false"]
    }
  }

  # Without its error page, CloudFront would respond with 404 instead of 503, and installers would try other indexes.
  # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages.html
  statement {
    sid       = "KeepErrorPages"
    effect    = "Deny"
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    resources = ["${local.bucket_arn}/${local.error_directory}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }

  # Objects with other KMS keys could not be read either. A request without a key uses the bucket's key. The function
  # is exempt, because page_put_args may set another key for its pages.
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      sid       = "RefuseOtherKeys"
      effect    = "Deny"
      actions   = ["s3:PutObject"]
      resources = ["${local.bucket_arn}/*"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "Null"
        variable = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        values   = ["false"]
      }

      condition {
        test     = "ArnNotEquals"
        variable = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        values   = [statement.value]
      }

      condition {
        test     = "ArnNotEquals"
        variable = "aws:PrincipalArn"
        values   = [aws_iam_role.function.arn]
      }
    }
  }

  # With s3:ListBucket, S3 responds with 404 and not 403 for missing keys; uv fails on a 403. The listing itself is not
  # available through the distribution, because its functions rewrite the path of the root.
  statement {
    sid       = "LetTheDistributionRead"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [local.bucket_arn, "${local.bucket_arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudfront_distribution.cdn.arn]
    }
  }

  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html: of a multipart upload, only
  # the last request can be conditional. The function is exempt, because it copies misplaced files to their projects
  # (also conditionally).
  dynamic "statement" {
    for_each = var.immutable_files ? [1] : []
    content {
      sid       = "NeverOverwriteDistributions"
      effect    = "Deny"
      actions   = ["s3:PutObject"]
      resources = [for suffix in local.distributions : "${local.bucket_arn}/*${suffix}"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "Null"
        variable = "s3:if-none-match"
        values   = ["true"]
      }

      condition {
        test     = "Bool"
        variable = "s3:ObjectCreationOperation"
        values   = ["true"]
      }

      condition {
        test     = "ArnNotEquals"
        variable = "aws:PrincipalArn"
        values   = [aws_iam_role.function.arn]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "pypi" {
  bucket = aws_s3_bucket.pypi.id
  policy = data.aws_iam_policy_document.bucket.json

  # S3 refuses concurrent changes of a bucket's access settings. Error pages can only be deleted after this policy.
  depends_on = [aws_s3_bucket_public_access_block.pypi, aws_s3_object.error]
}
