"""The default names of a deployment's resources, as in the Terraform module's `names.tf`."""

import hashlib

LONGEST = 48
"""Longer bucket names, in characters, are shortened in the names of other resources."""


def function_name(bucket: str) -> str:
    """Return the default name of the indexer's Lambda function for a bucket."""
    plain = bucket.replace(".", "-")
    if plain == bucket and len(bucket) <= LONGEST:
        return f"{bucket}-indexer"
    return f"{plain[:39].strip('-')}-{hashlib.sha256(bucket.encode()).hexdigest()[:8]}-indexer"


def table_name(bucket: str) -> str:
    """Return the default name of the DynamoDB table of the locks for a bucket."""
    return f"{bucket}-locks"
