"""Decide which versions of a project to prune, from its page and the time. Pure."""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from packaging.version import Version

from s3pypi.pages import ListedFile, ProjectPage

_MARK = re.compile(r"s3pypi prune deletes this after (\d{4}-\d{2}-\d{2})")


class Kind(enum.StrEnum):
    """The kind of versions that a rule applies to (PEP 440)."""

    PRE = "pre-releases"
    DEV = "dev-releases"
    ALL = "all"


class Action(enum.StrEnum):
    """The action for a version."""

    KEEP = "keep"
    YANK = "yank"
    DELETE = "delete"


@dataclass(frozen=True)
class Rule:
    """The rule for pruning.

    Attributes:
        kind: The kind of versions that it applies to; pre-releases include dev-releases.
        older_than: The minimum age of each file of a version.
        keep: The number of newest versions of this kind to keep in any case.
        yank_first: How long a version is yanked before it is deleted; None to delete at once.
    """

    kind: Kind
    older_than: timedelta
    keep: int
    yank_first: timedelta | None = None


@dataclass(frozen=True)
class Step:
    """The action for one version.

    Attributes:
        action: The action.
        version: The version.
        files: All files of the version.
        reason: The reason, for people.
    """

    action: Action
    version: Version
    files: tuple[ListedFile, ...]
    reason: str


def plan(page: ProjectPage, rule: Rule, now: datetime) -> list[Step]:
    """Return the action for each version of a project, newest version first.

    The newest version of the project is kept, and so are versions with a file of unknown age. Files
    without a valid version and files that the page does not offer are ignored.

    Args:
        page: The project's page.
        rule: The rule.
        now: The current time, with a time zone.
    """
    versions = sorted(page.versions, reverse=True)
    of_kind = [each for each in versions if _is_of(each, rule.kind)]
    kept = set(of_kind[: rule.keep])
    steps = []
    for version in versions:
        files = tuple(each for each in page.files if each.version == version)
        if version not in of_kind:
            action, reason = Action.KEEP, f"not one of the {rule.kind}"
        elif version == versions[0]:
            action, reason = Action.KEEP, "the newest version of the project"
        elif version in kept:
            action, reason = Action.KEEP, f"one of the newest {rule.keep}"
        else:
            action, reason = _by_age(files, rule, now)
        steps.append(Step(action, version, files, reason))
    return steps


def mark(rule: Rule, now: datetime) -> str:
    """Return the reason for a yank. It contains the date from which a later run may delete."""
    until = (now + (rule.yank_first or timedelta())).astimezone(UTC).date()
    return f"s3pypi prune deletes this after {until.isoformat()}"


def _by_age(files: Sequence[ListedFile], rule: Rule, now: datetime) -> tuple[Action, str]:
    times = [each.uploaded for each in files]
    known = [each for each in times if each is not None]
    if len(known) < len(times):
        return Action.KEEP, "of unknown age"
    age = now - max(known)
    days = f"{age.days} days old"
    if age <= rule.older_than:
        return Action.KEEP, f"only {days}"
    if rule.yank_first is None:
        return Action.DELETE, days
    if all(each.yanked is None for each in files):
        return Action.YANK, days
    return _by_mark(files, days, now.astimezone(UTC).date())


def _by_mark(files: Sequence[ListedFile], days: str, today: date) -> tuple[Action, str]:
    """Return the action for a yanked version, by the dates in the reasons."""
    marks = [_MARK.fullmatch(each.yanked or "") for each in files]
    dates = [found for each in marks if each and (found := _date(each[1]))]
    if len(dates) < len(files):
        return Action.KEEP, "yanked by somebody, or in part"
    until = max(dates).isoformat()
    if today <= max(dates):
        return Action.KEEP, f"yanked until {until}"
    return Action.DELETE, f"{days}, and yanked until {until}"


def _is_of(version: Version, kind: Kind) -> bool:
    if kind is Kind.ALL:
        return True
    return version.is_devrelease if kind is Kind.DEV else version.is_prerelease


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
