import json
from dataclasses import replace

import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.errors import AwsError, ForbiddenError, S3PyPIError
from s3pypi.projects.promotion import Copy, Promoter
from tests.unit.cli.fakes import FakeBucket, plain

DEMO, V1 = NormalizedName("demo"), Version("1.0")
FILES = ("demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz")


@pytest.fixture
def bucket() -> FakeBucket:
    """Return a bucket with two files of one version on an index, and one of another."""
    fake = FakeBucket()
    for name in (*FILES, "demo-2.0.tar.gz"):
        fake.objects[f"dev/demo/{name}"] = plain(name.encode(), checksum=True)
    page(fake)
    return fake


def page(bucket: FakeBucket, status: str = "active", **more: object) -> None:
    """Write the page that the indexer would write, with more about the first file."""
    files = [
        {"filename": name, "_etag": bucket.objects[f"dev/demo/{name}"].etag}
        for name in (*FILES, "demo-2.0.tar.gz")
    ]
    content = {"files": [files[0] | more, *files[1:]], "project-status": {"status": status}}
    bucket.objects["dev/demo/index.json"] = plain(json.dumps(content).encode())


def promote(bucket: FakeBucket, *filenames: str, unsafe: bool = False) -> list[Copy]:
    """Promote version 1.0, and return the results."""
    promoter = Promoter(bucket, "dev", "prod")
    done: list[Copy] = []
    promoter.copy(promoter.plan(DEMO, V1, filenames, unsafe=unsafe), done.append)
    return done


def test_promote(bucket: FakeBucket) -> None:
    """All files of the version are copied unchanged, and no others. The sources stay."""
    assert [each.target for each in promote(bucket)] == [f"prod/demo/{name}" for name in FILES]
    assert {key for key in bucket.objects if key.startswith("prod/")} == {
        f"prod/demo/{name}" for name in FILES
    }
    for name in FILES:
        assert bucket.objects[f"prod/demo/{name}"] == bucket.objects[f"dev/demo/{name}"]


def test_some_files(bucket: FakeBucket) -> None:
    """Only the named files are copied; a missing one is an error."""
    assert [each.file.filename for each in promote(bucket, FILES[1])] == [FILES[1]]
    with pytest.raises(S3PyPIError, match=r"'demo-2\.0\.tar\.gz' is not a file of demo 1.0 on the"):
        promote(bucket, "demo-2.0.tar.gz")


def test_again(bucket: FakeBucket) -> None:
    """Files that have been copied are recognised, to continue an interrupted promotion."""
    promote(bucket, FILES[0])
    bucket.requests.clear()
    assert [each.there for each in promote(bucket)] == [True, False]
    assert [key for method, key in bucket.requests if method == "copy"] == [f"prod/demo/{FILES[1]}"]


def test_nothing_when_one_file_cannot(bucket: FakeBucket) -> None:
    """All files are checked before the first is copied, and none is replaced."""
    other = bucket.objects[f"prod/demo/{FILES[1]}"] = plain(b"other", checksum=True)
    with pytest.raises(S3PyPIError, match=f"nothing was promoted:\n  {FILES[1]}: .* other content"):
        promote(bucket)
    assert f"prod/demo/{FILES[0]}" not in bucket.objects
    assert bucket.objects[f"prod/demo/{FILES[1]}"] is other


def test_changed_source(bucket: FakeBucket) -> None:
    """Only files on the page are promoted."""
    bucket.objects[f"dev/demo/{FILES[0]}"] = plain(b"changed", checksum=True)
    with pytest.raises(S3PyPIError, match="has changed since its page was written"):
        promote(bucket)


@pytest.mark.parametrize("what", ["source", "target"])
def test_race(bucket: FakeBucket, what: str) -> None:
    """A source or target that changes after the check is an error, and is not replaced."""
    other = plain(b"other", checksum=True)

    def appear(method: str, _key: str) -> None:
        if method == "copy":
            key = f"{'dev' if what == 'source' else 'prod'}/demo/{FILES[0]}"
            bucket.objects[key] = other

    copies = Promoter(bucket, "dev", "prod").plan(DEMO, V1)
    bucket.before = appear
    with pytest.raises(S3PyPIError, match="has appeared with other content, or the source has"):
        Promoter(bucket, "dev", "prod").copy(copies, lambda _: None)
    assert bucket.objects.get(f"prod/demo/{FILES[0]}", other) is other


def test_yanked_file(bucket: FakeBucket) -> None:
    """A yanked file is refused, or with the option copied after its marker."""
    page(bucket, yanked="broken")
    with pytest.raises(S3PyPIError, match=f"{FILES[0]}: is yanked; --unsafe promotes"):
        promote(bucket)
    assert not any(key.startswith("prod/") for key in bucket.objects)
    promote(bucket, unsafe=True)
    assert bucket.objects[f"prod/demo/{FILES[0]}.yanked"].content == b"broken"
    written = [key for method, key in bucket.requests if method in {"put_marker", "copy"}]
    assert written[:2] == [f"prod/demo/{FILES[0]}.yanked", f"prod/demo/{FILES[0]}"]


def test_quarantined_project(bucket: FakeBucket) -> None:
    """Files of a quarantined project are refused without the option."""
    page(bucket, status="quarantined")
    with pytest.raises(S3PyPIError, match="project demo is quarantined; --unsafe"):
        promote(bucket)
    assert len(promote(bucket, unsafe=True)) == 2


def test_absent_version(bucket: FakeBucket) -> None:
    """A missing version is an error with those on the index."""
    with pytest.raises(S3PyPIError, match=r"demo 3.0 is not on the index; there is 1.0, 2.0"):
        Promoter(bucket, "dev", "prod").plan(DEMO, Version("3.0"))


def test_target_that_may_not_be_seen(bucket: FakeBucket) -> None:
    """Without s3:ListBucket, a missing target is a 403, and the copy is tried."""

    def forbid(method: str, key: str) -> None:
        if method == "head" and key.startswith("prod/"):
            raise ForbiddenError("needs s3:ListBucket")

    bucket.before = forbid
    assert len(promote(bucket)) == 2


def test_move(bucket: FakeBucket) -> None:
    """The sources are deleted, unless they have changed since."""
    promoter = Promoter(bucket, "dev", "prod")
    copies = promoter.plan(DEMO, V1)
    promoter.copy(copies, lambda _: None)
    changed = replace(copies[1], file=replace(copies[1].file, etag="other"))
    gone: list[str] = []
    with pytest.raises(AwsError, match="it has changed"):
        promoter.remove([copies[0], changed], gone.append)
    assert gone == [copies[0].source]
    assert copies[1].source in bucket.objects
