"""Measure the cost of a survey of half a million objects: `python -m tests.worst_buckets`.

Each bucket is surveyed in a separate process, with the function's own code. The objects are
generated one by one, as by the adapter of S3, instead of listed.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.page_store import Pages
from lambda_indexer.model import ETag, StoredObject
from lambda_indexer.survey.surveyor import Surveyor
from s3pypi.distributions.source import MIB
from tests.fakes import MemoryStorage
from tests.worst_inputs.memory import peak

COUNT: Final = 500_000
_NAME: Final = "x" * 230
_DEEP: Final = "/".join(letter * 120 for letter in "abcdefg") + "/" + "h" * 80
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)

BUCKETS: Final[dict[str, Callable[[int], str]]] = {
    "foreign objects with long names": lambda number: f"foo/{number:06}-{_NAME}.txt",
    "foreign objects with keys of 1,000 bytes": lambda number: f"{_DEEP}{number:06}/x.txt",
    "archives that are never listed": lambda number: f"foo/foo-{number:06}-{_NAME}.exe",
    "misplaced distributions": lambda number: f"A/foo-9.{number:06}-{_NAME}.zip",
    "distributions of one project": lambda number: f"foo/foo-9.{number:06}-{_NAME}.zip",
    "projects without pages": lambda number: f"p{number:06}/p{number:06}-1.0.zip",
    "distributions with keys of 1,000 bytes": lambda number: f"{_DEEP}{number:06}/x-1.zip",
}


@dataclass
class Bucket(MemoryStorage):
    """A bucket that generates its objects on the fly."""

    key_of: Callable[[int], str] = str

    def walk(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """Generate the objects."""
        del bucket, prefix
        for number in range(COUNT):
            etag = ETag(f"{number:032x}")
            yield StoredObject(self.key_of(number), etag, number, _START + timedelta(0, number))


def measure(name: str) -> str:
    """Survey a bucket in this process, and return a row of the table."""
    storage = Bucket(key_of=BUCKETS[name])
    before, began = peak(), time.process_time()
    survey = Surveyor(storage, Kinds(Pages(storage))).survey("bucket")
    seconds, memory = time.process_time() - began, (peak() - before) / MIB
    return f"| {name} | {seconds:.0f} s | {memory:.0f} MiB | {survey.count:,} |"


def main() -> int:
    """Measure each bucket in a separate process, and print the table."""
    if sys.argv[1:]:
        print(measure(sys.argv[1]))  # noqa: T201
        return 0
    print(f"| {COUNT:,} objects | processor time | memory | differences |")  # noqa: T201
    print("|---|---|---|---|", flush=True)  # noqa: T201
    for name in BUCKETS:
        subprocess.run([sys.executable, "-m", "tests.worst_buckets", name], check=True)  # noqa: S603
    return 0


if __name__ == "__main__":
    sys.exit(main())
