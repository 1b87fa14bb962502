# The CloudFront distribution. viewer_request.js lists what its function requires of it.

locals {
  # Without comments: CloudFront's limit is 10 KB.
  viewer_request = replace(
    replace(
      replace(file("${path.module}/viewer_request.js"), "/(?m)^ *//.*\n/", ""),
      "const PAGE = '';",
      "const PAGE = '${var.index_html ? "index.html" : ""}';",
    ),
    "const CORS_ORIGINS = [];",
    "const CORS_ORIGINS = ${jsonencode(var.cors_origins)};",
  )
}

resource "aws_cloudfront_function" "viewer_request" {
  count = var.enable_basic_auth ? 0 : 1

  name    = "${local.name}-viewer-request"
  comment = "Normalizes paths and chooses a page's form"
  runtime = "cloudfront-js-2.0"
  code    = local.viewer_request
  publish = true

  # Update the distribution before deleting the function, because CloudFront refuses to delete functions in use.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudfront_origin_access_control" "bucket" {
  name                              = local.name
  description                       = "Reads s3://${var.bucket}"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# Neither Accept nor the query is part of the cache key, because the function rewrites the path accordingly. With
# cors_origins, Origin is part of it, because S3's response contains the origin.

resource "aws_cloudfront_cache_policy" "pages" {
  name        = "${local.name}-pages"
  comment     = "Revalidated as the page itself says"
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 86400

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = length(var.cors_origins) > 0 ? "whitelist" : "none"

      dynamic "headers" {
        for_each = length(var.cors_origins) > 0 ? [["Origin"]] : []
        content {
          items = headers.value
        }
      }
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

resource "aws_cloudfront_cache_policy" "files" {
  name        = "${local.name}-files"
  comment     = "Kept for long; the function has changed files forgotten"
  min_ttl     = 0
  default_ttl = 86400 # for files without Cache-Control
  max_ttl     = 31536000

  # No compression, because installers check the bytes that they receive.
  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = false
    enable_accept_encoding_gzip   = false

    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = length(var.cors_origins) > 0 ? "whitelist" : "none"

      dynamic "headers" {
        for_each = length(var.cors_origins) > 0 ? [["Origin"]] : []
        content {
          items = headers.value
        }
      }
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

# Neither has a cors_config, which would replace our Vary header.

resource "aws_cloudfront_response_headers_policy" "pages" {
  #checkov:skip=CKV_AWS_259:HSTS is on; subdomains and preloading are up to the domain's owner
  name    = "${local.name}-pages"
  comment = "Pages come in two forms, and stand alone"

  custom_headers_config {
    items {
      # This replaces CloudFront's Vary header, so it must include Accept-Encoding.
      header   = "Vary"
      value    = length(var.cors_origins) > 0 ? "Accept, Accept-Encoding, Origin" : "Accept, Accept-Encoding"
      override = true
    }
  }

  security_headers_config {
    # The meta element of pages has the other directives; these only work in a header.
    content_security_policy {
      content_security_policy = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
      override                = true
    }
    content_type_options {
      override = true
    }
    referrer_policy {
      referrer_policy = "no-referrer"
      override        = true
    }
    strict_transport_security {
      access_control_max_age_sec = 31536000
      override                   = true
    }
  }
}

resource "aws_cloudfront_response_headers_policy" "files" {
  #checkov:skip=CKV_AWS_259:HSTS is on; subdomains and preloading are up to the domain's owner
  name    = "${local.name}-files"
  comment = "Files are for installers: a browser must not run them"

  # S3 only sends these headers for requests with an Origin.
  dynamic "custom_headers_config" {
    for_each = length(var.cors_origins) > 0 ? ["Origin"] : []
    content {
      items {
        header   = "Vary"
        value    = custom_headers_config.value
        override = true
      }
    }
  }

  security_headers_config {
    content_security_policy {
      content_security_policy = "default-src 'none'; frame-ancestors 'none'; sandbox"
      override                = true
    }
    content_type_options {
      override = true
    }
    strict_transport_security {
      access_control_max_age_sec = 31536000
      override                   = true
    }
  }
}

locals {
  # CloudFront chooses the behavior by the path that the viewer sent. Paths that end in a slash are pages; all others
  # use the behavior of files.
  page_patterns = ["*/", "/"]

  # The viewer-request function answers 405 to all but GET and HEAD. CloudFront itself would answer 403.
  allowed_methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]

  # With passwords, do not redirect from HTTP, because the first request would send the password unencrypted.
  viewer_protocol_policy = var.enable_basic_auth ? "https-only" : "redirect-to-https"
}

resource "aws_cloudfront_distribution" "cdn" {
  #checkov:skip=CKV_AWS_86:Log delivery (aws_cloudwatch_log_delivery_source) can be added beside the module
  #checkov:skip=CKV_AWS_305:The function must see requests for the root, to choose HTML or JSON
  #checkov:skip=CKV_AWS_310:There is one bucket
  #checkov:skip=CKV_AWS_374:Geo restrictions can be set with a web ACL
  #checkov:skip=CKV2_AWS_47:The origin is S3, which does not use Log4j
  comment         = "Python package index in s3://${var.bucket}"
  enabled         = true
  aliases         = [var.domain]
  http_version    = "http2and3"
  is_ipv6_enabled = true
  price_class     = var.price_class
  web_acl_id      = var.web_acl_arn
  tags            = var.tags

  origin {
    origin_id                = "bucket"
    domain_name              = aws_s3_bucket.pypi.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.bucket.id

    dynamic "custom_header" {
      for_each = local.upstream_headers
      content {
        name  = custom_header.key
        value = custom_header.value
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = "bucket"
    allowed_methods            = local.allowed_methods
    cached_methods             = ["GET", "HEAD"]
    compress                   = false
    viewer_protocol_policy     = local.viewer_protocol_policy
    cache_policy_id            = aws_cloudfront_cache_policy.files.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.files.id

    dynamic "function_association" {
      for_each = aws_cloudfront_function.viewer_request
      content {
        event_type   = "viewer-request"
        function_arn = function_association.value.arn
      }
    }

    dynamic "lambda_function_association" {
      for_each = var.enable_basic_auth ? [aws_lambda_function.edge["basic_auth"]] : []
      content {
        event_type = "viewer-request"
        lambda_arn = lambda_function_association.value.qualified_arn
      }
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.page_patterns
    content {
      path_pattern               = ordered_cache_behavior.value
      target_origin_id           = "bucket"
      allowed_methods            = local.allowed_methods
      cached_methods             = ["GET", "HEAD"]
      compress                   = true
      viewer_protocol_policy     = local.viewer_protocol_policy
      cache_policy_id            = aws_cloudfront_cache_policy.pages.id
      response_headers_policy_id = aws_cloudfront_response_headers_policy.pages.id

      dynamic "function_association" {
        for_each = aws_cloudfront_function.viewer_request
        content {
          event_type   = "viewer-request"
          function_arn = function_association.value.arn
        }
      }

      dynamic "lambda_function_association" {
        for_each = var.enable_basic_auth ? [aws_lambda_function.edge["basic_auth"]] : []
        content {
          event_type = "viewer-request"
          lambda_arn = lambda_function_association.value.qualified_arn
        }
      }

      dynamic "lambda_function_association" {
        for_each = var.upstream == null ? [] : [aws_lambda_function.edge["upstream"]]
        content {
          event_type = "origin-response"
          lambda_arn = lambda_function_association.value.qualified_arn
        }
      }
    }
  }

  dynamic "custom_error_response" {
    for_each = local.error_texts
    content {
      error_code            = custom_error_response.key
      response_code         = custom_error_response.key
      response_page_path    = "/${aws_s3_object.error[custom_error_response.key].key}"
      error_caching_min_ttl = custom_error_response.value.seconds
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = local.certificate_arn
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }
}
