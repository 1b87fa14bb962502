# A Lambda@Edge function at origin-response, which redirects clients to the upstream for projects that this index
# does not have. It runs for pages only. Its settings are custom headers of the origin; basic_auth/upstream.py reads
# them.

locals {
  # Lists are split into headers of 1,700 characters; CloudFront's limit for a value is 1,783.
  upstream_lists = {
    Private-Names = join(",", var.private_names)
    Prefixes      = join(",", sort(var.prefixes))
  }

  upstream_headers = var.upstream == null ? {} : merge(
    { X-S3pypi-Upstream = var.upstream },
    [
      for name, text in local.upstream_lists : {
        for number in range(ceil(length(text) / 1700)) :
        "X-S3pypi-${name}-${number + 1}" => substr(text, number * 1700, 1700)
      }
    ]...
  )

  upstream_function = {
    prefix           = "${local.name}-upstream"
    suffix           = ""
    handler          = "basic_auth.origin_response.handler"
    description      = "Redirects to the upstream of ${var.domain}"
    role_description = "The function that redirects to the upstream of ${var.domain}"
  }
}
