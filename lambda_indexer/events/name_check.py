"""The scheduled check of whether somebody else uses the project names on the upstream."""

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from packaging.utils import NormalizedName

from lambda_indexer.errors import StorageError
from lambda_indexer.index.page_store import Pages
from lambda_indexer.index.places import Project
from lambda_indexer.model import ProjectPage
from lambda_indexer.survey.surveyor import Surveyor
from s3pypi.upstream.lookup import Unknown, Upstream
from s3pypi.upstream.names import Answer, State, check, counts, part_of

NAMES_A_RUN: Final = 5_000
"""More names than these are checked on several days, another part on each."""

SECONDS_A_NAME: Final = 30.0
_RESERVE: Final = 15.0
_MAX_SHOWN: Final = 1_000
_NO_TIME: Final = Unknown("not requested, because the invocation has no time left")


def _today() -> int:
    return datetime.now(UTC).toordinal()


@dataclass(frozen=True, slots=True)
class NameCheck:
    """Asks the upstream for the names of all projects.

    Attributes:
        upstream: the deployment's own. A command cannot name another one: whoever may give commands
            could send the names anywhere.
        remaining: seconds that are left of this invocation.
        today: the number of the day, which decides what part of the names is checked.
    """

    upstream: Upstream
    remaining: Callable[[], float]
    today: Callable[[], int] = field(default=_today)

    def run(
        self, surveyor: Surveyor, pages: Pages, bucket: str, acknowledged: Collection[str]
    ) -> dict[str, Any]:
        """Check the names of all indexes in a bucket, or a part of them.

        Args:
            surveyor: lists the projects.
            pages: reads their pages.
            bucket: the bucket.
            acknowledged: normalized names that are known to be taken.

        Returns:
            How many names there are (`names`) and how many have each state (`states`); a line for
            each that is taken or unknown, the first thousand of each. A name that there was no time
            for is unknown.

        Raises:
            StorageError: S3 refused or failed.
        """
        places: defaultdict[NormalizedName, list[Project]] = defaultdict(list)
        for project in surveyor.projects(bucket):
            places[project.name].append(project)

        def find(name: NormalizedName) -> Answer:
            enough = self.remaining() > SECONDS_A_NAME + _RESERVE
            return self.upstream.find(name) if enough else _NO_TIME

        def digests(name: NormalizedName) -> set[str]:
            try:
                return digests_of(pages, places[name])
            except StorageError:  # then nothing shows that the upstream's files are ours
                return set()

        day = self.today()
        names = part_of(sorted(places), NAMES_A_RUN, day)
        # In another order each day: a run that is out of time leaves out other names.
        random.Random(day).shuffle(names)  # noqa: S311
        verdicts = list(check(names, find, digests, acknowledged))
        lines = {
            state.value: sorted(one.line() for one in verdicts if one.state is state)[:_MAX_SHOWN]
            for state in (State.TAKEN, State.UNKNOWN)
        }
        return {"names": len(places), "states": counts(verdicts), **lines}


def digests_of(pages: Pages, projects: Iterable[Project]) -> set[str]:
    """The SHA-256 of all files on the pages of some projects.

    Raises:
        StorageError: S3 refused or failed.
    """
    found = [pages.read_json(project).page for project in projects]
    return {file.sha256 for page in found if isinstance(page, ProjectPage) for file in page.files}
