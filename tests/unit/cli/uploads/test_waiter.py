import json
from collections import Counter
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from s3pypi.bucket import Page
from s3pypi.errors import AwsError, ForbiddenError, NotIndexedError, RefusedError
from s3pypi.layout import fingerprint
from s3pypi.uploads.results import Result
from s3pypi.uploads.uploader import Uploader
from s3pypi.uploads.waiter import LAST_PAUSE, POLLS, Waiter, pause_after
from tests.unit.cli.factories import wheel
from tests.unit.cli.fakes import FakeBucket, plain

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = "demo/index.json"


class Time:
    """A clock that only advances by sleeping; something may happen at a given second."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.then: Callable[[], None] = lambda: None
        self.at = float("inf")

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.pauses.append(seconds)
        self.now += seconds
        if self.now >= self.at:
            self.then()


@pytest.fixture
def bucket() -> FakeBucket:
    """Return an empty bucket."""
    return FakeBucket()


@pytest.fixture
def result(tmp_path: Path, bucket: FakeBucket) -> Result:
    """Return a file that is in the bucket."""
    return Uploader(bucket).upload([wheel(tmp_path)])[0]


def listing(*results: Result, **more: object) -> dict[str, Any]:
    """Return a page that lists files."""
    files = [
        {
            "filename": each.distribution.filename,
            "hashes": {"sha256": each.distribution.digest.sha256.hex()},
        }
        for each in results
    ]
    return {"name": "demo", "files": files, **more}


def put_page(bucket: FakeBucket, content: object, key: str = PAGE) -> None:
    """Write a page as the indexer would."""
    bucket.objects[key] = plain(json.dumps(content).encode())


def wait(bucket: FakeBucket, *results: Result, time: Time | None = None) -> None:
    """Wait for up to a minute of the fake clock."""
    time = time or Time()
    Waiter(bucket, clock=time.clock, sleep=time.sleep).wait(results, 60)


def test_listed_at_once(bucket: FakeBucket, result: Result) -> None:
    """A file that is on its page costs one request."""
    put_page(bucket, listing(result))
    bucket.requests.clear()
    wait(bucket, result)
    assert bucket.requests == [("get", PAGE)]


def test_listed_later(bucket: FakeBucket, result: Result) -> None:
    """The page is polled with growing pauses until it lists the file."""
    time = Time()
    time.at, time.then = 30, lambda: put_page(bucket, listing(result))
    wait(bucket, result, time=time)
    assert 30 <= time.now < 30 + LAST_PAUSE
    assert time.pauses[0] < 0.5
    assert time.pauses == sorted(time.pauses)
    assert time.pauses[-1] == LAST_PAUSE


@pytest.mark.parametrize(
    "page",
    [
        None,
        {"files": []},
        {"files": [{"filename": "demo-1.0-py3-none-any.whl", "hashes": {"sha256": "0" * 64}}]},
        {"files": [{"filename": "demo-1.0-py3-none-any.whl", "hashes": None}, None]},
        {"files": None, "_quarantined": 3},
        ["not a page"],
    ],
)
def test_not_listed(bucket: FakeBucket, result: Result, page: object) -> None:
    """A page with other content of the file does not count."""
    put_page(bucket, page)
    time = Time()
    with pytest.raises(NotIndexedError, match=r"after 60 seconds: demo-1\.0-py3-none-any\.whl;"):
        wait(bucket, result, time=time)
    assert time.now == 60


def test_no_page_and_no_json(bucket: FakeBucket, result: Result) -> None:
    """A missing or invalid page is awaited like any other."""
    with pytest.raises(NotIndexedError, match="after 60 seconds"):
        wait(bucket, result)
    bucket.objects[PAGE] = plain(b"<html>\xff")
    with pytest.raises(NotIndexedError, match="after 60 seconds"):
        wait(bucket, result)


def test_quarantined(bucket: FakeBucket, result: Result) -> None:
    """A refused file ends the wait at once, with the reason."""
    refused = {"filename": "demo-1.0-py3-none-any.whl", "reason": "bad", "etag": f'"{result.etag}"'}
    put_page(bucket, listing(_quarantined=[refused]))
    time = Time()
    with pytest.raises(RefusedError, match=r"demo-1\.0-py3-none-any\.whl: bad"):
        wait(bucket, result, time=time)
    assert time.now == 0


def test_quarantined_before(bucket: FakeBucket, result: Result) -> None:
    """The refusal of earlier content does not matter."""
    refused = {"filename": "demo-1.0-py3-none-any.whl", "reason": "bad", "etag": "earlier"}
    put_page(bucket, listing(_quarantined=[refused]))
    with pytest.raises(NotIndexedError):
        wait(bucket, result)


def test_one_request_per_project_and_round(tmp_path: Path, bucket: FakeBucket) -> None:
    """Files of one project share a request, and finished projects need none."""
    names = [("demo", "1.0"), ("demo", "2.0"), ("other", "1.0")]
    local = [wheel(tmp_path, name, version=version) for name, version in names]
    results = Uploader(bucket).upload(local)
    put_page(bucket, listing(results[2]), "other/index.json")
    bucket.requests.clear()
    time = Time()
    time.at, time.then = 0, lambda: put_page(bucket, listing(*results[:2]))
    wait(bucket, *results, time=time)
    assert Counter(bucket.requests) == {("get", PAGE): 2, ("get", "other/index.json"): 1}


def test_pages_are_requested_at_the_same_time(tmp_path: Path, bucket: FakeBucket) -> None:
    """Each round takes as long as one request, up to eight projects."""
    results = Uploader(bucket).upload([wheel(tmp_path, f"demo{n}") for n in range(POLLS)])
    together = Barrier(POLLS, timeout=20)

    def meet(method: str, _key: str) -> None:
        if method == "get":
            together.wait()

    bucket.before = meet
    with pytest.raises(NotIndexedError, match="after 0 seconds"):
        Waiter(bucket).wait(results, 0)


def test_the_wait_is_noticed_to_be_over_soon() -> None:
    """A pause is at most a sixth of the time waited, once that is longer than the first pause."""
    waited = rounds = 0.0
    while waited < 60:
        waited, rounds = waited + pause_after(waited), rounds + 1
    assert rounds < 50
    assert pause_after(3) == 0.5


def test_later_looks_are_conditional(bucket: FakeBucket, result: Result) -> None:
    """An unchanged page is not sent again."""
    looks: list[tuple[Page | None, Page]] = []
    get = bucket.get

    def note(key: str, known: Page | None = None) -> Page:
        page = get(key, known)
        looks.append((known, page))
        return page

    bucket.get = note  # type: ignore[method-assign]
    put_page(bucket, listing())
    time = Time()
    time.at, time.then = 1, lambda: put_page(bucket, listing(result))
    wait(bucket, result, time=time)
    assert len(looks) > 2
    assert [known for known, _ in looks] == [None, *(page for _, page in looks[:-1])]


def test_reading_is_refused(bucket: FakeBucket, result: Result) -> None:
    """Without s3:GetObject, the wait fails at once."""

    def before(method: str, _key: str) -> None:
        if method in {"get", "head"}:
            raise ForbiddenError("needs s3:GetObject")

    bucket.before = before
    time = Time()
    with pytest.raises(NotIndexedError, match="cannot check the index: needs s3:GetObject"):
        wait(bucket, result, time=time)
    assert time.now == 0


def test_missing_page_looks_forbidden(bucket: FakeBucket, result: Result) -> None:
    """Without s3:ListBucket, a missing page is a 403, and is awaited."""

    def before(method: str, key: str) -> None:
        if method == "get" and key not in bucket.objects:
            raise ForbiddenError("forbidden")

    bucket.before = before
    time = Time()
    time.at, time.then = 5, lambda: put_page(bucket, listing(result))
    wait(bucket, result, time=time)


def test_other_errors(bucket: FakeBucket, result: Result) -> None:
    """Other errors end the wait, and the message says that the file was uploaded."""

    def before(method: str, _key: str) -> None:
        if method == "get":
            raise AwsError("no network")

    bucket.before = before
    with pytest.raises(NotIndexedError, match="uploaded, but cannot check the index: no network"):
        wait(bucket, result)


def test_nothing_to_wait_for(bucket: FakeBucket) -> None:
    """Without files, there are no requests."""
    wait(bucket)
    assert not bucket.requests


def test_prefix_that_is_a_project(tmp_path: Path, bucket: FakeBucket) -> None:
    """If the prefix is a project's directory, the message says so."""
    time = Time()
    bucket.objects["team/index.json"] = plain(b'{"name": "team", "files": []}')
    results = Uploader(bucket, "team").upload([wheel(tmp_path)])
    with pytest.raises(NotIndexedError, match="s3://bucket/team/ is the directory of project team"):
        Waiter(bucket, "team", clock=time.clock, sleep=time.sleep).wait(results, 3)


def test_quarantined_project(tmp_path: Path, bucket: FakeBucket) -> None:
    """A quarantined project is reported at once."""
    page = b'{"name": "demo", "project-status": {"status": "quarantined", "reason": "stolen"}}'
    bucket.objects[PAGE] = plain(page)
    results = Uploader(bucket).upload([wheel(tmp_path)])
    with pytest.raises(RefusedError, match="because the project is quarantined: stolen; "):
        Waiter(bucket).wait(results, 3)


@pytest.mark.parametrize("again", [False, True])
def test_refused_and_not_shown(bucket: FakeBucket, result: Result, again: bool) -> None:
    """Beyond the refused files that a page shows with reasons, it has a fingerprint of each."""
    filename, size = result.distribution.filename, result.distribution.digest.size
    known = fingerprint(filename, result.etag, size, again=again)
    put_page(bucket, listing(**{"_quarantined-too": ["another", 7, known]}))
    with pytest.raises(RefusedError, match="the function's log"):
        wait(bucket, result)
