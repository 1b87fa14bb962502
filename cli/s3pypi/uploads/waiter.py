"""Wait until the index lists uploaded files."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass

from packaging.utils import NormalizedName

from s3pypi.bucket import Bucket, Page
from s3pypi.errors import (
    AwsError,
    ForbiddenError,
    MissingError,
    NotIndexedError,
    RefusedError,
)
from s3pypi.layout import fingerprint, page_key
from s3pypi.markers import Status
from s3pypi.pages.parsing import parse_page, project_page
from s3pypi.uploads.destination import project_at
from s3pypi.uploads.results import Result
from s3pypi.workers import workers

FIRST_PAUSE, LAST_PAUSE = 0.2, 2.0
POLLS = 8
"""How many pages are requested at the same time."""


def pause_after(waited: float) -> float:
    """Return the seconds until the next round: a sixth of the time waited, within limits."""
    return min(max(FIRST_PAUSE, waited / 6), LAST_PAUSE)


@dataclass(frozen=True)
class Waiter:
    """Polls the pages of an index.

    Attributes:
        bucket: The bucket with the pages.
        prefix: The index's prefix, without slashes around it.
        clock: Returns monotonic seconds.
        sleep: Waits for a number of seconds.
    """

    bucket: Bucket
    prefix: str = ""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep

    def wait(self, results: Iterable[Result], seconds: float) -> None:
        """Wait until each file is on its project's page with its SHA-256.

        Each round makes one conditional request for each project with unlisted files.

        Args:
            results: The results of files that are in the bucket.
            seconds: The timeout.

        Raises:
            RefusedError: The index refuses to list a file.
            NotIndexedError: The timeout has expired, or the pages cannot be read.
        """
        left: dict[NormalizedName, list[Result]] = defaultdict(list)
        for result in results:
            left[result.distribution.project].append(result)
        with workers(POLLS) as pool:
            unlisted = self._poll(pool, left, seconds)
        if not unlisted:
            return
        names = sorted(each.distribution.filename for each in unlisted)
        raise NotIndexedError(
            f"uploaded, but not on the index after {seconds:g} seconds: {', '.join(names)}; "
            f"{self._cause()}"
        )

    def _poll(
        self, pool: Executor, left: Mapping[NormalizedName, list[Result]], seconds: float
    ) -> list[Result]:
        """Return the files that are still unlisted after that time."""
        pages: dict[NormalizedName, Page | None] = {}
        started = self.clock()
        while True:
            found = pool.map(self._page, left, left.values(), map(pages.get, left))
            pages = dict(zip(left, found, strict=True))
            unlisted = {name: _unlisted(pages[name], results) for name, results in left.items()}
            left = {name: results for name, results in unlisted.items() if results}
            waited = self.clock() - started
            if not left or waited >= seconds:
                return [each for results in left.values() for each in results]
            self.sleep(min(pause_after(waited), seconds - waited))

    def _cause(self) -> str:
        """Return a possible reason why files are not listed, and what to do."""
        with suppress(AwsError):
            project = project_at(self.bucket, self.prefix)
            if project:
                return (
                    f"s3://{self.bucket.name}/{self.prefix}/ is the directory of project "
                    f"{project}, not an index: delete the files, and upload them "
                    "with another --prefix"
                )
        return "if they do not appear soon, check the indexer's log and its dead-letter queue"

    def _page(
        self, project: NormalizedName, results: list[Result], known: Page | None
    ) -> Page | None:
        try:
            return self.bucket.get(page_key(self.prefix, project), known)
        except MissingError:
            return None
        except ForbiddenError as error:
            # Without s3:ListBucket, S3 responds with 403 for missing keys, too. The file exists; if
            # it is readable, the page is only missing.
            try:
                self.bucket.head(results[0].key)
            except AwsError:
                raise NotIndexedError(f"uploaded, but cannot check the index: {error}") from error
            return None
        except AwsError as error:
            raise NotIndexedError(f"uploaded, but cannot check the index: {error}") from error


def _unlisted(page: Page | None, results: list[Result]) -> list[Result]:
    """Return the files that the page does not list yet.

    Raises:
        RefusedError: The page says that the index refuses one of the files.
    """
    content = project_page(parse_page(page), results[0].distribution.project)
    refused = {(each.filename, each.etag): each.reason for each in content.refused}
    reasons = [
        f"{each.distribution.filename}: {refused[each.distribution.filename, each.etag]}"
        for each in results
        if (each.distribution.filename, each.etag) in refused
    ] + [
        f"{each.distribution.filename}: too many files are refused to show why; the function's log"
        " has the reason"
        for each in results
        if not _fingerprints(each).isdisjoint(content.unshown)
    ]
    if reasons:
        raise RefusedError("uploaded, but the index refuses it: " + "; ".join(reasons))
    if content.status is Status.QUARANTINED:
        why = f": {content.reason}" if content.reason else ""
        raise RefusedError(
            f"uploaded, but the index lists no file of {content.name}, because the project is "
            f"quarantined{why}; `s3pypi status {content.name}` shows and changes this"
        )
    listed = {(each.filename, each.sha256) for each in content.files}
    return [
        each
        for each in results
        if (each.distribution.filename, each.distribution.digest.sha256.hex()) not in listed
    ]


def _fingerprints(result: Result) -> set[str]:
    filename, size = result.distribution.filename, result.distribution.digest.size
    return {fingerprint(filename, result.etag, size, again=again) for again in (False, True)}
