"""The adapters of AWS services. Except for the service and the handler, only they use boto3."""
