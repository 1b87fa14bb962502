"""What the tests of regenerations share."""

import hashlib

from lambda_indexer.index.places import Project
from s3pypi.layout import DirectoryPath
from tests.unit.indexer.conftest import BUCKET

FOO = Project(BUCKET, DirectoryPath("foo/"))


def sha256(body: bytes) -> str:
    """The digest as pages write it."""
    return hashlib.sha256(body).hexdigest()
