"""The local edge: serves the bucket over HTTP on loopback, as CloudFront does."""
