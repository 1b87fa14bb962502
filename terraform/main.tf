module "s3pypi" {
  source = "./modules/s3pypi"

  bucket = var.bucket
  domain = var.domain

  prefixes                 = var.prefixes
  promotions               = var.promotions
  show_uploaders           = var.show_uploaders
  use_wildcard_certificate = var.use_wildcard_certificate
  enable_dynamodb_locking  = var.enable_dynamodb_locking
  enable_basic_auth        = var.enable_basic_auth
  token_issuers            = var.token_issuers
  upstream                 = var.upstream
  private_names            = var.private_names
  check_names              = var.check_names
  acknowledged_names       = var.acknowledged_names
  create_dns_record        = var.create_dns_record
  immutable_files          = var.immutable_files
  alarm_topic_arns         = var.alarm_topic_arns
  force_destroy            = var.force_destroy
  function_memory          = var.function_memory
  function_timeout         = var.function_timeout
  batch_size               = var.batch_size
  batch_window             = var.batch_window
  maximum_concurrency      = var.maximum_concurrency
  tags                     = var.tags

  providers = {
    aws.us_east_1 = aws.us_east_1
  }
}
