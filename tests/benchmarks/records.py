"""Create records of files that only exist on pages, for large projects."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from packaging.utils import canonicalize_name
from packaging.version import Version

from lambda_indexer.model import ETag, ProjectFile, Sha256, Sidecar

NAME = canonicalize_name("large")
_PLATFORM = "manylinux_2_17_x86_64.manylinux2014_x86_64"
CONTENT = b"not a wheel; its record says that it has been looked at"
METADATA = b"Metadata-Version: 2.1\nName: large\nVersion: 1\n"


def make_records(number: int, name: str = NAME, stamp: datetime | None = None) -> list[ProjectFile]:
    """Create records of wheels, ten for each version.

    Args:
        number: How many.
        name: The project's, normalised.
        stamp: When the first was uploaded.
    """
    first = stamp or datetime(2026, 1, 1, tzinfo=UTC)
    etag = ETag(hashlib.md5(CONTENT, usedforsecurity=False).hexdigest())
    sidecar = Sidecar(
        Sha256(hashlib.sha256(METADATA).hexdigest()),
        ETag(hashlib.md5(METADATA, usedforsecurity=False).hexdigest()),
    )
    records = []
    for n in range(number):
        version = f"{n // 1000}.{n // 10 % 100}.0"
        python = f"cp{38 + n % 10}"
        records.append(
            ProjectFile(
                filename=f"{name.replace('-', '_')}-{version}-{python}-{python}-{_PLATFORM}.whl",
                version=Version(version),
                etag=etag,
                size=len(CONTENT),
                sha256=Sha256(hashlib.sha256(str(n).encode()).hexdigest()),
                upload_time=first + timedelta(seconds=n),
                requires_python=">=3.8",
                sidecar=sidecar,
            )
        )
    return records


def put_at(records: Iterable[ProjectFile], times: Mapping[str, datetime]) -> list[ProjectFile]:
    """Set the times at which the files of the records were uploaded."""
    return [replace(record, upload_time=times[record.filename]) for record in records]
