"""Invalidate files that changed or are gone in the CDN, which caches them for a year."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from lambda_indexer.index.outcome import Run
from lambda_indexer.locks.lease import Leases
from lambda_indexer.ports import Cdn
from s3pypi.distributions.filenames import is_wheel
from s3pypi.layout import SIDECAR_EXTENSION, DirectoryPath

MAX_PATHS: Final = 60
"""Paths of one directory. With more it is invalidated as a whole, because each path costs money."""

_MAX_WILDCARDS: Final = 10
"""CloudFront has 15 invalidations with wildcards in progress at most."""

_MAX_IN_ALL: Final = 1000
"""Paths of one invalidation; CloudFront has 3,000 in progress at most."""


@dataclass(frozen=True, slots=True)
class Invalidation:
    """Collects the paths that the runs of one invocation change, and invalidates them at its end.

    A lock item keeps its paths until the CDN has taken them, so a run that dies loses none.

    Attributes:
        cdn: None if there is no CDN.
        leases: of this invocation.
        stale: by lock, the entries that are to be invalidated; see `LockItem`.
    """

    cdn: Cdn | None
    leases: Leases
    stale: dict[str, frozenset[str]]

    def note(self, run: Run, filenames: Iterable[str] = ()) -> None:
        """Note that the CDN may have cached other content of some files.

        A run that is not certain of the last one does not know which files changed; it invalidates
        the directory.
        """
        if self.cdn is None:
            return
        path, lease = run.project.path, run.lease
        # With the number of the run: an older run then removes no entry of this one.
        stale = lease.stale.union(f"{lease.run} {each}" for each in paths_of(path, filenames))
        if run.uncertain or len(stale) > MAX_PATHS:
            # One for all, so that the item does not grow while the CDN is out of reach.
            stale = frozenset({f"{lease.run} {everything_in(path)}"})
        lease.stale = stale
        if lease.stale:
            self.stale[run.project.lock_id] = lease.stale

    def send(self) -> None:
        """Invalidate all that was noted, in one request.

        Raises:
            CdnError: the CDN refused or failed; the lock items still have the paths.
            LockTableError: DynamoDB refused or failed; the paths are invalidated once more.
        """
        if self.cdn is None or not self.stale:
            return
        entries = sorted((lock, entry) for lock, stale in self.stale.items() for entry in stale)
        # One reference for one set of entries, so that the SDK's retry costs nothing.
        reference = sha256(f"{entries} {self.leases.clock():.0f}".encode()).hexdigest()
        self.cdn.invalidate(merged(entry.partition(" ")[2] for _, entry in entries), reference)
        for lock_id, stale in self.stale.items():
            self.leases.table.forget(lock_id, stale)


def everything_in(directory: DirectoryPath) -> str:
    """The path of a whole directory."""
    return f"/{_encode(directory, safe='/+!')}*"


def paths_of(directory: DirectoryPath, filenames: Iterable[str]) -> frozenset[str]:
    """The paths of files and of their sidecars.

    Clients request `%2B` and `%21`, as the pages have them; AWS says that only characters that RFC
    1738 calls unsafe should be encoded. So names with such a character are given in both spellings:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation_Requests.html

    Args:
        directory: where the files are.
        filenames: of distributions.
    """
    names = [name + end for name in filenames for end in _ends(name)]
    paths = frozenset(
        f"/{_encode(directory, safe='/' + safe)}{_encode(name, safe=safe)}"
        for name in names
        for safe in ("", "+!")
    )
    return paths if len(paths) <= MAX_PATHS else frozenset({everything_in(directory)})


def merged(paths: Iterable[str]) -> list[str]:
    """Fewer paths that cover all of these, within the limits of one invalidation; sorted."""
    paths = set(paths)
    wild = {path[:-1] for path in paths if path.endswith("*")}
    if len(wild) > _MAX_WILDCARDS:
        return ["/*"]
    covered = {path for path in paths if any(path.startswith(w) and path != f"{w}*" for w in wild)}
    rest = paths - covered
    return sorted(rest) if len(rest) <= _MAX_IN_ALL else ["/*"]


def _ends(filename: str) -> tuple[str, ...]:
    return ("", SIDECAR_EXTENSION) if is_wheel(filename) else ("",)


def _encode(text: str, *, safe: str) -> str:
    # Python leaves `~` as it is, and CloudFront refuses it.
    return quote(text, safe=safe).replace("~", "%7E")
