resource "aws_dynamodb_table" "locks" {
  #checkov:skip=CKV_AWS_28:Leases are worthless minutes later; an empty table is a good one
  #checkov:skip=CKV_AWS_119:Project names are what is in it; it is encrypted with DynamoDB's own key
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

  # When locking is switched off, the function stops using the table before it is deleted.
  lifecycle {
    create_before_destroy = true
  }
}
