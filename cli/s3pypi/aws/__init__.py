"""The AWS adapters: clients, the bucket in S3, the locks in DynamoDB, the function in Lambda.

This is the only folder that imports boto3 and botocore. The `errors` module translates all of their
exceptions, so that callers only see `s3pypi.errors`.
"""
