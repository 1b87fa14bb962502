import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from s3pypi.digest import Part
from s3pypi.errors import AwsError, ConflictError, ForbiddenError
from s3pypi.uploads.distribution import Distribution
from s3pypi.uploads.results import Existing, Outcome, Result
from s3pypi.uploads.uploader import LARGE, PAUSES, Uploader
from tests.unit.cli.factories import in_parts, wheel
from tests.unit.cli.fakes import FakeBucket, plain

KEY = "team/demo/demo-1.0-py3-none-any.whl"

Sent = Callable[[Distribution], Distribution]


@pytest.fixture(params=[lambda whole: whole, in_parts], ids=["whole", "in parts"])
def sent(request: pytest.FixtureRequest) -> Sent:
    """Return how a file is sent; the outcomes are the same."""
    how: Sent = request.param
    return how


@pytest.fixture
def bucket() -> FakeBucket:
    """Return an empty bucket."""
    return FakeBucket()


def upload_one(
    bucket: FakeBucket, distribution: Distribution, existing: Existing = Existing.SKIP
) -> Result:
    """Upload a file without waiting."""
    uploader = Uploader(bucket, "team", existing, jobs=2, sleep=lambda _: None)
    return uploader.upload([distribution])[0]


def failing(method: str, error: Exception, times: int = 1000) -> Callable[[str, str], None]:
    """Return a hook that makes a method fail a number of times."""
    left = [error] * times

    def before(called: str, _key: str) -> None:
        if called == method and left:
            raise left.pop()

    return before


@pytest.mark.parametrize("existing", Existing)
def test_new_file(tmp_path: Path, bucket: FakeBucket, sent: Sent, existing: Existing) -> None:
    """A new file is uploaded with every policy for existing files."""
    local = sent(wheel(tmp_path))
    result = upload_one(bucket, local, existing)
    stored = bucket.objects[KEY]
    assert stored.content == local.path.read_bytes()
    assert result == Result(local, KEY, Outcome.UPLOADED, etag=stored.etag)
    assert not bucket.uploads


def test_one_request_for_a_small_file(tmp_path: Path, bucket: FakeBucket) -> None:
    """A small file costs one request."""
    upload_one(bucket, wheel(tmp_path))
    assert bucket.requests == [("put", KEY)]


@pytest.mark.parametrize("existing", [Existing.SKIP, Existing.FAIL])
@pytest.mark.parametrize("checksum", [True, False])
def test_identical(
    tmp_path: Path, bucket: FakeBucket, sent: Sent, existing: Existing, *, checksum: bool
) -> None:
    """An identical file is not a conflict, even with `--strict`."""
    local = sent(wheel(tmp_path))
    there = bucket.objects[KEY] = plain(local.path.read_bytes(), checksum=checksum)
    result = upload_one(bucket, local, existing)
    assert (result.outcome, result.etag) == (Outcome.IDENTICAL, there.etag)


def test_identical_in_parts(tmp_path: Path, bucket: FakeBucket) -> None:
    """An existing large file is recognised before it is sent."""
    local = in_parts(wheel(tmp_path))
    upload_one(bucket, local)
    bucket.requests.clear()
    assert upload_one(bucket, local).outcome is Outcome.IDENTICAL
    assert bucket.requests == [("head", KEY)]


@pytest.mark.parametrize(
    ("existing", "outcome"),
    [(Existing.SKIP, Outcome.SKIPPED), (Existing.FAIL, Outcome.FAILED)],
)
def test_different(
    tmp_path: Path, bucket: FakeBucket, sent: Sent, existing: Existing, outcome: Outcome
) -> None:
    """Different content is not replaced."""
    bucket.objects[KEY] = plain(b"other")
    result = upload_one(bucket, sent(wheel(tmp_path)), existing)
    assert (result.outcome, result.reason) == (outcome, "already exists with different content")
    assert bucket.objects[KEY].content == b"other"


def test_replaced(tmp_path: Path, bucket: FakeBucket, sent: Sent) -> None:
    """Different content is replaced by force, without comparing."""
    bucket.objects[KEY] = plain(b"other")
    local = sent(wheel(tmp_path))
    assert upload_one(bucket, local, Existing.REPLACE).outcome is Outcome.UPLOADED
    assert bucket.objects[KEY].content == local.path.read_bytes()
    assert ("head", KEY) not in bucket.requests


@pytest.mark.parametrize(
    ("existing", "outcome"),
    [(Existing.SKIP, Outcome.SKIPPED), (Existing.FAIL, Outcome.FAILED)],
)
def test_cannot_look(
    tmp_path: Path, bucket: FakeBucket, sent: Sent, existing: Existing, outcome: Outcome
) -> None:
    """With s3:PutObject alone, an existing file cannot be compared."""
    bucket.objects[KEY] = plain(b"other")
    bucket.before = failing("head", ForbiddenError("needs s3:GetObject"))
    result = upload_one(bucket, sent(wheel(tmp_path)), existing)
    assert result.outcome is outcome
    assert "could not be compared: needs s3:GetObject" in result.reason
    assert bucket.objects[KEY].content == b"other"
    assert not bucket.uploads


def test_cannot_tell(tmp_path: Path, bucket: FakeBucket, sent: Sent) -> None:
    """An object of the same size without a checksum cannot be compared."""
    local = sent(wheel(tmp_path))
    unknown = plain(bytes(local.digest.size))
    bucket.objects[KEY] = replace(unknown, etag_is_md5=False)
    result = upload_one(bucket, local)
    assert result.outcome is Outcome.SKIPPED
    assert "S3 has no checksum to compare" in result.reason


def test_telling_is_not_sending(tmp_path: Path, bucket: FakeBucket) -> None:
    """An error of a callback is not an error of the upload."""

    def full(_: int) -> None:
        raise OSError("no space left")

    told: list[Result] = []
    with pytest.raises(OSError, match="no space left"):
        Uploader(bucket, "team", finished=told.append, advance=full).upload([wheel(tmp_path)])
    assert not told
    assert KEY in bucket.objects


def test_conflict_passes(tmp_path: Path, bucket: FakeBucket, sent: Sent) -> None:
    """A write that collides with another is retried with growing pauses."""
    local = sent(wheel(tmp_path))
    method = "complete_parts" if local.digest.parts else "put"
    bucket.before = failing(method, ConflictError("busy"), times=2)
    pauses: list[float] = []
    result = Uploader(bucket, "team", sleep=pauses.append).upload([local])[0]
    assert result.outcome is Outcome.UPLOADED
    assert tuple(pauses) == PAUSES[:2]
    assert not bucket.uploads


def test_conflict_stays(tmp_path: Path, bucket: FakeBucket, sent: Sent) -> None:
    """The number of attempts is limited."""
    local = sent(wheel(tmp_path))
    method = "complete_parts" if local.digest.parts else "put"
    bucket.before = failing(method, ConflictError("busy"))
    result = upload_one(bucket, local)
    assert (result.outcome, result.reason) == (Outcome.FAILED, "busy")
    assert bucket.requests.count((method, KEY)) == len(PAUSES) + 1


def test_existing_file_goes_away(tmp_path: Path, bucket: FakeBucket) -> None:
    """If the existing file was deleted meanwhile, the file is uploaded."""
    bucket.objects[KEY] = plain(b"other")

    def before(method: str, _key: str) -> None:
        if method == "head":
            bucket.objects.clear()

    bucket.before = before
    assert upload_one(bucket, wheel(tmp_path)).outcome is Outcome.UPLOADED


def test_racing_uploads_of_different_content(
    tmp_path: Path, bucket: FakeBucket, sent: Sent
) -> None:
    """Of two uploaders of one name, exactly one succeeds."""
    local = [sent(wheel(tmp_path / side, content=side.encode())) for side in ("a", "b")]
    together = threading.Barrier(2)

    def before(method: str, _key: str) -> None:
        if method in {"put", "complete_parts"}:
            together.wait(timeout=10)

    bucket.before = before
    results: list[Result] = []
    threads = [
        threading.Thread(target=lambda each=each: results.append(upload_one(bucket, each)))
        for each in local
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {result.outcome for result in results} == {Outcome.UPLOADED, Outcome.SKIPPED}
    winner = next(result for result in results if result.outcome is Outcome.UPLOADED)
    assert bucket.objects[KEY].content == winner.distribution.path.read_bytes()
    assert not bucket.uploads


def test_a_failure_is_its_own(tmp_path: Path, bucket: FakeBucket, sent: Sent) -> None:
    """Other files are uploaded, and results keep the order of the files."""
    local = [sent(wheel(tmp_path, name)) for name in ("aa", "bb", "cc")]

    def before(_method: str, key: str) -> None:
        if "/bb/" in key:
            raise AwsError("broken")

    bucket.before = before
    finished: list[Result] = []
    results = Uploader(bucket, "team", finished=finished.append).upload(local)
    assert [result.outcome for result in results] == [
        Outcome.UPLOADED,
        Outcome.FAILED,
        Outcome.UPLOADED,
    ]
    assert results[1].reason == "broken"
    assert sorted(result.key for result in finished) == [result.key for result in results]


def test_many_files_in_order(tmp_path: Path, bucket: FakeBucket) -> None:
    """Small and large files are uploaded together, and all bytes are reported."""
    small = [wheel(tmp_path, f"small{number}") for number in range(20)]
    large = [in_parts(wheel(tmp_path, f"large{number}")) for number in range(3)]
    local = [*small[:10], *large, *small[10:]]
    done: list[int] = []
    results = Uploader(bucket, jobs=4, advance=done.append).upload(local)
    assert [result.distribution for result in results] == local
    assert {result.outcome for result in results} == {Outcome.UPLOADED}
    assert sum(done) == sum(each.digest.size for each in local)


def test_progress_counts_every_byte_once(
    tmp_path: Path, bucket: FakeBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads for signing and retries are not counted."""
    monkeypatch.setattr("s3pypi.uploads.uploader.LARGE", 0)
    local = wheel(tmp_path)
    done: list[int] = []
    put = bucket.put

    def put_twice(key: str, body: IO[bytes], sha256: bytes, *, replace: bool) -> str:
        body.start_sending()  # type: ignore[attr-defined]
        body.read(10)
        body.seek(0)
        return put(key, body, sha256, replace=replace)

    bucket.put = put_twice  # type: ignore[method-assign]
    Uploader(bucket, advance=done.append).upload([local])
    assert done == [10, local.digest.size - 10]


@pytest.mark.parametrize("size", [LARGE - 1, LARGE])
def test_a_large_file_that_is_there_is_not_sent_in_vain(
    tmp_path: Path, bucket: FakeBucket, size: int
) -> None:
    """The key of a large file is checked first."""
    local = wheel(tmp_path)
    local = replace(local, digest=replace(local.digest, size=size))
    bucket.objects[KEY] = plain(b"other")
    assert upload_one(bucket, local).outcome is not Outcome.UPLOADED
    assert (bucket.requests[:1] == [("head", KEY)]) == (size == LARGE)


@pytest.mark.parametrize("content", [b"", b"longer" * 1000])
def test_file_of_another_size(
    tmp_path: Path, bucket: FakeBucket, sent: Sent, content: bytes
) -> None:
    """A file that has grown or shrunk since it was checked is not sent."""
    local = sent(wheel(tmp_path))
    local.path.write_bytes(content)
    result = upload_one(bucket, local)
    assert result.outcome is Outcome.FAILED
    assert "check" in result.reason
    assert not bucket.objects
    assert not bucket.uploads


def test_nothing_of_a_file_of_another_size_is_sent(tmp_path: Path, bucket: FakeBucket) -> None:
    """S3 would only refuse it after receiving all of it."""
    for local in (wheel(tmp_path, "aa"), in_parts(wheel(tmp_path, "bb"), part_size=10_000)):
        local.path.write_bytes(b"short")
        result = upload_one(bucket, local)
        assert result.outcome is Outcome.FAILED
        assert result.reason == "changed after it was checked; upload it again"
    assert {method for method, _key in bucket.requests} == {"head", "start_parts", "abort_parts"}


def test_file_with_other_content(tmp_path: Path, bucket: FakeBucket, sent: Sent) -> None:
    """A file that has changed since it was checked is refused by its checksum."""
    local = sent(wheel(tmp_path))
    local.path.write_bytes(bytes(local.digest.size))
    result = upload_one(bucket, local)
    assert result.outcome is Outcome.FAILED
    assert "differs from the file that was checked" in result.reason
    assert not bucket.objects
    assert not bucket.uploads


def test_file_that_is_gone(tmp_path: Path, bucket: FakeBucket, sent: Sent) -> None:
    """A file that was deleted after the check is a failure."""
    local = sent(wheel(tmp_path))
    local.path.unlink()
    assert "No such file" in upload_one(bucket, local).reason


def test_interrupt(tmp_path: Path, bucket: FakeBucket) -> None:
    """An interrupt aborts the multipart upload and ends the run."""
    local = in_parts(wheel(tmp_path))
    bucket.before = failing("complete_parts", KeyboardInterrupt())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        upload_one(bucket, local)
    assert bucket.requests[-1] == ("abort_parts", KEY)
    assert not bucket.uploads


def test_failing_abort(tmp_path: Path, bucket: FakeBucket) -> None:
    """A failed abort does not hide the original error."""

    def before(method: str, _key: str) -> None:
        if method in {"put_part", "abort_parts"}:
            raise AwsError(f"{method} fails")

    bucket.before = before
    assert upload_one(bucket, in_parts(wheel(tmp_path))).reason == "put_part fails"


def test_a_failed_part_waits_for_the_others(tmp_path: Path, bucket: FakeBucket) -> None:
    """The upload is only aborted after all parts have ended."""
    put_part, abort_parts = bucket.put_part, bucket.abort_parts
    sending, given_up = threading.Event(), threading.Event()
    events: list[str] = []

    def put(key: str, upload: str, part: Part, body: IO[bytes]) -> str:
        if part.number == 1:
            sending.wait(10)
            raise AwsError("the first part fails")
        sending.set()
        given_up.wait(0.2)  # in vain: nothing is given up as long as this part is being sent
        events.append("sent")
        return put_part(key, upload, part, body)

    def abort(key: str, upload: str) -> None:
        events.append("given up")
        given_up.set()
        abort_parts(key, upload)

    bucket.put_part, bucket.abort_parts = put, abort  # type: ignore[method-assign]
    result = upload_one(bucket, in_parts(wheel(tmp_path)))
    assert result.reason == "the first part fails"
    assert events[-1] == "given up"
    assert events.count("given up") == 1
    assert "sent" in events


def test_parts_are_sent_side_by_side(tmp_path: Path, bucket: FakeBucket) -> None:
    """At most `jobs` parts are sent in parallel."""
    local = in_parts(wheel(tmp_path), part_size=20)
    together = threading.Barrier(3)
    under_way: list[int] = []

    def before(method: str, _key: str) -> None:
        if method == "put_part" and len(under_way) < 3:
            under_way.append(1)
            together.wait(timeout=10)

    bucket.before = before
    assert len(local.digest.parts) > 3
    assert Uploader(bucket, jobs=3).upload([local])[0].outcome is Outcome.UPLOADED


def test_interrupt_of_a_whole_file(tmp_path: Path, bucket: FakeBucket) -> None:
    """An interrupted request is not awaited, and leaves nothing behind."""
    reading, interrupted = threading.Event(), threading.Event()
    put = bucket.put

    def put_slowly(key: str, body: IO[bytes], sha256: bytes, *, replace: bool) -> str:
        reading.set()
        interrupted.wait(timeout=10)
        return put(key, body, sha256, replace=replace)

    bucket.put = put_slowly  # type: ignore[method-assign]
    uploader = Uploader(bucket, "team", jobs=1)
    local = [wheel(tmp_path, "aa"), in_parts(wheel(tmp_path, "bb"))]

    def interrupt(method: str, _key: str) -> None:
        if method == "start_parts":
            reading.wait(timeout=10)
            uploader.stop.set()
            interrupted.set()
            raise KeyboardInterrupt

    bucket.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        uploader.upload([local[1], local[0]])
    assert not bucket.objects
    assert not bucket.uploads
