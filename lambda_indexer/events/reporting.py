"""Write the log and the metrics of an invocation: one structured line for each project."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from lambda_indexer.events.batch import Result
from lambda_indexer.index.filing import Filed
from lambda_indexer.index.outcome import Outcome, OutOfTimeError
from lambda_indexer.index.places import Directory


class Reporter:
    """Writes the log and the metrics of the function."""

    def __init__(self, log: Logger, metrics: EphemeralMetrics) -> None:
        self._log = log
        self._metrics = metrics

    def report(self, result: Result) -> None:
        """Report the result of a project or a misplaced file."""
        match result.outcome:
            case OutOfTimeError():
                self._log.warning("out of time", extra={"reason": str(result.outcome)})
                self._regenerated(result, result.outcome.outcome)
            case Exception():
                self._failed(result, result.outcome)
            case Filed():
                self._filed(result.work.bucket, result.outcome)
            case Outcome():
                self._regenerated(result, result.outcome)

    def command(self, event: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Report the result of a command."""
        self._log.info("command", extra={"request": _brief(event), "response": _brief(answer)})
        for difference in answer.get("differences", ()):
            self._log.warning("difference", extra=dict(difference))
        for line in answer.get("taken", ()):
            self._log.warning("name taken", extra={"found": line})
        for line in answer.get("unknown", ()):
            self._log.warning("name unknown", extra={"found": line})
        if states := answer.get("states"):
            self._metrics.add_metric("NamesTaken", MetricUnit.Count, states["taken"])
            self._metrics.add_metric("NamesUnknown", MetricUnit.Count, states["unknown"])
        if "repairable" in answer and not event.get("names"):
            # Publish zero, too: the alarm distinguishes "no differences" from "no data".
            self._metrics.add_metric("Differences", MetricUnit.Count, answer["repairable"])

    def _failed(self, result: Result, error: Exception) -> None:
        self._log.error(
            "failed, will be retried",
            exc_info=error,
            extra={"target": _name(result), "events": result.cause.events},
        )
        self._count("ProjectsFailed")

    def _filed(self, bucket: str, filed: Filed) -> None:
        where = {"bucket": bucket, "key": filed.key}
        if filed.problem:
            self._log.error("not moved", extra={**where, "reason": filed.problem})
            self._count("FilesNotFiled")
        elif filed.project:
            self._log.info("moved", extra={**where, "to": filed.project.path})
            self._count("FilesFiled")

    def _regenerated(self, result: Result, outcome: Outcome) -> None:
        age = None
        if result.cause.oldest:
            age = (datetime.now(UTC) - result.cause.oldest).total_seconds()
        self._log.info(
            "covered by a later run" if outcome.covered else "regenerated",
            extra={
                "project": _name(result),
                "run": outcome.run,
                "recovery": outcome.recovery,
                "files": outcome.files,
                "indexed": len(outcome.indexed),
                "overwritten": len(outcome.overwritten),
                "removed": len(outcome.removed),
                "quarantined": outcome.refused,
                "pages_written": outcome.pages_written,
                "conflicts": outcome.conflicts,
                "events": result.cause.events,
                "principals": sorted(result.cause.principals),
                "seconds": round(result.seconds, 3),
                "oldest_event_seconds": None if age is None else round(age, 3),
            },
        )
        for upload in result.cause.uploads:
            self._log.info(
                "uploaded",
                extra={
                    "project": _name(result),
                    "file": upload.filename,
                    "principal": upload.principal,
                    "etag": upload.etag,
                },
            )
        for filed in outcome.filed:
            self._filed(outcome.project.bucket, filed)
        for file in outcome.newly_refused:
            self._log.warning(
                "quarantined",
                extra={"project": _name(result), "file": file.filename, "reason": file.reason},
            )
        for notice in outcome.notices:
            self._log.warning("notice", extra={"project": _name(result), "reason": notice})
        for filename in outcome.overwritten:
            self._log.warning("overwritten", extra={"project": _name(result), "file": filename})
        if outcome.problem:
            self._log.error(
                "root page",
                extra={"project": _name(result), "reason": outcome.problem},
            )
            self._count("RootPageConflicts")
        if outcome.covered:
            self._count("RunsCovered")
            return
        self._count("ProjectsRegenerated")
        self._count("FilesIndexed", len(outcome.indexed))
        self._count("FilesQuarantined", len(outcome.newly_refused))
        self._count("FilesOverwritten", len(outcome.overwritten))
        self._count("FilesRemoved", len(outcome.removed))
        self._count("Conflicts", outcome.conflicts)
        if age is not None and outcome.pages_written:
            self._metrics.add_metric("EventToPage", MetricUnit.Seconds, max(0.0, age))

    def _count(self, name: str, value: int = 1) -> None:
        if value:
            self._metrics.add_metric(name, MetricUnit.Count, value)


def _brief(document: Mapping[str, Any]) -> dict[str, Any]:
    """A command or its response, with lengths instead of lists: CloudWatch limits log lines."""
    return {
        name: len(value) if isinstance(value, list) else value for name, value in document.items()
    }


def _name(result: Result) -> str:
    work = result.work
    return work.lock_id if isinstance(work, Directory) else f"{work.bucket}/{work.key}"
