"""Files that several workers of a run share."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes while the context is active.

    Args:
        path: of the lock's file, which stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def shared_directory(factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the temporary directory of all workers of a run.

    Args:
        factory: of temporary directories.
        worker_id: of this worker; "master" when there are no others.
    """
    base = factory.getbasetemp()
    return base if worker_id == "master" else base.parent


def shared_file(
    factory: pytest.TempPathFactory, worker_id: str, name: str, make: Callable[[Path], object]
) -> Path:
    """Return a file that the first worker creates for all workers of a run.

    Args:
        factory: of temporary directories.
        worker_id: of this worker; "master" when there are no others.
        name: of the file.
        make: writes the file at the path that it is given.
    """
    path = shared_directory(factory, worker_id) / name
    with locked(path.with_name(f"{name}.lock")):
        if not path.exists():
            make(path)
    return path
