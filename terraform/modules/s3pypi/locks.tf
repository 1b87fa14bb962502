resource "aws_dynamodb_table" "locks" {
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
}
