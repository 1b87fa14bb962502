# Error pages for errors of S3 and CloudFront. CloudFront sends the same page to all clients and cannot choose by
# Accept, so each begins with a plain line for people who see its source. Status codes stay as they are, because
# installers depend on them. Viewer-request functions do not run when CloudFront fetches an error page.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-cloudfront-trigger-events.html

locals {
  error_directory = ".s3pypi/errors" # no project or index has a name that begins with a dot

  # `seconds` is the time for which CloudFront caches an error; its default is 10. A 404 is not cached, so that an
  # install works right after `s3pypi upload --wait`, even if the project was requested just before the upload.
  error_texts = jsondecode(file("${path.module}/errors/texts.json"))

  error_style  = file("${path.module}/errors/style.css")
  error_script = file("${path.module}/errors/script.js")
}

resource "aws_s3_object" "error" {
  #checkov:skip=CKV_AWS_186:Error pages are public
  for_each = local.error_texts

  bucket       = aws_s3_bucket.pypi.id
  key          = "${local.error_directory}/${each.key}.html"
  content_type = "text/html; charset=utf-8"
  # Clients must not cache it, because the project may be uploaded at any time.
  cache_control = "no-store"
  content = templatefile("${path.module}/errors/page.html", {
    status      = each.key
    phrase      = each.value.phrase
    text        = each.value.text
    style       = local.error_style
    style_hash  = base64sha256(local.error_style)
    script      = local.error_script
    script_hash = base64sha256(local.error_script)
  })

  depends_on = [aws_s3_bucket_server_side_encryption_configuration.pypi, aws_s3_bucket_ownership_controls.pypi]
}
