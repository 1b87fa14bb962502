"""The client of the indexer: its commands and their results."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from packaging.utils import NormalizedName, canonicalize_name

from s3pypi.errors import S3PyPIError

T = TypeVar("T")


@dataclass(frozen=True)
class Difference:
    """A difference between the index and the files in the bucket.

    Attributes:
        place: The directory or the key.
        what: A description for people.
    """

    place: str
    what: str


@dataclass(frozen=True)
class Findings:
    """The result of comparing an index with the bucket.

    Attributes:
        objects: The number of objects.
        projects: The number of projects.
        count: The number of differences.
        repairable: The number of differences that a rebuild repairs.
        differences: The first differences; all of them, unless there are thousands.
        answer: The indexer's response.
    """

    objects: int
    projects: int
    count: int
    repairable: int
    differences: tuple[Difference, ...]
    answer: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Rebuild:
    """A rebuild in progress.

    Attributes:
        findings: The result of the comparison before it.
        regenerated: The number of projects that are being regenerated.
        messages: The number of messages that were sent to the queue.
    """

    findings: Findings
    regenerated: int
    messages: int


@dataclass(frozen=True)
class QueueState:
    """The numbers of messages that are waiting, in flight, and in the dead-letter queue.

    SQS reports approximate numbers, and they include messages of other changes.
    """

    waiting: int
    in_flight: int
    dead: int

    @property
    def left(self) -> int:
        """The number of messages that are waiting or in flight."""
        return self.waiting + self.in_flight


@dataclass(frozen=True)
class Indexer:
    """The indexer of one deployment, for one prefix in a bucket.

    Attributes:
        ask: Sends a command and returns the response; see `LambdaFunction.ask`.
        bucket: The bucket's name.
        prefix: The prefix, without slashes around it; empty for the whole bucket.
    """

    ask: Callable[[Mapping[str, Any]], object]
    bucket: str
    prefix: str = ""

    def verify(self, names: Sequence[NormalizedName] = ()) -> Findings:
        """Compare the index with the bucket, without changing anything.

        Args:
            names: The projects to compare; by default, all.

        Raises:
            S3PyPIError: The function cannot be invoked, fails, or is not an indexer.
        """
        return self._ask("verify", _findings, self._where(names))

    def rebuild(self, names: Sequence[NormalizedName] = (), *, fresh: bool = False) -> Rebuild:
        """Start to regenerate projects, without waiting for the result.

        Args:
            names: The projects; by default, all.
            fresh: Whether to read every file again.

        Raises:
            S3PyPIError: As for `verify`.
        """
        return self._ask("rebuild", _rebuild, {**self._where(names), "fresh": fresh})

    def forget(self, name: NormalizedName) -> bool:
        """Delete the page of a project without files; return whether the project had none.

        Raises:
            S3PyPIError: As for `verify`.
        """
        return self._ask("forget", lambda answer: name in answer["forgotten"], self._where([name]))

    def names(self) -> list[NormalizedName]:
        """Return the distinct names of the projects of the index and of indexes below its prefix.

        Raises:
            S3PyPIError: As for `verify`.
        """
        return self._ask("names", _names_of, self._where([]))

    def digests(self, name: NormalizedName) -> frozenset[str]:
        """Return the SHA-256 digests, in hexadecimal, of a project's files in all these indexes.

        Raises:
            S3PyPIError: As for `verify`.
        """
        return self._ask(
            "digests", lambda answer: frozenset(map(str, answer["digests"])), self._where([name])
        )

    def queue(self) -> QueueState:
        """Return the state of the indexer's queue, which all its buckets share.

        Raises:
            S3PyPIError: As for `verify`.
        """
        return self._ask("queue", _queue, {})

    def _where(self, names: Sequence[NormalizedName]) -> dict[str, Any]:
        # Without duplicates, which would be counted twice.
        return {"bucket": self.bucket, "prefix": self.prefix, "names": list(dict.fromkeys(names))}

    def _ask(
        self, command: str, parse: Callable[[Mapping[str, Any]], T], arguments: Mapping[str, Any]
    ) -> T:
        answer = self.ask({"command": command, **arguments})
        try:
            if not isinstance(answer, dict):
                raise TypeError(f"{answer!r} is not an object")  # noqa: TRY301 - caught with others
            return parse(answer)
        except (KeyError, TypeError, ValueError) as error:
            raise S3PyPIError(
                f"the function's response to {command!r} is not an indexer's; check --function, "
                "and that the function is not older than this command"
            ) from error


def _findings(answer: Mapping[str, Any]) -> Findings:
    return Findings(
        objects=int(answer["objects"]),
        projects=int(answer["projects"]),
        count=int(answer["count"]),
        repairable=int(answer.get("repairable", answer["count"])),
        differences=tuple(
            Difference(str(each["place"]), str(each["what"])) for each in answer["differences"]
        ),
        answer=answer,
    )


def _names_of(answer: Mapping[str, Any]) -> list[NormalizedName]:
    return [canonicalize_name(name, validate=True) for name in answer["names"]]


def _rebuild(answer: Mapping[str, Any]) -> Rebuild:
    return Rebuild(
        findings=_findings(answer),
        regenerated=int(answer["regenerated"]),
        messages=int(answer["messages"]),
    )


def _queue(answer: Mapping[str, Any]) -> QueueState:
    return QueueState(
        waiting=int(answer["waiting"]),
        in_flight=int(answer["in_flight"]),
        dead=int(answer["dead"]),
    )
