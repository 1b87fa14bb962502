import pytest

from s3pypi.bucket import Bucket
from tests.unit.cli.bucket_contract import BucketContract
from tests.unit.cli.fakes import FakeBucket


class TestFakeBucket(BucketContract):
    """The fake passes the contract tests."""

    @pytest.fixture
    def bucket(self) -> Bucket:
        """Return an empty bucket."""
        return FakeBucket()
