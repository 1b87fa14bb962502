locals {
  parent_domain      = replace(var.domain, "/^[^.]+\\./", "")
  certificate_domain = var.use_wildcard_certificate ? "*.${local.parent_domain}" : var.domain

  certificate_arn = var.certificate_arn != null ? var.certificate_arn : data.aws_acm_certificate.cdn[0].arn
  hosted_zone_id = (
    !var.create_dns_record ? null :
    var.hosted_zone_id != null ? var.hosted_zone_id : data.aws_route53_zone.parent[0].zone_id
  )
}

data "aws_acm_certificate" "cdn" {
  count    = var.certificate_arn == null ? 1 : 0
  provider = aws.us_east_1

  domain   = local.certificate_domain
  statuses = ["ISSUED"]
  # The key types that CloudFront supports. By default, Certificate Manager only lists RSA keys of 1024 and 2048 bits.
  key_types   = ["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1"]
  most_recent = true
}

data "aws_route53_zone" "parent" {
  count = var.create_dns_record && var.hosted_zone_id == null ? 1 : 0

  name = local.parent_domain
}

resource "aws_route53_record" "cdn" {
  for_each = var.create_dns_record ? toset(["A", "AAAA"]) : []

  zone_id = local.hosted_zone_id
  name    = var.domain
  type    = each.key

  alias {
    name                   = aws_cloudfront_distribution.cdn.domain_name
    zone_id                = aws_cloudfront_distribution.cdn.hosted_zone_id
    evaluate_target_health = false
  }
}
