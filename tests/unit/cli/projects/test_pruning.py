"""The rules of `prune`, and the deletion."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.pages.model import ListedFile, ProjectPage
from s3pypi.pages.parsing import project_page
from s3pypi.projects.pruner import Pruner
from s3pypi.projects.pruning import Action, Kind, Rule, mark, plan
from tests.unit.cli.fakes import FakeBucket, plain

DEMO = NormalizedName("demo")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def page(**ages: int | None) -> ProjectPage:
    """Return a page with a file per version, as in `v1_0=30` days."""
    files = [
        {
            "filename": f"demo-{version}.tar.gz",
            "_etag": plain(version.encode()).etag,
            **({} if age is None else {"upload-time": (NOW - age * DAY).isoformat()}),
        }
        for version, age in ((key[1:].replace("_", "."), age) for key, age in ages.items())
    ]
    return project_page({"files": files}, DEMO)


def actions(page: ProjectPage, *rules: Rule, now: datetime = NOW) -> dict[str, str]:
    """Return the plan for each version."""
    return {str(step.version): step.action.value for step in plan(page, rules, now)}


OLD = {"v1_0": 400, "v1_1_dev1": 300, "v1_1a1": 200, "v1_1": 100, "v1_2_dev1": 50}


@pytest.mark.parametrize(
    ("kind", "days", "keep", "deleted"),
    [
        (Kind.PRE, 90, 1, {"1.1.dev1", "1.1a1"}),
        (Kind.PRE, 250, 1, {"1.1.dev1"}),
        (Kind.PRE, 90, 2, {"1.1.dev1"}),
        (Kind.PRE, 90, 3, set()),
        (Kind.DEV, 90, 1, {"1.1.dev1"}),
        (Kind.ALL, 90, 1, {"1.0", "1.1.dev1", "1.1a1", "1.1"}),
        (Kind.ALL, 90, 4, {"1.0"}),
        (Kind.ALL, 0, 1, {"1.0", "1.1.dev1", "1.1a1", "1.1"}),
        (Kind.ALL, 400, 1, set()),
    ],
)
def test_plan(kind: Kind, days: int, keep: int, deleted: set[str]) -> None:
    """Old versions of a kind are deleted, except the newest ones and the newest of all."""
    found = actions(page(**OLD), Rule(kind, days * DAY, keep))
    assert {version for version, action in found.items() if action == "delete"} == deleted
    assert set(found.values()) <= {"keep", "delete"}
    assert len(found) == len(OLD)


def test_the_last_version_stays() -> None:
    """The newest version is kept, even if it is an old pre-release."""
    assert actions(page(v1_0_dev1=900), Rule(Kind.ALL, DAY, 1)) == {"1.0.dev1": "keep"}


def test_several_rules() -> None:
    """A version is deleted if any rule deletes it and none keeps it as one of the newest."""
    dev = Rule(Kind.DEV, 40 * DAY, 1)
    everything = Rule(Kind.ALL, 90 * DAY, 3, yank_first=DAY)
    elsewhere = Rule(Kind.ALL, DAY, 1, projects=("other", "de*o-*"))
    here = Rule(Kind.ALL, DAY, 4, projects=("other", "de*"))
    ages = OLD | {"v1_1_dev2": 250}
    assert actions(page(**ages), dev, everything, elsewhere) == {
        "1.2.dev1": "keep",
        "1.1": "keep",
        "1.1a1": "keep",
        "1.1.dev2": "delete",
        "1.1.dev1": "delete",
        "1.0": "yank",
    }
    assert actions(page(**ages), dev, here)["1.1.dev2"] == "keep"
    assert actions(page(**ages), elsewhere) == {}


def test_unknown_age() -> None:
    """A version with a file of unknown age is kept."""
    found = page(v1_0=900, v2_0=900, v3_0=1)
    unknown = page(v1_0=None).files[0]
    wheel = ListedFile("demo-1.0-py3-none-any.whl", Version("1.0"), None, "", "", None, None, None)
    mixed = ProjectPage(DEMO, found.status, "", (*found.files, wheel), ())
    assert actions(mixed, Rule(Kind.ALL, DAY, 1))["1.0"] == "keep"
    assert unknown.uploaded is None


def test_a_new_file_keeps_its_version() -> None:
    """The age of a version is that of its newest file."""
    found = page(v1_0=900, v2_0=900)
    new = page(v1_0=1).files[0]
    mixed = ProjectPage(DEMO, found.status, "", (*found.files, new), ())
    assert actions(mixed, Rule(Kind.ALL, 90 * DAY, 1))["1.0"] == "keep"


def yanked(reason: str) -> ProjectPage:
    """Return a page with an old version that is yanked, and a newer one."""
    files = [
        {
            "filename": f"demo-{version}.tar.gz",
            "upload-time": (NOW - 900 * DAY).isoformat(),
            **({"yanked": reason} if version == "1.0" else {}),
        }
        for version in ("1.0", "2.0")
    ]
    return project_page({"files": files}, DEMO)


def test_yank_first() -> None:
    """A version is yanked first, and deleted after the date in the reason."""
    rule = Rule(Kind.ALL, 90 * DAY, 1, yank_first=14 * DAY)
    assert actions(page(v1_0=900, v2_0=900), rule) == {"2.0": "keep", "1.0": "yank"}
    marked = yanked(mark(rule, NOW))
    assert actions(marked, rule, now=NOW)["1.0"] == "keep"
    assert actions(marked, rule, now=NOW + 14 * DAY)["1.0"] == "keep"
    assert actions(marked, rule, now=NOW + 15 * DAY)["1.0"] == "delete"


@pytest.mark.parametrize(
    "reason", ["broken", "s3pypi prune deletes this after 2026-13-40", "x" * 9]
)
def test_yanked_by_somebody(reason: str) -> None:
    """With --yank-first, a yanked version without a date is kept."""
    rule = Rule(Kind.ALL, DAY, 1, yank_first=DAY)
    assert actions(yanked(reason), rule)["1.0"] == "keep"
    assert actions(yanked(reason), Rule(Kind.ALL, DAY, 1))["1.0"] == "delete"


def test_files_without_a_version() -> None:
    """Files without a valid version, and files that are not listed, are ignored."""
    content = {
        "files": [{"filename": "demo-new.tar.gz"}, {"filename": "other-1.0.tar.gz"}],
        "_quarantined": [{"filename": "demo-0.1.tar.gz", "reason": "x"}],
    }
    assert plan(project_page(content, DEMO), [Rule(Kind.ALL, DAY, 1)], NOW) == []


def test_carry_out() -> None:
    """Only files that have not changed since the page was read are deleted, with markers."""
    bucket = FakeBucket()
    found = page(v1_0=900, v2_0=900, v3_0=900)
    for version in ("1.0", "2.0", "3.0"):
        bucket.objects[f"p/demo/demo-{version}.tar.gz"] = plain(version.encode())
    changed = bucket.objects["p/demo/demo-2.0.tar.gz"] = plain(b"changed")
    bucket.objects["p/demo/README"] = plain(b"")
    rule = Rule(Kind.ALL, DAY, 1)
    steps = [(DEMO, each) for each in plan(found, [rule], NOW) if each.action is Action.DELETE]
    failures = Pruner(bucket, "p").apply(steps)
    [failure] = failures
    assert failure.startswith("cannot delete s3://bucket/p/demo/demo-2.0.tar.gz: it has changed")
    assert set(bucket.objects) == {
        "p/demo/demo-2.0.tar.gz",
        "p/demo/demo-3.0.tar.gz",
        "p/demo/README",
    }
    assert bucket.objects["p/demo/demo-2.0.tar.gz"] is changed


def test_carry_out_yanks() -> None:
    """The reason of the marker contains the date of the deletion."""
    bucket = FakeBucket()
    rule = Rule(Kind.ALL, DAY, 1, yank_first=14 * DAY)
    steps = [(DEMO, each) for each in plan(page(v1_0=9, v2_0=9), [rule], NOW)]
    assert Pruner(bucket, "p").apply(steps) == []
    assert {key: each.content for key, each in bucket.objects.items()} == {
        "p/demo/demo-1.0.tar.gz.yanked": b"s3pypi prune deletes this after 2026-12-10"
    }
    assert json.dumps(mark(rule, NOW)).isascii()
