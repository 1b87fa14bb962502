import json

import pytest
from packaging.utils import canonicalize_name

from s3pypi.errors import AwsError, ForbiddenError, MarkerError, S3PyPIError
from s3pypi.markers import ACTIVE, Status, StatusMarker
from s3pypi.projects.status import ProjectStatus
from tests.unit.cli.fakes import FakeBucket, plain

KEY = "team/demo/.project-status"
ARCHIVED = StatusMarker(Status.ARCHIVED, "naïve")


@pytest.fixture
def bucket() -> FakeBucket:
    """Return a bucket with a project whose only file is invalid."""
    return FakeBucket(objects={"team/demo/other-1.0.whl": plain(b"")})


@pytest.fixture
def marker(bucket: FakeBucket) -> ProjectStatus:
    """Return the project's marker."""
    return ProjectStatus(bucket, canonicalize_name("Demo"), "team")


def test_write_and_read(bucket: FakeBucket, marker: ProjectStatus) -> None:
    """Setting and reading a status each take one request."""
    marker.write(ARCHIVED)
    assert marker.read() == ARCHIVED
    assert bucket.requests == [("put_marker", KEY), ("get", KEY)]
    assert bucket.types[KEY] == "application/json"
    assert json.loads(bucket.objects[KEY].content) == {"status": "archived", "reason": "naïve"}


def test_active_takes_the_marker_away(bucket: FakeBucket, marker: ProjectStatus) -> None:
    """The status `active` needs no marker, unless it has a reason."""
    marker.write(ARCHIVED)
    marker.write(StatusMarker(Status.ACTIVE, "again"))
    assert marker.read() == StatusMarker(Status.ACTIVE, "again")
    marker.write(ACTIVE)
    assert KEY not in bucket.objects
    assert marker.read() == ACTIVE


def test_no_project(marker: ProjectStatus) -> None:
    """A project without files has no status, and cannot get one."""
    nothing = ProjectStatus(marker.bucket, canonicalize_name("dem"), "team")
    with pytest.raises(S3PyPIError, match="no file of project dem in s3://bucket/team/dem/"):
        nothing.read()
    for status in (ARCHIVED, ACTIVE):
        with pytest.raises(S3PyPIError, match="no file of project dem"):
            nothing.check(status)
    marker.check(ARCHIVED)


def test_marker_without_files(bucket: FakeBucket, marker: ProjectStatus) -> None:
    """The marker of a project without files can be read and removed, but not changed."""
    bucket.objects = {KEY: plain(ARCHIVED.to_json())}
    assert marker.read() == ARCHIVED
    with pytest.raises(S3PyPIError, match="no file of project demo"):
        marker.check(StatusMarker(Status.DEPRECATED))
    marker.check(ACTIVE)


def test_bad_marker(bucket: FakeBucket, marker: ProjectStatus) -> None:
    """An invalid marker is an error with its key and advice."""
    bucket.objects[KEY] = plain(b'{"status": "gone"}')
    expected = (
        f"^s3://bucket/{KEY} has no effect, because the marker's status is not one of .*; set a"
    )
    with pytest.raises(MarkerError, match=expected):
        marker.read()
    marker.check(ARCHIVED)
    marker.write(ARCHIVED)
    assert marker.read() == ARCHIVED


@pytest.mark.parametrize("error", [AwsError("no network"), ForbiddenError("needs s3:GetObject")])
def test_failure_is_no_absence(bucket: FakeBucket, marker: ProjectStatus, error: AwsError) -> None:
    """If the marker cannot be read, the status is an error, which names the permissions."""

    def before(_method: str, _key: str) -> None:
        raise error

    bucket.before = before
    with pytest.raises(type(error), match=str(error)) as caught:
        marker.read()
    assert ("s3:ListBucket" in str(caught.value)) is isinstance(error, ForbiddenError)
