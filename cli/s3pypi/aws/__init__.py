"""AWS: clients, the bucket in S3, the locks in DynamoDB, the function in Lambda.

This is the only folder that imports boto3 and botocore. Its `errors` module translates every error
of theirs, so that callers only see `s3pypi.errors`.
"""
