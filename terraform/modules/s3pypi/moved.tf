# What s3pypi 1.x and 2.x called otherwise. Without these, Terraform would delete the old one while it
# makes the new one of the same name: the bucket's policy might be gone in the end.

moved {
  from = aws_s3_bucket_policy.s3_policy
  to   = aws_s3_bucket_policy.pypi
}

moved {
  from = aws_route53_record.alias
  to   = aws_route53_record.cdn["A"]
}
