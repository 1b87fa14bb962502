import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from s3pypi.errors import AwsError, S3PyPIError
from s3pypi.projects.yanking import Yanker
from tests.unit.cli.fakes import FakeBucket, plain

DEMO = canonicalize_name("demo")
ONE = Version("1")
WHEEL, SDIST, GONE = (
    "team/demo/Demo-1.0-py3-none-any.whl",
    "team/demo/demo-1.0.0.tar.gz",
    "team/demo/demo-1.0.zip",
)
KEYS = [
    WHEEL,
    f"{WHEEL}.metadata",
    f"{WHEEL}.yanked",
    SDIST,
    f"{GONE}.yanked",
    "team/demo/.project-status",
    "team/demo/demo-1.0.post1.tar.gz",
    "team/demo/demo-10.0.zip",
    "team/demo/demo-3.0.zip.yanked",
    "team/demo/index.json",
    "demo/demo-1.0.zip",
]


@pytest.fixture
def bucket() -> FakeBucket:
    """Return a bucket with several versions."""
    return FakeBucket(objects={key: plain(b"old") for key in KEYS})


@pytest.fixture
def yanker(bucket: FakeBucket) -> Yanker:
    """Return a function that yanks in an index."""
    return Yanker(bucket, "team")


def test_find(yanker: Yanker) -> None:
    """The files of a version are found, yanked or not, but not markers without a file."""
    assert yanker.find(DEMO, ONE) == [WHEEL, SDIST]
    assert yanker.find_yanked(DEMO, ONE) == [WHEEL, GONE]


def test_find_by_name(yanker: Yanker) -> None:
    """Only the named files are selected, each once."""
    assert yanker.find(DEMO, ONE, ["demo-1.0.0.tar.gz"] * 2) == [SDIST]
    assert yanker.find_yanked(DEMO, ONE, ["demo-1.0.zip"]) == [GONE]


@pytest.mark.parametrize("name", ["demo-10.0.zip", "demo-1.0.zip", WHEEL, "", "*"])
def test_find_by_a_wrong_name(yanker: Yanker, name: str) -> None:
    """A file of another version is an error with the version's files."""
    with pytest.raises(S3PyPIError) as caught:
        yanker.find(DEMO, ONE, [name, "demo-1.0.0.tar.gz"])
    assert str(caught.value) == (
        f"{name!r} is not a file of demo 1; there is Demo-1.0-py3-none-any.whl, demo-1.0.0.tar.gz"
    )


def test_find_a_file_that_is_not_yanked(yanker: Yanker) -> None:
    """Unyanking a file that is not yanked is an error, and nothing is changed."""
    with pytest.raises(S3PyPIError, match=r"'demo-1\.0\.0\.tar\.gz' is not a yanked file of"):
        yanker.find_yanked(DEMO, ONE, ["demo-1.0.0.tar.gz"])


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_find_no_file(yanker: Yanker, version: str) -> None:
    """Yanking a version without files is an error with those that have some."""
    with pytest.raises(S3PyPIError, match=r"; there is 1\.0, 1\.0\.post1, 10\.0$"):
        yanker.find(DEMO, Version(version))


def test_find_nothing_yanked(yanker: Yanker) -> None:
    """The errors for a missing version and for one without yanked files differ."""
    with pytest.raises(S3PyPIError, match=r"no file of demo 10\.0 is yanked"):
        yanker.find_yanked(DEMO, Version("10.0"))
    with pytest.raises(S3PyPIError, match=r"demo 2\.0 is not in .*; there is 1\.0, .*3\.0, 10\.0"):
        yanker.find_yanked(DEMO, Version("2.0"))


def test_yank(bucket: FakeBucket, yanker: Yanker) -> None:
    """Each file takes one request, and an existing reason is replaced."""
    told: list[str] = []
    yanker.yank([WHEEL, SDIST], "naïve", told.append)
    assert told == [WHEEL, SDIST]
    assert bucket.requests == [("put_marker", f"{WHEEL}.yanked"), ("put_marker", f"{SDIST}.yanked")]
    for key in told:
        assert bucket.objects[f"{key}.yanked"].content == "naïve".encode()
        assert bucket.types[f"{key}.yanked"] == "text/plain; charset=utf-8"
        assert bucket.objects[key].content == b"old"


def test_yank_without_a_reason(bucket: FakeBucket, yanker: Yanker) -> None:
    """A marker may be empty."""
    yanker.yank([SDIST], "", lambda _key: None)
    assert bucket.objects[f"{SDIST}.yanked"].content == b""


def test_unyank(bucket: FakeBucket, yanker: Yanker) -> None:
    """Only markers are deleted, even without their files."""
    told: list[str] = []
    yanker.unyank([WHEEL, GONE], told.append)
    assert told == [WHEEL, GONE]
    assert set(KEYS) - set(bucket.objects) == {f"{WHEEL}.yanked", f"{GONE}.yanked"}


@pytest.mark.parametrize("what", ["yanked", "unyanked"])
def test_one_failure_is_its_own(bucket: FakeBucket, yanker: Yanker, what: str) -> None:
    """A failure does not stop the others, and is an error."""

    def before(_method: str, key: str) -> None:
        if key.startswith(WHEEL):
            raise AwsError("forbidden")

    bucket.before = before
    told: list[str] = []
    with pytest.raises(S3PyPIError, match=f"^not everything was {what}:\n  forbidden$"):
        if what == "yanked":
            yanker.yank([WHEEL, SDIST], "", told.append)
        else:
            yanker.unyank([WHEEL, SDIST], told.append)
    assert told == [SDIST]
