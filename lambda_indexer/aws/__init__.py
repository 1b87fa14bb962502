"""The adapters of AWS services: the only place that imports boto3 and botocore."""
