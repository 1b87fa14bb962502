"""Uploads in parts, of which one fails."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any, cast

import pytest

from s3pypi.digest import Part
from s3pypi.errors import AwsError
from s3pypi.uploads import multipart
from s3pypi.workers import GRACE
from tests.unit.cli.interrupts import anywhere, inside_threading

if TYPE_CHECKING:
    from s3pypi.bucket import Bucket
    from s3pypi.uploads.distribution import Distribution


class Failing:
    """A bucket that refuses the first part while the second one is on its way.

    Attributes:
        given_up: Set when the upload waits for the parts that are on their way.
        events: What happened, in order.
    """

    def __init__(self) -> None:
        self.given_up = threading.Event()
        self.second_began = threading.Event()
        self.events: list[str] = []

    def start_parts(self, _key: str) -> str:
        return "upload"

    def put_part(self, _key: str, _upload: str, part: Part, body: IO[bytes]) -> str:
        if part.number == 1:
            assert self.second_began.wait(60)
            raise AwsError("refused")
        self.second_began.set()
        assert self.given_up.wait(60)
        try:
            body.read()
        except KeyboardInterrupt:
            self.events.append("stopped")
            raise
        self.events.append("sent")
        return "etag"

    def abort_parts(self, _key: str, _upload: str) -> None:
        self.events.append("aborted")


class Interrupted(ThreadPoolExecutor):
    """Is interrupted when the second part is about to be submitted."""

    submitted = False
    interrupt = staticmethod(anywhere)

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        """Submit the first part only."""
        if self.submitted:
            self.interrupt()
        self.submitted = True
        return super().submit(*args, **kwargs)


class InterruptedInside(Interrupted):
    """Is interrupted inside `threading`."""

    interrupt = staticmethod(inside_threading)


@pytest.mark.parametrize(
    ("pool", "numbers", "error"),
    [
        (ThreadPoolExecutor, (1, 2), AwsError),
        (Interrupted, (2, 3), KeyboardInterrupt),
        (InterruptedInside, (2, 3), RuntimeError),
    ],
)
def test_a_failure_stops_the_other_parts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pool: type[ThreadPoolExecutor],
    numbers: tuple[int, int],
    error: type[BaseException],
) -> None:
    """The upload is aborted when no part is on its way any more."""
    bucket = Failing()
    awaited = []

    def watched(pending: Sequence[Future[str]], timeout: float | None) -> Any:
        awaited.append((len(pending), timeout))
        bucket.given_up.set()
        return wait(pending, timeout)

    monkeypatch.setattr(multipart, "wait", watched)
    path = tmp_path / "file"
    path.write_bytes(b"12")
    parts = [Part(number, offset, 1, b"") for offset, number in enumerate(numbers)]
    distribution = SimpleNamespace(path=path, digest=SimpleNamespace(parts=parts))

    with pool(2) as workers, pytest.raises(error):
        multipart.send_parts(
            cast("Bucket", bucket),
            "key",
            cast("Distribution", distribution),
            pool=workers,
            replace=False,
            advance=lambda _: None,
        )
    assert awaited == [(2, None) if error is AwsError else (1, GRACE)]
    assert bucket.events == ["stopped", "aborted"]
