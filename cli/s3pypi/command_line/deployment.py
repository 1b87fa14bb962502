"""The names that Terraform gives to the parts of a deployment; see the module's `names.tf`."""

import hashlib

LONGEST = 48
"""Bucket names up to this length, in characters, are part of other names as they are."""


def function_name(bucket: str) -> str:
    """Return the name of the indexer's Lambda function of the deployment with this bucket."""
    plain = bucket.replace(".", "-")
    if plain == bucket and len(bucket) <= LONGEST:
        return f"{bucket}-indexer"
    return f"{plain[:39].strip('-')}-{hashlib.sha256(bucket.encode()).hexdigest()[:8]}-indexer"


def table_name(bucket: str) -> str:
    """Return the name of the DynamoDB table with the locks of the deployment with this bucket."""
    return f"{bucket}-locks"
