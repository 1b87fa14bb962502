"""`s3pypi list` and `s3pypi show`, with a bucket in memory."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from s3pypi.aws import bucket as s3
from s3pypi.aws import clients
from s3pypi.cli import main
from s3pypi.errors import ForbiddenError
from tests.unit.cli.fakes import FakeBucket, plain

OPTIONS = ("-b", "bucket", "--prefix", "team")
Run = Callable[..., tuple[int, str, str]]

ROOT = {"meta": {"api-version": "1.4"}, "projects": [{"name": "demo"}, {"name": "other-thing"}]}
DEMO: dict[str, Any] = {
    "meta": {"api-version": "1.4"},
    "name": "demo",
    "project-status": {"status": "archived", "reason": "see other"},
    "files": [
        {
            "filename": "demo-2.0-py3-none-any.whl",
            "hashes": {"sha256": "ab" * 32},
            "size": 1234,
            "upload-time": "2026-11-26T01:02:03.456789Z",
            "requires-python": ">=3.9",
            "_etag": "e2",
        },
        {
            "filename": "demo-1.0.tar.gz",
            "hashes": {"sha256": "cd" * 32},
            "size": 99,
            "upload-time": "2026-11-25T00:00:00Z",
            "yanked": "breaks \x1b[2J logins",
            "_etag": "e1",
        },
        {
            "filename": "demo-1.0-py3-none-any.whl",
            "hashes": {"sha256": "ef" * 32},
            "yanked": True,
        },
    ],
    "_quarantined": [{"filename": "demo-3.0.zip", "reason": "no PKG-INFO", "etag": "q", "size": 1}],
}

UPLOADERS = ("AWS:AROAEXAMPLE:alice\x1b[2J", "", None)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeBucket:
    """Return the bucket of an index that can be read, but not listed."""
    fake = FakeBucket()
    fake.objects["team/index.json"] = plain(json.dumps(ROOT).encode())
    fake.objects["team/demo/index.json"] = plain(json.dumps(DEMO).encode())
    other: dict[str, Any] = {"name": "other-thing", "files": []}
    fake.objects["team/other-thing/index.json"] = plain(json.dumps(other).encode())
    monkeypatch.setattr(s3, "S3Bucket", lambda *_: fake)
    monkeypatch.setattr(clients, "s3_client", lambda **_: None)
    return fake


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> Run:
    """Return a function that runs a command and returns its code and outputs."""

    def run(*argv: str) -> tuple[int, str, str]:
        code = main([*argv, *OPTIONS])
        captured = capsys.readouterr()
        assert {method for method, _key in bucket.requests} <= {"get"}
        return code, captured.out, captured.err

    return run


def test_list(run: Run) -> None:
    """All projects are listed, or those that match a pattern, in any spelling."""
    assert run("list") == (0, "demo\nother-thing\n", "")
    assert run("list", "Other_*") == (0, "other-thing\n", "")
    assert run("list", "demo", "--versions") == (0, "demo 2.0, 1.0\n", "")
    assert run("list", "--versions") == (0, "demo 2.0, 1.0\nother-thing\n", "")


def test_list_json(run: Run) -> None:
    """The JSON has the documented form."""
    code, out, _err = run("list", "--json")
    assert (code, json.loads(out)) == (0, {"projects": [{"name": "demo"}, {"name": "other-thing"}]})
    code, out, _err = run("list", "d*", "--versions", "--json")
    assert json.loads(out) == {"projects": [{"name": "demo", "versions": ["2.0", "1.0"]}]}


def test_list_of_nothing(run: Run, bucket: FakeBucket) -> None:
    """Patterns without matches and prefixes without an index are errors."""
    code, out, err = run("list", "dmeo")
    assert (code, out) == (1, "")
    assert "no project matches 'dmeo' in s3://bucket/team" in err
    bucket.objects["team/index.json"] = bucket.objects["team/demo/index.json"]
    assert "is not the page of an index; check --prefix" in run("list")[2]
    del bucket.objects["team/index.json"]
    code, out, err = run("list", "--json")
    assert (code, out) == (1, "")
    assert "there is no index: s3://bucket/team/index.json does not exist; check" in err


def test_list_of_an_empty_index(run: Run, bucket: FakeBucket) -> None:
    """An index without projects is no error."""
    bucket.objects["team/index.json"] = plain(b'{"projects": []}')
    assert run("list") == (0, "", "")
    assert json.loads(run("list", "--json")[1]) == {"projects": []}


def test_show(run: Run) -> None:
    """All data of the page is shown, with control characters escaped."""
    code, out, err = run("show", "Demo")
    assert (code, err) == (0, "")
    assert out == (
        "demo, archived: see other\n"
        "2.0:\n"
        "  demo-2.0-py3-none-any.whl\n"
        "    1,234 bytes, 2026-11-26 01:02 UTC, Python >=3.9\n"
        f"    sha256 {'ab' * 32}\n"
        "1.0:\n"
        "  demo-1.0.tar.gz\n"
        "    99 bytes, 2026-11-25 00:00 UTC\n"
        "    yanked: breaks \\x1b[2J logins\n"
        f"    sha256 {'cd' * 32}\n"
        "  demo-1.0-py3-none-any.whl\n"
        "    unknown size, unknown time\n"
        "    yanked: no reason given\n"
        f"    sha256 {'ef' * 32}\n"
        "refused:\n"
        "  demo-3.0.zip: no PKG-INFO\n"
    )


def test_show_tells_the_uploader(run: Run, bucket: FakeBucket) -> None:
    """The uploader is shown if the index shows one."""
    files = [file | {"_uploader": who} for file, who in zip(DEMO["files"], UPLOADERS, strict=True)]
    bucket.objects["team/demo/index.json"] = plain(json.dumps(DEMO | {"files": files}).encode())
    lines = run("show", "demo")[1].splitlines()
    assert [line for line in lines if "uploaded by" in line] == [
        "    uploaded by AWS:AROAEXAMPLE:alice\\x1b[2J"
    ]
    shown = json.loads(run("show", "demo", "--json")[1])
    assert [file.get("uploader") for file in shown["files"]] == [UPLOADERS[0], None, None]


def test_show_a_version(run: Run) -> None:
    """A version is found in any spelling; a missing one is an error."""
    code, out, _err = run("show", "demo", "2")
    assert (code, out.splitlines()[1]) == (0, "2.0:")
    assert "1.0" not in out
    assert "refused" not in out
    code, out, err = run("show", "demo", "3.0")
    assert (code, out) == (1, "")
    assert "demo 3.0 is not on the index; there is 2.0, 1.0" in err
    assert "there is no project dmeo: s3://bucket/team/dmeo/index.json" in run("show", "dmeo")[2]


def test_show_json(run: Run) -> None:
    """The JSON has the documented form, without unknown values."""
    code, out, _err = run("show", "demo", "--json")
    shown = json.loads(out)
    assert code == 0
    assert {key: shown[key] for key in ("name", "status", "reason")} == {
        "name": "demo",
        "status": "archived",
        "reason": "see other",
    }
    assert shown["files"][0] == {
        "filename": "demo-2.0-py3-none-any.whl",
        "version": "2.0",
        "url": "s3://bucket/team/demo/demo-2.0-py3-none-any.whl",
        "size": 1234,
        "sha256": "ab" * 32,
        "upload-time": "2026-11-26T01:02:03.456789Z",
        "requires-python": ">=3.9",
    }
    assert [each.get("yanked") for each in shown["files"][1:]] == ["breaks \x1b[2J logins", True]
    assert shown["not-offered"] == [{"filename": "demo-3.0.zip", "reason": "no PKG-INFO"}]


def test_show_a_quarantined_project(run: Run, bucket: FakeBucket) -> None:
    """Files of a quarantined project are shown."""
    page = DEMO | {"project-status": {"status": "quarantined"}, "files": []}
    page["_withheld"] = DEMO["files"]
    bucket.objects["team/demo/index.json"] = plain(json.dumps(page).encode())
    assert run("show", "demo")[1].startswith("demo, quarantined\n2.0:\n")


def test_page_that_may_not_be_read(run: Run, bucket: FakeBucket) -> None:
    """Without s3:ListBucket, the error mentions that the page may be missing."""

    def forbid(_method: str, _key: str) -> None:
        raise ForbiddenError("cannot read it; the credentials need s3:GetObject")

    bucket.before = forbid
    code, out, err = run("show", "demo")
    assert (code, out) == (1, "")
    assert "without s3:ListBucket, S3 responds in the same way for a missing page" in err


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"[" * 100_000, b'{"files": {}}', b'{"files": [1, {"filename": 2}, {}]}'],
)
def test_pages_of_others(run: Run, bucket: FakeBucket, content: bytes) -> None:
    """Other content at the page's key is an error or an empty project."""
    bucket.objects["team/demo/index.json"] = plain(content)
    code, out, err = run("show", "demo")
    assert "unexpected" not in err
    assert (code, out) in {(0, "demo, active\n"), (1, "")}


@pytest.fixture
def old(bucket: FakeBucket, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command on an index with two old dev-releases."""
    names = [f"demo-{version}.tar.gz" for version in ("1.0.dev1", "1.0.dev2", "1.0")]
    for name in names:
        bucket.objects[f"team/demo/{name}"] = plain(name.encode())
    files = [
        {
            "filename": name,
            "_etag": bucket.objects[f"team/demo/{name}"].etag,
            "upload-time": "2020-01-01T00:00:00Z",
        }
        for name in names
    ]
    bucket.objects["team/demo/index.json"] = plain(json.dumps({"files": files}).encode())

    def run(*argv: str) -> tuple[int, str, str]:
        code = main([*argv, *OPTIONS])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


PRUNE = ("prune", "demo", "--dev-releases", "--older-than", "90d", "--keep", "1")


def test_prune_prints_a_plan(old: Run, bucket: FakeBucket) -> None:
    """Without --apply, the plan and its reasons are printed, and nothing is changed."""
    before = dict(bucket.objects)
    code, out, err = old(*PRUNE)
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 3)
    assert lines[0] == "keep: demo 1.0 (the newest version of the project)"
    assert lines[1] == "keep: demo 1.0.dev2 (the newest of the dev-releases)"
    assert lines[2] == "delete: demo 1.0.dev1 (uploaded 2020-01-01)"
    assert err == "1 version to change; --apply carries out the plan\n"
    assert old(*PRUNE, "--dry-run") == (code, out, err)
    code, _, err = old(*PRUNE, "--dry-run", "--apply")
    assert (code, "'--apply' and '--dry-run' cannot be used together" in err) == (2, True)
    assert bucket.objects == before


RULES = """
[[rule]]
projects = ["DEMO_*", "other"]
older-than = "1d"
keep = 1
versions = "all"

[[rule]]
projects = ["De*"]
versions = "dev-releases"
older-than = "12w"
keep = 1
yank-first = "14d"
"""


def test_prune_by_a_file(old: Run, tmp_path: Path) -> None:
    """Each rule of a file applies to its projects."""
    (tmp_path / "prune.toml").write_text(RULES)
    code, out, _err = old("prune", "--rules", str(tmp_path / "prune.toml"), "--json")
    plan = {each["version"]: each["action"] for each in json.loads(out)["plan"]}
    assert (code, plan) == (0, {"1.0": "keep", "1.0.dev2": "keep", "1.0.dev1": "yank"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "it must have tables [[rule]], and nothing else"),
        ("rules = 1", "it must have tables [[rule]], and nothing else"),
        ("rule = [1]", "rule 1: it is not a table"),
        ("[[rule]]\nkeep = 1", "rule 1: 'older-than' must be an age such as \"90d\""),
        ('[[rule]]\nolder-than = "9d"', "rule 1: 'keep' must be a number"),
        ('[[rule]]\nolder-than = "9d"\nkeep = 0', "rule 1: not a positive number: '0'"),
        ('[[rule]]\nolder-than = "9"\nkeep = 1', "not an age such as 90d or 12w: '9'"),
        (RULES + "more = 1", "rule 2: there is no setting 'more'; use projects, versions, "),
        (RULES.replace("all", "old"), "must be one of pre-releases, dev-releases, all"),
        (RULES.replace('["De*"]', '"*"'), "rule 2: 'projects' must be a list of patterns"),
        (RULES.replace('["De*"]', "[1]"), "rule 2: 'projects' must be a list of patterns"),
        ("[[", "cannot read "),
    ],
)
def test_files_of_rules_that_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, message: str
) -> None:
    """An invalid rule is a usage error, before any request."""
    (tmp_path / "prune.toml").write_text(content)
    assert main(["prune", "--rules", str(tmp_path / "prune.toml"), "-b", "bucket"]) == 2
    assert message in capsys.readouterr().err


def test_prune_and_restore(old: Run, bucket: FakeBucket) -> None:
    """The plan is executed, and can be undone while old versions are kept."""
    key = "team/demo/demo-1.0.dev1.tar.gz"
    content = bucket.objects[key]
    code, out, _err = old(*PRUNE, "--apply", "--json")
    document = json.loads(out)
    assert (code, document["applied"]) == (0, True)
    assert document["plan"][2]["action"] == "delete"
    assert document["plan"][2]["files"] == ["demo-1.0.dev1.tar.gz"]
    assert key not in bucket.objects
    restore = ("restore", "demo", "1.0.dev1")
    assert old(*restore, "--dry-run") == (0, f"would restore: s3://bucket/{key}\n", "")
    assert key not in bucket.objects
    assert old(*restore) == (0, f"restored: s3://bucket/{key}\n", "")
    assert bucket.objects[key] == content
    code, out, err = old(*restore)
    assert (code, out) == (1, "")
    assert "no deleted file of demo 1.0.dev1 is in s3://bucket/team/demo/" in err


def test_restore_of_a_file(old: Run, bucket: FakeBucket) -> None:
    """Only the named files are restored, markers first; other names are errors."""
    for name in ("demo-1.0.zip.yanked", "demo-1.0.tar.gz", "demo-1.0.tar.gz.yanked"):
        bucket.deleted[f"team/demo/{name}"] = plain(b"")
        bucket.objects.pop(f"team/demo/{name}", None)
    code, out, _err = old("restore", "demo", "1.0", "--file", "demo-1.0.tar.gz")
    assert (code, out.splitlines()) == (
        0,
        [
            "restored: s3://bucket/team/demo/demo-1.0.tar.gz.yanked",
            "restored: s3://bucket/team/demo/demo-1.0.tar.gz",
        ],
    )
    bucket.deleted["team/demo/demo-1.0.zip"] = plain(b"")
    code, out, _err = old("restore", "demo", "1.0", "--file", "demo-1.0.zip")
    assert (code, out) == (0, "restored: s3://bucket/team/demo/demo-1.0.zip\n")  # was unyanked
    assert "no deleted file of 'x' is" in old("restore", "demo", "1.0", "--file", "x")[2]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("prune", "--older-than", "90", "--keep", "1"), "not an age such as 90d or 12w: '90'"),
        (("prune", "--older-than", "d", "--keep", "1"), "not an age such as 90d or 12w: 'd'"),
        (("prune", "--older-than", "9" * 9 + "d", "--keep", "1"), "not an age such as"),
        (("prune", "--keep", "1"), "Missing option '--older-than'"),
        (("prune", "--older-than", "9d"), "Missing option '--keep'"),
        ((*PRUNE, "--rules", "pyproject.toml"), "cannot be used together"),
        (("prune", "--rules", "no.toml"), "cannot read no.toml"),
        ((*PRUNE, "--all"), "'--dev-releases' and '--all' cannot be used together"),
        (("promote", "demo", "1"), "Missing option '--from-prefix' or '--to-prefix'."),
        (("promote", "demo", "1", "--from-prefix", "a", "--to-prefix", "/a/"), "the same index"),
    ],
)
def test_usage_errors(
    capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], message: str
) -> None:
    """Incomplete options are a usage error."""
    assert main([*argv, "-b", "bucket"]) == 2
    assert message in capsys.readouterr().err


def test_rules_and_options(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A file of rules and options together are a usage error."""
    (tmp_path / "prune.toml").write_text(RULES)
    assert main([*PRUNE, "--rules", str(tmp_path / "prune.toml"), "-b", "bucket"]) == 2
    assert "'--older-than' and '--rules' cannot be used together" in capsys.readouterr().err


def test_promote(old: Run, bucket: FakeBucket) -> None:
    """A version is promoted and reported with its target; `--move` deletes what is listed there."""
    argv = ["promote", "demo", "1.0", "--from-prefix", "team", "--to-prefix", "prod"]
    assert main([*argv, "-b", "bucket", "--dry-run"]) == 0
    assert not any(key.startswith("prod/") for key in bucket.objects)
    assert main([*argv, "-b", "bucket", "--move", "--wait", "0.001"]) == 3
    assert "team/demo/demo-1.0.tar.gz" in bucket.objects
    assert main([*argv, "-b", "bucket", "--move"]) == 0
    assert "prod/demo/demo-1.0.tar.gz" in bucket.objects
    assert "team/demo/demo-1.0.tar.gz" not in bucket.objects
    code, out, err = old(*argv)
    assert (code, out.splitlines()[-1]) == (2, "deleted: s3://bucket/team/demo/demo-1.0.tar.gz")
    assert "'--prefix' cannot be used here; use '--from-prefix'" in err
