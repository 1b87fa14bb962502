"""Upload local files to the bucket, and wait until the index lists them."""
