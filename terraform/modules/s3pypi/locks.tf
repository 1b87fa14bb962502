resource "aws_dynamodb_table" "locks" {
  #checkov:skip=CKV_AWS_28:Leases expire after minutes, so a backup is useless
  #checkov:skip=CKV_AWS_119:The table contains project names; it is encrypted with DynamoDB's key
  count = var.enable_dynamodb_locking ? 1 : 0

  name         = local.table
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "LockID"
  tags         = var.tags

  attribute {
    name = "LockID"
    type = "S"
  }

  ttl {
    enabled        = true
    attribute_name = "DeleteAt"
  }

  # If locking is switched off, update the function before deleting the table.
  lifecycle {
    create_before_destroy = true
  }
}
