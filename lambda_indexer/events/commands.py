"""The commands of the function: verify, rebuild, queue, names, digests, forget, check_names."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from packaging.utils import NormalizedName

from lambda_indexer.errors import InvalidEventError
from lambda_indexer.events.arguments import bucket_of, names_of, prefix_of
from lambda_indexer.events.name_check import NameCheck, digests_of
from lambda_indexer.events.queue import Queue
from lambda_indexer.events.rebuild import Rebuilder
from lambda_indexer.index.places import Index
from lambda_indexer.index.regeneration import Indexer
from lambda_indexer.survey.result import Survey
from lambda_indexer.survey.surveyor import Surveyor
from s3pypi.layout import DirectoryPath


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs commands.

    Attributes:
        surveyor: Compares indexes with buckets.
        indexer: Forgets names.
        queue: The function's queue.
        name_check: Asks the deployment's upstream for names; None if there is no upstream.
    """

    surveyor: Surveyor
    indexer: Indexer
    queue: Queue
    name_check: NameCheck | None = None

    def run(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Run a command.

        Args:
            event: The command. `command` is one of `verify`, `rebuild`, `queue`, `names`,
                `digests`, `forget` and `check_names`. All but `queue` take `bucket`, and all but
                `queue` and `check_names` optionally take `prefix` and `names`; `digests` and
                `forget` require `names`. `rebuild` regenerates the projects that differ; with
                `fresh`, it regenerates all projects, reads every file and writes every page.
                `check_names` optionally takes `acknowledged`; see `NameCheck`.

        Returns:
            The response, as JSON.

        Raises:
            InvalidEventError: The command or its arguments are invalid.
            StorageError, QueueError: A request to AWS failed.
        """
        match event["command"]:
            case "queue":
                return asdict(self.queue.state())
            case "forget":
                names = names_of(event, required=True)
                return self._forget(Index(bucket_of(event), prefix_of(event)), names)
            case "names":
                found = self.surveyor.projects(bucket_of(event), prefix_of(event))
                return {"names": sorted({project.name for project in found})}
            case "digests":
                names = names_of(event, required=True)
                return {"digests": self._digests(bucket_of(event), prefix_of(event), names)}
            case "check_names":
                return self._check_names(bucket_of(event), names_of(event, "acknowledged"))
            case "verify" | "rebuild" as command:
                bucket = bucket_of(event)
                survey = self.surveyor.survey(bucket, prefix_of(event), names_of(event))
                report = _report(survey)
                if command == "rebuild":
                    rebuilder = Rebuilder(self.queue, self.indexer.root)
                    report |= rebuilder.rebuild(bucket, survey, fresh=event.get("fresh") is True)
                return report
            case command:
                raise InvalidEventError(
                    f"unknown command {command!r}; use verify, rebuild, queue, names, digests,"
                    " forget or check_names"
                )

    def _forget(self, index: Index, names: Sequence[NormalizedName]) -> dict[str, Any]:
        """Delete the pages of projects without files; report projects with files as kept."""
        outcomes = [self.indexer.forget(index.project(name)) for name in names]
        self.indexer.invalidation.send()
        return {
            "forgotten": [each.project.name for each in outcomes if not each.present],
            "kept": [each.project.name for each in outcomes if each.present],
        }

    def _digests(self, bucket: str, prefix: str, names: Sequence[NormalizedName]) -> list[str]:
        """Return the SHA-256 digests of the files of projects, in every index below a prefix."""
        indexes = {prefix, *(each for each in self.indexer.prefixes if each.startswith(prefix))}
        projects = [
            Index(bucket, DirectoryPath(path)).project(name)
            for path in sorted(indexes)
            for name in names
        ]
        return sorted(digests_of(self.indexer.pages, projects))

    def _check_names(self, bucket: str, acknowledged: Sequence[str]) -> dict[str, Any]:
        if self.name_check is None:
            raise InvalidEventError("S3PYPI_UPSTREAM is not set, so there is no upstream to ask")
        return self.name_check.run(self.surveyor, self.indexer.pages, bucket, acknowledged)


def _report(survey: Survey) -> dict[str, Any]:
    return {
        "objects": survey.objects,
        "projects": len(survey.projects),
        "count": survey.count,
        "repairable": survey.repairable,
        "differences": [{"place": one.place, "what": one.what} for one in survey.differences],
    }
