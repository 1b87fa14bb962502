"""The local edge server, which serves the bucket over HTTP on loopback as CloudFront does."""
