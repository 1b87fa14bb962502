"""Decide which versions of a project to prune, from its page and the time. Pure."""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase

from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.pages.model import ListedFile, ProjectPage

_MARK = re.compile(r"s3pypi prune deletes this after (\d{4}-\d{2}-\d{2})")


class Kind(enum.StrEnum):
    """The kind of versions that a rule applies to (PEP 440)."""

    PRE = "pre-releases"
    DEV = "dev-releases"
    ALL = "all"

    @property
    def noun(self) -> str:
        """The name of these versions, for messages."""
        return "versions" if self is Kind.ALL else self.value


class Action(enum.StrEnum):
    """The action for a version."""

    KEEP = "keep"
    YANK = "yank"
    DELETE = "delete"


_KEPT = 4
_WEIGHTS = {Action.DELETE: 3, Action.YANK: 2, Action.KEEP: 1}
"""Of several rules, the one with the greatest weight decides; nothing outweighs what is kept."""


@dataclass(frozen=True)
class Rule:
    """The rule for pruning.

    Attributes:
        kind: The kind of versions that it applies to; pre-releases include dev-releases.
        older_than: The minimum age of each file of a version.
        keep: The number of newest versions of this kind to keep in any case.
        yank_first: How long a version is yanked before it is deleted; None to delete at once.
        projects: Patterns of the names of the projects that it applies to, as in a shell.
    """

    kind: Kind
    older_than: timedelta
    keep: int
    yank_first: timedelta | None = None
    projects: tuple[str, ...] = ("*",)

    def is_about(self, project: NormalizedName) -> bool:
        """Whether one of the patterns matches a project's name."""
        return any(fnmatchcase(project, each) for each in self.projects)


@dataclass(frozen=True)
class Step:
    """The action for one version.

    Attributes:
        action: The action.
        version: The version.
        files: All files of the version.
        reason: The reason, for people.
        mark: The reason for a yank. It contains the date from which a later run may delete.
    """

    action: Action
    version: Version
    files: tuple[ListedFile, ...]
    reason: str
    mark: str = ""


def plan(page: ProjectPage, rules: Sequence[Rule], now: datetime) -> list[Step]:
    """Return the action for each version of a project, newest version first.

    The newest version of the project, the newest versions of each rule, and versions with a file of
    unknown age are kept, whatever other rules say. Of the rest, a version is deleted if any rule
    deletes it, or yanked if any rule yanks it. Files without a valid version and files that the
    page does not list are ignored.

    Args:
        page: The project's page.
        rules: The rules. Rules for other projects are ignored.
        now: The current time, with a time zone.
    """
    versions = sorted(page.versions, reverse=True)
    steps = []
    for version in versions:
        files = tuple(each for each in page.files if each.version == version)
        several = [
            _judge(version, files, versions, rule, now)
            for rule in rules
            if rule.is_about(page.name)
        ]
        if several:
            steps.append(max(several, key=lambda each: each[0])[1])  # the first of equal ones
    return steps


def _judge(
    version: Version,
    files: tuple[ListedFile, ...],
    versions: Sequence[Version],
    rule: Rule,
    now: datetime,
) -> tuple[int, Step]:
    """Return the action of one rule for a version, and its precedence over other rules.

    Args:
        version: The version.
        files: All of its files.
        versions: Of the project, newest first.
        rule: The rule.
        now: With its zone.
    """
    kept = [each for each in versions if _is_of(each, rule.kind)][: rule.keep]
    if version == versions[0]:
        return _KEPT, Step(Action.KEEP, version, files, "the newest version of the project")
    if version in kept:
        which = "the newest of the" if rule.keep == 1 else f"one of the newest {rule.keep}"
        reason = f"{which} {rule.kind.noun}"
        return _KEPT, Step(Action.KEEP, version, files, reason)
    if any(each.uploaded is None for each in files):
        return _KEPT, Step(Action.KEEP, version, files, "of unknown age")
    if not _is_of(version, rule.kind):
        return 0, Step(Action.KEEP, version, files, f"not one of the {rule.kind.noun}")
    action, reason = _by_age(files, rule, now)
    yank = mark(rule, now) if action is Action.YANK else ""
    return _WEIGHTS[action], Step(action, version, files, reason, yank)


def mark(rule: Rule, now: datetime) -> str:
    """Return the reason for a yank. It contains the date from which a later run may delete."""
    until = (now + (rule.yank_first or timedelta())).astimezone(UTC).date()
    return f"s3pypi prune deletes this after {until.isoformat()}"


def _by_age(files: Sequence[ListedFile], rule: Rule, now: datetime) -> tuple[Action, str]:
    newest = max(each.uploaded for each in files if each.uploaded)
    uploaded = f"uploaded {newest.astimezone(UTC).date()}"
    if now - newest <= rule.older_than:
        return Action.KEEP, f"{uploaded}, not more than {rule.older_than.days} days ago"
    if rule.yank_first is None:
        return Action.DELETE, uploaded
    if all(each.yanked is None for each in files):
        return Action.YANK, uploaded
    return _by_mark(files, uploaded, now.astimezone(UTC).date())


def _by_mark(files: Sequence[ListedFile], uploaded: str, today: date) -> tuple[Action, str]:
    """Return the action for a yanked version, by the dates in the reasons."""
    marks = [_MARK.fullmatch(each.yanked or "") for each in files]
    dates = [found for each in marks if each and (found := _date(each[1]))]
    if len(dates) < len(files):
        return Action.KEEP, "yanked by somebody, or in part"
    until = max(dates).isoformat()
    if today <= max(dates):
        return Action.KEEP, f"yanked until {until}"
    return Action.DELETE, f"{uploaded}, and yanked until {until}"


def _is_of(version: Version, kind: Kind) -> bool:
    if kind is Kind.ALL:
        return True
    return version.is_devrelease if kind is Kind.DEV else version.is_prerelease


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
