import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from s3pypi.errors import AwsError, S3PyPIError
from s3pypi.projects.deletion import Deleter
from tests.unit.cli.fakes import FakeBucket, plain

DEMO = canonicalize_name("demo")
KEYS = [
    "team/demo/",
    "team/demo/Demo-1.0-py3-none-any.whl",
    "team/demo/Demo-1.0-py3-none-any.whl.metadata",
    "team/demo/Demo-1.0-py3-none-any.whl.yanked",
    "team/demo/demo-1.0.0.tar.gz",
    "team/demo/demo-1.0.post1.tar.gz",
    "team/demo/demo-1.0.zip.yanked",
    "team/demo/demo-10.0.zip",
    "team/demo/demo-1.0/demo-1.0.zip",
    "team/demo/index.json",
    "team/demo/readme.txt",
    "team/demo-more/demo-1.0.zip",
    "demo/demo-1.0.zip",
]


@pytest.fixture
def bucket() -> FakeBucket:
    """Return a bucket with several versions."""
    return FakeBucket(objects={key: plain(b"") for key in KEYS})


def test_find(bucket: FakeBucket) -> None:
    """Files of a version in any spelling are found, then markers, even without their files."""
    assert Deleter(bucket, "team").find(DEMO, Version("1")) == [
        "team/demo/Demo-1.0-py3-none-any.whl",
        "team/demo/demo-1.0.0.tar.gz",
        "team/demo/Demo-1.0-py3-none-any.whl.yanked",
        "team/demo/demo-1.0.zip.yanked",
    ]


def test_find_nothing(bucket: FakeBucket) -> None:
    """A missing version is an error with the existing ones."""
    with pytest.raises(
        S3PyPIError, match=r"demo 2 is not in .*; there is 1\.0, 1\.0\.post1, 10\.0"
    ):
        Deleter(bucket, "team").find(DEMO, Version("2"))


def test_find_no_project(bucket: FakeBucket) -> None:
    """A missing project has no versions."""
    with pytest.raises(S3PyPIError, match="no version"):
        Deleter(bucket).find(canonicalize_name("nothing"), Version("2"))


def test_delete(bucket: FakeBucket) -> None:
    """The objects found are deleted and reported in order, and no others."""
    deleter = Deleter(bucket, "team")
    keys = deleter.find(DEMO, Version("1.0"))
    told: list[str] = []
    deleter.delete(keys, told.append)
    assert told == keys
    assert set(bucket.objects) == set(KEYS) - set(keys)


def test_markers_stay_with_their_files(bucket: FakeBucket) -> None:
    """A file that cannot be deleted keeps its marker; the other files are deleted."""

    def before(method: str, key: str) -> None:
        if method == "delete" and key.endswith(".whl"):
            raise AwsError("forbidden")

    bucket.before = before
    deleter = Deleter(bucket, "team")
    told: list[str] = []
    with pytest.raises(S3PyPIError, match="not everything was deleted:\n  forbidden"):
        deleter.delete(deleter.find(DEMO, Version("1.0")), told.append)
    assert told == ["team/demo/demo-1.0.0.tar.gz"]
    assert "team/demo/Demo-1.0-py3-none-any.whl.yanked" in bucket.objects
