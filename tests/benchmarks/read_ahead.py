"""`python -m tests.benchmarks.read_ahead URL SIZE`: the function's digest of one large object.

Prints the seconds that it took, those of a processor, and the bytes of memory at its highest.
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from lambda_indexer.aws.s3 import S3Storage
from lambda_indexer.files.inspection import digest
from lambda_indexer.model import ETag, StoredObject
from scripts.local.clients import Clients
from tests.benchmarks.invoke import memory
from tests.benchmarks.paced import ETAG


def main() -> None:
    """Read it and print the figures as JSON."""
    url, size = sys.argv[1:]
    storage = S3Storage(Clients(url).s3)
    stored = StoredObject("huge.whl", ETag(ETAG), int(size), datetime.now(UTC))
    storage.head("bucket", stored.key)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, started, cpu = memory("VmRSS"), time.perf_counter(), time.process_time()
    digest(storage, "bucket", stored)
    taken = time.perf_counter() - started
    print(json.dumps([taken, time.process_time() - cpu, memory("VmHWM") - before]))


if __name__ == "__main__":
    main()
