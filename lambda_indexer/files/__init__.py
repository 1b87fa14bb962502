"""Read distributions in the bucket, in bounded memory."""
