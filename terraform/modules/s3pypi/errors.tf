# What S3 and CloudFront refuse, as pages for people. CloudFront gives the same page to everybody, and cannot
# choose by Accept; so each begins with one plain line for those who read its source. Status codes stay as they
# are: installers decide by them. A viewer-request function does not run when CloudFront fetches such a page.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-cloudfront-trigger-events.html

locals {
  error_directory = ".s3pypi/errors" # no project and no index: neither has a name that begins with a dot

  # `seconds` is how long CloudFront keeps an error, in place of its ten. A 404 is not kept at all: `s3pypi upload
  # --wait` promises that an install works at once, even where somebody asked for the project a moment before.
  error_texts = jsondecode(file("${path.module}/errors/texts.json"))

  error_style  = file("${path.module}/errors/style.css")
  error_script = file("${path.module}/errors/script.js")
}

resource "aws_s3_object" "error" {
  #checkov:skip=CKV_AWS_186:It is for everybody to read
  for_each = local.error_texts

  bucket       = aws_s3_bucket.pypi.id
  key          = "${local.error_directory}/${each.key}.html"
  content_type = "text/html; charset=utf-8"
  # A client that kept it would not see a project that was uploaded since.
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
