"""Measure the inputs, and print a table.

Each is read by the function's own code in a separate process, which reports the processor time, the
memory and the requests. The table is in docs/architecture.md.
"""

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from packaging.utils import canonicalize_name

from lambda_indexer.errors import UnreadableError
from lambda_indexer.files.inspection import SMALL, inspect
from lambda_indexer.model import ETag, StoredObject
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MIB

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_indexer.ports import Storage

from tests.worst_inputs.inputs import INPUTS
from tests.worst_inputs.memory import peak
from tests.worst_inputs.storage import CountingStorage

FOO = canonicalize_name("foo")


def measure(name: str, file: Path) -> dict[str, Any]:
    """Read an input in this process, and return the cost."""
    filename, make = INPUTS[name]
    body: Callable[[int, int], bytes]
    if name.startswith("2 GiB"):
        body, size = make()
    else:
        content = file.read_bytes()
        size = len(content)
        body = lambda start, stop: content[start:stop]  # noqa: E731 - it is all that it is
    storage = CountingStorage(body, size)
    stored = StoredObject(f"foo/{filename}", ETag("e"), size, datetime(2026, 1, 1, tzinfo=UTC))
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = peak()
    began = time.process_time()
    try:
        inspect(cast("Storage", storage), "bucket", stored, FOO)
        outcome = "listed"
    except (InvalidDistributionError, UnreadableError) as error:
        outcome = str(error)
    return {
        "input": name,
        "size": size,
        "seconds": time.process_time() - began,
        # A small file is read whole: those are its own bytes.
        "memory": peak() - before - (size if size <= SMALL else 0),
        "requests": storage.requests,
        "outcome": outcome,
    }


def main() -> int:
    """Measure each input in a separate process, and print the table."""
    if sys.argv[1:]:
        print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))  # noqa: T201
        return 0
    print("| input | file | processor time | memory beyond the file | requests | outcome |")  # noqa: T201
    print("|---|---|---|---|---|---|")  # noqa: T201
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "input")
        for name, (_, make) in INPUTS.items():
            if not name.startswith("2 GiB"):
                file.write_bytes(make())
            command = [sys.executable, "-m", "tests.worst_inputs", name, str(file)]
            done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603
            row = json.loads(done.stdout)
            print(  # noqa: T201
                f"| {name} | {row['size'] / MIB:,.1f} MiB | {row['seconds']:.2f} s"
                f" | {max(0, row['memory']) / MIB:.0f} MiB | {row['requests']} | {row['outcome']} |"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
