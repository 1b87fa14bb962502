"""What the indexer can be asked for, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from packaging.utils import NormalizedName, canonicalize_name

from s3pypi.errors import S3PyPIError

T = TypeVar("T")


@dataclass(frozen=True)
class Difference:
    """Something on an index that is not as the bucket's files say it should be.

    Attributes:
        place: The directory or the key that it is about.
        what: For a person to read.
    """

    place: str
    what: str


@dataclass(frozen=True)
class Findings:
    """What a look at a bucket found.

    Attributes:
        objects: How many were looked at.
        projects: How many there are.
        count: How many differences there are.
        mendable: How many of them a rebuild repairs.
        differences: The first of them; all, unless there are thousands.
        answer: All of the above as the indexer put it.
    """

    objects: int
    projects: int
    count: int
    mendable: int
    differences: tuple[Difference, ...]
    answer: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Rebuild:
    """A rebuild that has begun.

    Attributes:
        findings: What was found before it.
        regenerated: How many projects are being regenerated.
        messages: In how many messages the queue was told so.
    """

    findings: Findings
    regenerated: int
    messages: int


@dataclass(frozen=True)
class QueueState:
    """How many messages wait, are being worked on, and have failed for good.

    SQS counts approximately, and the queue also holds what others cause.
    """

    waiting: int
    in_flight: int
    dead: int

    @property
    def left(self) -> int:
        """How many are not dealt with yet."""
        return self.waiting + self.in_flight


@dataclass(frozen=True)
class Indexer:
    """The indexer of one deployment, asked about one place in one bucket.

    Attributes:
        ask: Takes a command and returns its answer, both as JSON; see `LambdaFunction.ask`.
        bucket: The bucket's name.
        prefix: Of the index, without slashes around it; empty for all in the bucket.
    """

    ask: Callable[[Mapping[str, Any]], object]
    bucket: str
    prefix: str = ""

    def verify(self, names: Sequence[NormalizedName] = ()) -> Findings:
        """Compare the index with the bucket; nothing is changed.

        Args:
            names: Of the projects to look at; all when there is none.

        Raises:
            S3PyPIError: The indexer cannot be asked, failed, or is something else.
        """
        return self._ask("verify", _findings, self._where(names))

    def rebuild(self, names: Sequence[NormalizedName] = (), *, fresh: bool = False) -> Rebuild:
        """Have projects regenerated; returns before that is done.

        Args:
            names: Of the projects; all when there is none.
            fresh: Whether every file is looked at again.

        Raises:
            S3PyPIError: As `verify`.
        """
        return self._ask("rebuild", _rebuild, {**self._where(names), "fresh": fresh})

    def forget(self, name: NormalizedName) -> bool:
        """Delete the page of a project without files; return whether the project had none.

        Raises:
            S3PyPIError: As `verify`.
        """
        return self._ask("forget", lambda answer: name in answer["forgotten"], self._where([name]))

    def names(self) -> list[NormalizedName]:
        """Return the names of all projects of the index and of those below its prefix, each once.

        Raises:
            S3PyPIError: As `verify`.
        """
        return self._ask("names", _names_of, self._where([]))

    def digests(self, name: NormalizedName) -> frozenset[str]:
        """Return the SHA-256 of all files of a name, in hexadecimal, of all these indexes.

        Raises:
            S3PyPIError: As `verify`.
        """
        return self._ask(
            "digests", lambda answer: frozenset(map(str, answer["digests"])), self._where([name])
        )

    def queue(self) -> QueueState:
        """Look at the indexer's queue, which all its buckets share.

        Raises:
            S3PyPIError: As `verify`.
        """
        return self._ask("queue", _queue, {})

    def _where(self, names: Sequence[NormalizedName]) -> dict[str, Any]:
        # A name that came twice would have its directory counted twice.
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
                f"the function's answer to {command!r} is not an indexer's; check --function, and "
                "that the function is not older than this command"
            ) from error


def _findings(answer: Mapping[str, Any]) -> Findings:
    return Findings(
        objects=int(answer["objects"]),
        projects=int(answer["projects"]),
        count=int(answer["count"]),
        mendable=int(answer.get("mendable", answer["count"])),
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
