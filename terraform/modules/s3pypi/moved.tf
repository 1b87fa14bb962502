# Resources that had other addresses in s3pypi 1.x and 2.x. Otherwise, Terraform would delete the old and create the
# new resource concurrently, and the bucket could end up without a policy.

moved {
  from = aws_s3_bucket_policy.s3_policy
  to   = aws_s3_bucket_policy.pypi
}

moved {
  from = aws_route53_record.alias
  to   = aws_route53_record.cdn["A"]
}
