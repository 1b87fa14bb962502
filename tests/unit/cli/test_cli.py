import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from s3pypi import __version__
from s3pypi.aws import bucket as s3
from s3pypi.aws import clients
from s3pypi.aws.locks import Lease, LockTable
from s3pypi.aws.tokens import WebToken
from s3pypi.cli import COMMANDS, INTERRUPTED, app, main
from s3pypi.command_line import output
from s3pypi.command_line.targets import Account
from s3pypi.errors import CredentialsError, ForbiddenError, S3PyPIError, SetupError
from s3pypi.uploads.selection import select
from tests.unit.cli.factories import make_sdist, make_wheel, metadata, zip_of
from tests.unit.cli.fakes import FakeBucket, plain
from tests.unit.cli.parsing import parsed
from tests.unit.cli.terminals import Watched

WHEEL_KEY = "team/demo/demo-1.0-py3-none-any.whl"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeBucket:
    """Put a bucket in memory in the place of S3's."""
    fake = FakeBucket()
    monkeypatch.setattr(s3, "S3Bucket", lambda *_: fake)
    monkeypatch.setattr(clients, "s3_client", lambda **_: None)  # takes long to make
    return fake


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, list[str], str]:
    """Run a command; return its code, its lines of output, and what it says besides."""
    code = main([str(each) for each in argv])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, sorted(captured.out.splitlines()), captured.err


def python(
    *argv: str,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    environ: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with nothing but the command's package."""
    return subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, *argv],
        env={"PYTHONPATH": str(Path(clients.__file__).parents[2]), **(environ or {})},
        stdout=stdout,
        stderr=stderr,
        text=True,
        check=False,
    )


UPLOAD = ("upload", "-b", "bucket", "--prefix", "team")


def test_upload(tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """Each file is told with its key on standard output, and the count besides."""
    make_sdist(tmp_path)
    make_wheel(tmp_path)
    code, lines, notes = run(capsys, *UPLOAD, tmp_path / "*")
    assert (code, lines) == (
        0,
        [
            f"uploaded: s3://bucket/{WHEEL_KEY}",
            "uploaded: s3://bucket/team/demo/demo-1.0.tar.gz",
        ],
    )
    assert "2 uploaded" in notes
    assert [method for method, _key in bucket.requests] == ["read_start", "put", "put"]
    code, lines, notes = run(capsys, *UPLOAD, "--strict", tmp_path / "*")
    assert (code, lines[0]) == (0, f"identical: s3://bucket/{WHEEL_KEY}")
    assert "2 identical" in notes


@pytest.mark.parametrize(
    ("option", "code", "line", "note"),
    [
        ((), 0, "skipped", "warning: demo-1.0-py3-none-any.whl already exists with different"),
        (
            ("--strict",),
            1,
            "failed",
            "1 of 1 file failed:\n  demo-1.0-py3-none-any.whl: already exists",
        ),
        (("--force",), 0, "uploaded", "1 uploaded"),
    ],
)
def test_upload_over_another(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    bucket: FakeBucket,
    *,
    option: tuple[str, ...],
    code: int,
    line: str,
    note: str,
) -> None:
    """Existing files are skipped with a warning, fail, or are replaced."""
    bucket.objects[WHEEL_KEY] = plain(b"other")
    found = run(capsys, *UPLOAD, *option, make_wheel(tmp_path))
    assert found[:2] == (code, [f"{line}: s3://bucket/{WHEEL_KEY}"])
    assert note in found[2]


def test_upload_nothing_when_one_is_bad(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """One bad file keeps all from being sent."""
    bad = tmp_path / "bad-1.0.zip"
    bad.write_bytes(zip_of({"bad-1.0/PKG-INFO": metadata("worse", "1.0")}))
    code, lines, notes = run(capsys, *UPLOAD, make_wheel(tmp_path), bad)
    assert (code, lines, bucket.requests) == (1, [], [("read_start", "team/index.json")])
    assert f"{bad}: the filename does not begin with worse- and a version" in notes


@pytest.mark.parametrize(
    ("option", "there", "code", "action", "said"),
    [
        ((), None, 0, "would upload", ""),
        ((), "same", 0, "identical", ""),
        ((), "other", 0, "would skip", "warning: demo-1.0-py3-none-any.whl already exists with"),
        (("--strict",), "same", 0, "identical", ""),
        (("--strict",), "other", 1, "would fail", "1 of 1 file would fail:\n  demo-1.0-py3"),
        (("--force",), "other", 0, "would upload", ""),
        (("--force",), "same", 0, "identical", ""),
    ],
)
def test_dry_run(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    bucket: FakeBucket,
    *,
    option: tuple[str, ...],
    there: str | None,
    code: int,
    action: str,
    said: str,
) -> None:
    """A dry run says what would happen, with the code that the upload would have."""
    path = make_wheel(tmp_path)
    if there:
        bucket.objects[WHEEL_KEY] = plain(path.read_bytes() if there == "same" else b"other")
    found = run(capsys, *UPLOAD, *option, "--dry-run", path)
    assert found[:2] == (code, [f"{action}: s3://bucket/{WHEEL_KEY}"])
    assert said in found[2]
    assert {method for method, _key in bucket.requests} <= {"read_start", "head", "get"}


def test_dry_run_that_cannot_see(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """What the permissions do not tell is said to be unknown."""

    def forbid(_method: str, _key: str) -> None:
        raise ForbiddenError("the credentials need s3:GetObject")

    bucket.before = forbid
    code, lines, notes = run(capsys, *UPLOAD, "--dry-run", make_wheel(tmp_path))
    assert (code, lines) == (0, [f"would upload: s3://bucket/{WHEEL_KEY}"])
    assert "cannot check whether files exist (1 file): the credentials need" in notes


def test_dry_run_of_no_bucket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """A bucket that is not there is an error, as for the upload itself."""

    def refuse(_method: str, _key: str) -> None:
        raise SetupError("there is no such bucket")

    bucket.before = refuse
    for option in ((), ("--dry-run",)):
        found = run(capsys, *UPLOAD, *option, *(make_wheel(tmp_path, f"d{n}") for n in range(9)))
        assert found == (1, [], "s3pypi: error: there is no such bucket\n")
    assert bucket.requests == [("read_start", "team/index.json")] * 2


def test_credentials_that_expire_meanwhile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """One cause is one error, also when it comes after the first files."""

    def expire(method: str, key: str) -> None:
        if method == "put" and "/d5/" in key:
            raise CredentialsError("the credentials are expired")

    bucket.before = expire
    paths = [make_wheel(tmp_path, f"d{number}") for number in range(30)]
    code, _lines, notes = run(capsys, *UPLOAD, "--profile", "p", "-j", "1", *paths)
    assert code == 1
    assert notes.count("expired") == 1
    assert "run `aws sso login --profile p`" in notes


def test_one_request_for_one_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """A single small file needs no check beforehand; several have one for all."""
    assert run(capsys, "upload", "-b", "bucket", make_wheel(tmp_path))[0] == 0
    assert bucket.requests == [("put", "demo/demo-1.0-py3-none-any.whl")]
    bucket.requests.clear()
    paths = [make_wheel(tmp_path, f"d{number}") for number in range(2)]
    assert run(capsys, "upload", "-b", "bucket", *paths)[0] == 0
    assert [method for method, _key in bucket.requests] == ["read_start", "put", "put"]


@pytest.mark.parametrize("option", [(), ("--dry-run",), ("--force",)])
def test_prefix_of_a_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket, option: tuple[str, ...]
) -> None:
    """A prefix that is a project's directory is refused before anything is read."""
    bucket.objects["team/index.json"] = plain(b'{"name": "team", "files": [], "_quarantined": []}')
    code, lines, notes = run(capsys, *UPLOAD, *option, tmp_path / "gone.whl")
    assert (code, lines) == (1, [])
    assert "s3://bucket/team/ is the directory of project team, not an index" in notes
    assert {method for method, _key in bucket.requests} <= {"read_start", "get"}


@pytest.mark.parametrize(
    "page",
    [
        b'{"meta": {}, "projects": []}',
        b'{"name": "team", "files": [], "_foreign": true}',
        b"",
        b"<html>",
        b"[]",
    ],
)
def test_prefix_of_no_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket, page: bytes
) -> None:
    """Any other page, and a directory of other projects' files, do not stand in the way."""
    bucket.objects["team/index.json"] = plain(page)
    assert run(capsys, *UPLOAD, make_wheel(tmp_path))[0] == 0


@pytest.mark.usefixtures("bucket")
def test_files_of_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What belongs to a distribution of the same call is skipped with a note."""
    path = make_wheel(tmp_path)
    for name in (f"{path.name}.asc", f"{path.name}.publish.attestation", "demo-1.0.cdx.json"):
        (tmp_path / name).write_text("x")
    code, lines, notes = run(capsys, *UPLOAD, tmp_path / "*")
    assert (code, lines) == (0, [f"uploaded: s3://bucket/{WHEEL_KEY}"])
    assert notes.count("is not a distribution") == 3
    code, lines, _notes = run(capsys, *UPLOAD, tmp_path / f"{path.name}.asc")
    assert (code, lines) == (1, [])


@pytest.mark.parametrize(
    ("local", "there"),
    [
        ("Demo-1.0-py3-none-any.whl", "demo-1.0-py3-none-any.whl"),
        ("demo-1.0.0-py3-none-any.whl", "demo-1.0-py3-none-any.whl"),
        ("demo-1.0-py2.py3-none-any.whl", "demo-1.0-py3.py2-none-any.whl"),
    ],
)
def test_strict_sees_another_spelling(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket, local: str, there: str
) -> None:
    """With --strict, the same file under another name is refused; other files are not."""
    page = {"name": "demo", "files": [{"filename": there}, {"filename": "demo-1.0.tar.gz"}]}
    bucket.objects["team/demo/index.json"] = plain(json.dumps(page).encode())
    name, version, *_tags = local.split("-")
    path = make_wheel(tmp_path, name, version).rename(tmp_path / local)
    code, lines, notes = run(capsys, *UPLOAD, "--strict", path)
    assert (code, lines) == (1, [])
    assert f"\n  {local}: already exists as {there}\n" in notes
    assert {method for method, _key in bucket.requests} == {"read_start", "get"}
    assert run(capsys, *UPLOAD, path)[0] == 0
    page["files"] = [{"filename": there.replace("none-any", "none-win32")}]
    bucket.objects["team/demo/index.json"] = plain(json.dumps(page).encode())
    assert run(capsys, *UPLOAD, "--strict", path)[0] == 0


def test_default_files(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    bucket: FakeBucket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without files, those in dist/ are uploaded."""
    monkeypatch.chdir(tmp_path)
    assert "dist/*: there is no such file" in run(capsys, *UPLOAD)[2]
    make_wheel(tmp_path / "dist")
    assert run(capsys, *UPLOAD)[:2] == (0, [f"uploaded: s3://bucket/{WHEEL_KEY}"])
    assert WHEEL_KEY in bucket.objects


def test_upload_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """The results are one document, also when some files failed."""
    bucket.objects[WHEEL_KEY] = plain(b"other")
    argv = [*UPLOAD, "--strict", "--json", str(make_wheel(tmp_path)), str(make_sdist(tmp_path))]
    assert main(argv) == 1
    results = json.loads(capsys.readouterr().out)["results"]
    assert sorted(results, key=lambda each: str(each["url"])) == [
        {
            "action": "failed",
            "url": f"s3://bucket/{WHEEL_KEY}",
            "reason": "already exists with different content",
        },
        {"action": "uploaded", "url": "s3://bucket/team/demo/demo-1.0.tar.gz"},
    ]


def test_interrupted_upload(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """An interrupt says which files are in the bucket, and which may not be."""

    def interrupt(method: str, key: str) -> None:
        if method == "put" and "/d1/" in key:
            raise KeyboardInterrupt

    bucket.before = interrupt
    paths = [make_wheel(tmp_path, f"d{number}") for number in range(2)]
    code, _lines, notes = run(capsys, *UPLOAD, "-j", "1", *paths)
    assert code == INTERRUPTED
    assert notes.startswith(
        "in the bucket: 1 of 2 files\n  not uploaded, or not confirmed: d1-1.0-py3-none-any.whl\n"
    )


def test_bug(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """An error that nobody thought of is one message; its traceback is shown with -v."""

    def fail(_method: str, _key: str) -> None:
        raise RuntimeError("nobody\nexpected it")

    bucket.before = fail
    code, _lines, notes = run(capsys, "list", "-b", "bucket")
    assert code == 1
    assert notes.startswith("s3pypi: error: unexpected RuntimeError: nobody\\nexpected it; this is")
    assert main(["list", "-b", "bucket", "-v"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_wait_for_a_listed_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """With `--wait` the command ends well once the page lists the file."""
    path = make_wheel(tmp_path)
    sha256 = select([str(path)], jobs=1)[0].digest.sha256.hex()
    page = f'{{"files": [{{"filename": "{path.name}", "hashes": {{"sha256": "{sha256}"}}}}]}}'
    bucket.objects["team/demo/index.json"] = plain(page.encode())
    code, _lines, notes = run(capsys, *UPLOAD, "--wait", path)
    assert code == 0
    assert bucket.requests[-1] == ("get", "team/demo/index.json")
    assert "waiting until the index lists 1 file\n" in notes
    assert notes.endswith("listed after 0.0 seconds:\n  s3://bucket/team/demo/\n")
    url = "https://me:secret@pypi.example.com/team"
    notes = run(capsys, *UPLOAD, "--wait", path, "--index-url", url)[2]
    assert notes.endswith(
        "  https://pypi.example.com/team/demo/\n"
        "  pip install --index-url https://pypi.example.com/team/ demo==1.0\n"
    )


def test_wait_in_vain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """A file that is not listed in time has a code of its own."""
    code, lines, notes = run(capsys, *UPLOAD, "--wait", "0.001", make_wheel(tmp_path))
    assert (code, len(lines)) == (3, 1)
    assert "not on the index after 0.001 seconds: demo-1.0-py3-none-any.whl" in notes
    assert WHEEL_KEY in bucket.objects


def test_wait_for_a_refused_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """A file that the indexer refuses has a code of its own, and its reason is told."""
    path = make_wheel(tmp_path)
    etag = plain(path.read_bytes()).etag
    page = f'{{"_quarantined": [{{"filename": "{path.name}", "etag": "{etag}", "reason": "bad"}}]}}'
    bucket.objects["team/demo/index.json"] = plain(page.encode())
    code, _lines, notes = run(capsys, *UPLOAD, "--wait", path)
    assert code == 4
    assert "the index refuses it: demo-1.0-py3-none-any.whl: bad" in notes


def test_wait_with_a_skipped_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """A file in whose place another lies is never on the index; the others are waited for first."""
    bucket.objects[WHEEL_KEY] = plain(b"other")
    path = make_sdist(tmp_path, "other")
    sha256 = select([str(path)], jobs=1)[0].digest.sha256.hex()
    page = f'{{"files": [{{"filename": "{path.name}", "hashes": {{"sha256": "{sha256}"}}}}]}}'
    bucket.objects["team/other/index.json"] = plain(page.encode())
    code, lines, notes = run(capsys, *UPLOAD, "--wait", make_wheel(tmp_path), path)
    assert (code, len(lines)) == (3, 2)
    assert bucket.requests[-1] == ("get", "team/other/index.json")
    assert "1 of 2 files was skipped, so the index cannot list it:" in notes
    assert "\n  demo-1.0-py3-none-any.whl: already exists with different content\n" in notes


def test_failed_upload_is_not_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """What fails, fails at once."""
    bucket.objects[WHEEL_KEY] = plain(b"other")
    assert run(capsys, *UPLOAD, "--wait", "--strict", make_wheel(tmp_path))[0] == 1
    assert [method for method, _key in bucket.requests] == ["read_start", "get", "put", "head"]


def test_retired_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """Each option that has no effect any more says so in a line, once."""
    options = ("--index.html", "--put-root-index", "--lock-indexes", "--locks-table=locks")
    code, _lines, notes = run(capsys, *UPLOAD, *options, make_wheel(tmp_path))
    said = [line for line in notes.splitlines() if "the indexer" in line]
    assert (code, len(said), len(bucket.requests)) == (0, 4, 2)
    assert said[0].startswith("note: --index.html has no effect")


def test_delete(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """Each key that is gone is told; a version that is not there is an error."""
    bucket.objects[WHEEL_KEY] = bucket.objects[f"{WHEEL_KEY}.yanked"] = plain(b"")
    argv = ("delete", "Demo", "1.0", "-b", "bucket", "--prefix", "team")
    expected = [f"s3://bucket/{WHEEL_KEY}", f"s3://bucket/{WHEEL_KEY}.yanked"]
    assert run(capsys, *argv, "--dry-run")[:2] == (0, [f"would delete: {e}" for e in expected])
    assert len(bucket.objects) == 2
    assert run(capsys, *argv)[:2] == (0, [f"deleted: {each}" for each in expected])
    assert not bucket.objects
    code, lines, notes = run(capsys, *argv)
    assert (code, lines) == (1, [])
    assert "demo 1.0 is not in s3://bucket/team/demo/; there is no version" in notes


OBJECTS = ("demo-1.0.zip", "demo-2.0.zip", "demo-2.0.zip.yanked", "demo-new.egg", "x-1.0.zip")
OWN = (*OBJECTS, ".project-status", "index.json", "", "demo-1.0.zip.metadata")


@pytest.mark.parametrize(
    ("argv", "deleted"),
    [
        (("1.0.0",), ["demo-1.0.zip"]),
        (("2.0",), ["demo-2.0.zip", "demo-2.0.zip.yanked"]),
        (("--file", "demo-2.0.zip"), ["demo-2.0.zip", "demo-2.0.zip.yanked"]),
        (("--file", "demo-new.egg", "--file", "x-1.0.zip"), ["demo-new.egg", "x-1.0.zip"]),
        (
            ("--yes",),
            [
                *("demo-1.0.zip", "demo-2.0.zip", "x-1.0.zip", ".project-status"),
                "demo-2.0.zip.yanked",
            ],
        ),
    ],
)
def test_what_is_deleted(
    capsys: pytest.CaptureFixture[str],
    bucket: FakeBucket,
    argv: tuple[str, ...],
    deleted: list[str],
) -> None:
    """A version, files by name whatever they are, or a whole project; never pages or sidecars."""
    bucket.objects |= {f"team/demo/{name}": plain(b"") for name in OWN}
    bucket.objects["team/demo/below/demo-1.0.zip"] = plain(b"")
    options = ("-b", "bucket", "--prefix", "team")
    assert main(["delete", "demo", *argv, *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"deleted: s3://bucket/team/demo/{name}" for name in deleted]
    assert len(bucket.objects) == len(OWN) + 1 - len(deleted)


def test_delete_of_a_file_that_is_not_there(
    capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """The files that are there are named, and nothing is deleted."""
    bucket.objects["demo/demo-1.0.zip"] = bucket.objects["demo/index.json"] = plain(b"")
    argv = ("delete", "demo", "-b", "bucket", "--file", "demo-1.0.zip", "--file", "gone.zip")
    code, lines, notes = run(capsys, *argv)
    assert (code, lines, len(bucket.objects)) == (1, [], 2)
    assert "'gone.zip' is not in s3://bucket/demo/; there is demo-1.0.zip\n" in notes
    assert (
        "there is no file of project gone"
        in run(capsys, "delete", "gone", "--yes", "-b", "bucket")[2]
    )


def test_delete_of_a_project_without_a_terminal(
    capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """A version that was left out in a script never deletes a whole project."""
    bucket.objects["demo/demo-1.0.zip"] = plain(b"")
    code, lines, notes = run(capsys, "delete", "demo", "-b", "bucket")
    assert (code, lines, len(bucket.objects)) == (2, [], 1)
    assert "delete 1 object? There is no terminal to ask on; pass --yes" in notes


class Keyboard(io.StringIO):
    """A terminal on which somebody types."""

    def isatty(self) -> bool:
        """Return True."""
        return True


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", INTERRUPTED)])
@pytest.mark.parametrize("argv", [(), ("1.0",), ("--file", "demo-1.0.zip")])
def test_delete_asks_on_a_terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    bucket: FakeBucket,
    *,
    argv: tuple[str, ...],
    typed: str,
    code: int,
) -> None:
    """Only yes is yes; `--yes` says it beforehand."""
    bucket.objects["demo/demo-1.0.zip"] = plain(b"")
    monkeypatch.setattr(sys, "stdin", Keyboard(typed))
    found = run(capsys, "delete", "demo", *argv, "-b", "bucket")
    assert found[0] == code
    assert "s3://bucket/demo/demo-1.0.zip\n" in found[2]
    assert "Delete 1 object? [y/N]: " in found[2]
    assert bool(bucket.objects) is (code != 0)


def test_force_unlock_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is named like everything else; the form of s3pypi 2 stays valid."""
    unlocked: list[tuple[str, str]] = []

    def unlock(table: LockTable, lock_id: str) -> Lease:
        unlocked.append((table.name, lock_id))
        return Lease("somebody", None, None)

    monkeypatch.setattr(LockTable, "force_unlock", unlock)
    options = ("-b", "bucket", "--region", "eu-west-1")
    assert main(["force-unlock", "Demo", *options]) == 0
    assert main(["force-unlock", "Demo", *options, "--prefix", "team", "--table", "t"]) == 0
    assert main(["force-unlock", *options, "--prefix", "team"]) == 0
    assert main(["force-unlock", "table", "b/demo", *options]) == 0
    assert unlocked == [
        ("bucket-locks", "bucket/demo"),
        ("t", "bucket/team/demo"),
        ("bucket-locks", "bucket/team/"),
        ("table", "b/demo"),
    ]


def test_yank_and_unyank(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """Each file is told; markers come and go; there is nothing to undo a second time."""
    bucket.objects[WHEEL_KEY] = bucket.objects["team/demo/demo-1.0.zip"] = plain(b"")
    release = ("Demo", "1.0.0", "-b", "bucket", "--prefix", "team")
    urls = [f"s3://bucket/{WHEEL_KEY}", "s3://bucket/team/demo/demo-1.0.zip"]
    found = run(capsys, "yank", *release, "--reason", "naïve")
    assert found == (0, [f"yanked: {url}" for url in urls], "")
    assert bucket.objects[f"{WHEEL_KEY}.yanked"].content == "naïve".encode()
    found = run(capsys, "unyank", *release, "--file", "demo-1.0.zip")
    assert found[:2] == (0, [f"unyanked: {urls[1]}"])
    assert run(capsys, "unyank", *release)[:2] == (0, [f"unyanked: {urls[0]}"])
    assert set(bucket.objects) == {WHEEL_KEY, "team/demo/demo-1.0.zip"}
    code, lines, notes = run(capsys, "unyank", *release)
    assert (code, lines) == (1, [])
    assert notes == "s3pypi: error: no file of demo 1.0.0 is yanked\n"


@pytest.mark.parametrize("command", ["yank", "unyank"])
def test_yank_of_nothing(
    capsys: pytest.CaptureFixture[str], bucket: FakeBucket, command: str
) -> None:
    """A version or a file that is not there is an error that names what is."""
    bucket.objects[WHEEL_KEY] = bucket.objects[f"{WHEEL_KEY}.yanked"] = plain(b"")
    options = ("-b", "bucket", "--prefix", "team")
    code, lines, notes = run(capsys, command, "demo", "2.0", *options)
    assert (code, lines) == (1, [])
    assert "demo 2.0 is not in s3://bucket/team/demo/; there is 1.0" in notes
    code, lines, notes = run(capsys, command, "demo", "1.0", *options, "--file", "demo-1.0.zip")
    assert (code, lines) == (1, [])
    assert "'demo-1.0.zip' is not a" in notes
    assert "there is demo-1.0-py3-none-any.whl" in notes
    assert {method for method, _key in bucket.requests} == {"list"}


def test_status(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """A status is shown with its reason, set, and taken away again."""
    bucket.objects[WHEEL_KEY] = plain(b"")
    options = ("-b", "bucket", "--prefix", "team")
    assert run(capsys, "status", "Demo", *options) == (0, ["active"], "")
    found = run(capsys, "status", "Demo", "archived", *options, "--reason", "see other")
    assert found == (0, ["set to archived: s3://bucket/team/demo/"], "")
    assert run(capsys, "status", "Demo", *options)[:2] == (0, ["archived: see other"])
    assert run(capsys, "status", "Demo", "quarantined", *options)[0] == 0
    assert run(capsys, "status", "Demo", *options)[:2] == (0, ["quarantined"])
    found = run(capsys, "status", "Demo", "active", *options)
    assert found[:2] == (0, ["set to active: s3://bucket/team/demo/"])
    assert set(bucket.objects) == {WHEEL_KEY}


def test_status_of_nothing(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """A project without a file has no status, and is given none."""
    for status in ((), ("archived",), ("active",)):
        code, lines, notes = run(capsys, "status", "Demo", *status, "-b", "bucket")
        assert (code, lines) == (1, [])
        assert notes == "s3pypi: error: there is no file of project demo in s3://bucket/demo/\n"
    assert not bucket.objects


def test_status_that_means_nothing(capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """A marker that cannot be understood is an error, until a status replaces it."""
    bucket.objects |= {WHEEL_KEY: plain(b""), "team/demo/.project-status": plain(b"archived")}
    options = ("-b", "bucket", "--prefix", "team")
    code, lines, notes = run(capsys, "status", "demo", *options)
    assert (code, lines) == (1, [])
    assert (
        "s3://bucket/team/demo/.project-status has no effect, because the marker is not JSON"
        in notes
    )
    assert "set a status to replace it" in notes
    assert run(capsys, "status", "demo", "deprecated", *options)[0] == 0
    assert run(capsys, "status", "demo", *options)[:2] == (0, ["deprecated"])


def test_status_of_strange_characters(
    capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """A reason that another tool wrote does nothing to the terminal."""
    said = rb'{"status": "archived", "reason": "a\nb\u001b[2J\ud800"}'
    bucket.objects["demo/.project-status"] = plain(said)
    found = run(capsys, "status", "demo", "-b", "bucket")
    assert found == (0, [r"archived: a\nb\x1b[2J\ud800"], "")


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (("yank", "demo", "1.0"), f"would yank: s3://bucket/{WHEEL_KEY}"),
        (("unyank", "demo", "1.0"), f"would unyank: s3://bucket/{WHEEL_KEY}"),
        (("status", "demo", "archived"), "would be set to archived: s3://bucket/team/demo/"),
        (("status", "demo", "active"), "would be set to active: s3://bucket/team/demo/"),
    ],
)
def test_dry_run_of_markers(
    capsys: pytest.CaptureFixture[str], bucket: FakeBucket, argv: tuple[str, ...], line: str
) -> None:
    """A dry run looks, and changes nothing."""
    bucket.objects[WHEEL_KEY] = bucket.objects[f"{WHEEL_KEY}.yanked"] = plain(b"")
    found = run(capsys, *argv, "-b", "bucket", "--prefix", "team", "--dry-run")
    assert found == (0, [line], "")
    assert bucket.requests == [("list", "team/demo/")]


@pytest.mark.parametrize(
    "argv",
    [
        (*UPLOAD, "a.whl"),
        ("delete", "demo", "1.0", "-b", "bucket"),
        ("yank", "demo", "1.0", "-b", "bucket"),
        ("unyank", "demo", "1.0", "-b", "bucket"),
        ("status", "demo", "-b", "bucket"),
        ("status", "demo", "archived", "-b", "bucket"),
        ("force-unlock", "table", "lock", "--region", "eu-west-1"),
        ("token", "--host", "pypi.example.com"),
    ],
)
def test_no_credentials(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    argv: tuple[str, ...],
) -> None:
    """Every command says what to do when there are no credentials."""
    make_wheel(tmp_path).rename(tmp_path / "demo-1.0-py3-none-any.whl")
    monkeypatch.chdir(tmp_path)
    argv = tuple("*.whl" if each == "a.whl" else each for each in argv)
    code, _lines, notes = run(capsys, *argv)
    assert code == 1
    assert (
        "no AWS credentials were found; sign in again: run `aws sso login`, or check --profile"
        in notes
    )


def test_interrupt(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the command without a traceback."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LockTable, "force_unlock", interrupted)
    code, _lines, notes = run(capsys, "force-unlock", "table", "lock", "--region", "eu-west-1")
    assert code == INTERRUPTED
    assert "interrupted" in notes


def test_nobody_reads() -> None:
    """A reader who goes away, as `head` does, causes no traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    done = python("-m", "s3pypi", "--version", stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.fixture
def unwritable() -> Iterator[int]:
    """Return a file descriptor that nothing can be written to."""
    descriptor = os.open(os.devnull, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def test_unwritable_output(unwritable: int) -> None:
    """What cannot be printed is a problem, told without a traceback or Python's own words."""
    done = python("-m", "s3pypi", "--version", stdout=unwritable)
    assert done.returncode == 1
    assert done.stderr.startswith("s3pypi: error: cannot write to standard output: ")
    assert len(done.stderr.splitlines()) == 1


def test_unwritable_notes(unwritable: int) -> None:
    """The exit code is the command's own, whether its notes can be written or not."""
    assert python("-m", "s3pypi", "upload", stderr=unwritable).returncode == 2


@pytest.mark.parametrize(("closed", "code"), [("stdout", 1), ("stderr", 0)])
def test_closed_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bucket: FakeBucket, closed: str, code: int
) -> None:
    """The work is done whoever listens."""
    monkeypatch.setattr(sys, closed, None)
    assert main([*UPLOAD, str(make_wheel(tmp_path))]) == code
    assert WHEEL_KEY in bucket.objects
    assert main(["--version"]) == code


def test_verbose_tells_the_cause(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only `-v` shows where an error comes from."""

    def failing(*_: object) -> None:
        raise S3PyPIError("the message") from ValueError("the cause")

    monkeypatch.setattr(LockTable, "force_unlock", failing)
    unlock = ["force-unlock", "table", "lock", "--region", "eu-west-1"]
    assert main(unlock) == 1
    assert "the cause" not in capsys.readouterr().err
    assert main([*unlock, "-v"]) == 1
    assert "ValueError: the cause" in capsys.readouterr().err


def test_every_command_shows_that_it_works(
    bucket: FakeBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal, also one that prints nothing before it is done."""
    terminal = Watched("working: ")
    monkeypatch.setattr(output, "INTERVAL", 0.001)
    monkeypatch.setattr(sys, "stderr", terminal)
    bucket.objects[WHEEL_KEY] = plain(b"")

    def wait(*_: str) -> None:
        assert terminal.seen.wait(30)

    bucket.before = wait
    assert main(["yank", "demo", "1.0", "-b", "bucket", "--prefix", "team"]) == 0
    assert terminal.getvalue().endswith("\r\x1b[K")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_the_same_options_for_its_output(command: str) -> None:
    """`--json`, `--quiet` and `--verbose` are understood everywhere."""
    loaded = app.get_command(click.Context(app), command)
    assert loaded
    flags = {flag for param in loaded.params for flag in param.opts}
    assert flags >= {"--json", "-q", "--quiet", "-v", "--verbose"}


def test_config_and_token_in_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What other programs read has its names."""
    argv = ["config", "pip", "--url", "https://pypi.example.com/", "--with-upstream", "--json"]
    assert main(argv) == 0
    settings = "[global]\nindex-url = https://pypi.example.com/\n"
    assert json.loads(capsys.readouterr().out) == {"tool": "pip", "settings": settings}
    monkeypatch.setattr(Account, "token", lambda *_: WebToken("a.b.c", 1_800_000_000))
    assert main(["token", "--host", "pypi.example.com", "--json"]) == 0
    expected = {"token": "a.b.c", "expires": "2027-01-15T08:00:00Z"}
    assert json.loads(capsys.readouterr().out) == expected


@pytest.mark.parametrize(
    ("argv", "hosts", "host"),
    [
        (("--host", "https://PyPI.example.com/team/"), "other.example.com", "pypi.example.com"),
        ((), "pypi.example.com", "pypi.example.com"),
    ],
)
def test_token(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    argv: tuple[str, ...],
    hosts: str,
    host: str,
) -> None:
    """The token is all that is printed, for another program to take it."""
    monkeypatch.setenv("S3PYPI_HOSTS", hosts)
    monkeypatch.setattr(Account, "token", lambda _, host: WebToken(f"token-for-{host}", 0))

    assert run(capsys, "token", *argv) == (0, [f"token-for-{host}"], "")


@pytest.mark.parametrize("hosts", ["", "a.example.com b.example.com"])
def test_token_without_one_host(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, hosts: str
) -> None:
    """Which index a token is for is never guessed."""
    monkeypatch.setenv("S3PYPI_HOSTS", hosts)

    code, lines, notes = run(capsys, "token")

    assert (code, lines) == (2, [])
    assert "name the index with --host" in notes


def test_help_and_version_are_light() -> None:
    """Nothing slow is imported to say what the command is."""
    asked = ("--help", "-V", "--version", *(f"{command} --help" for command in COMMANDS))
    code = (
        "import sys; from s3pypi.cli import main;"
        "codes = [main(argv.split()) for argv in sys.argv[1:]];"
        "slow = {'boto3', 'botocore', 'tqdm', 'packaging'} & set(sys.modules);"
        "sys.exit(f'imported {slow}' if slow else any(codes))"
    )
    done = python("-c", code, *asked)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Usage: s3pypi") == 1 + len(COMMANDS)
    assert done.stdout.count(f"s3pypi {__version__}\n") == 2


@pytest.mark.parametrize("argv", [(), *((command,) for command in COMMANDS)])
def test_help(argv: tuple[str, ...]) -> None:
    """Help texts are whole sentences with an example, and fit a terminal of 80 columns."""
    done = CliRunner().invoke(app, [*argv, "--help"], prog_name="s3pypi", env={"COLUMNS": "200"})
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    summary = next(line for line in lines[1:] if line)
    assert summary[2].isupper()
    assert summary.endswith(".")
    examples = [line for line in lines if line.startswith("    s3pypi ")]
    assert examples
    for example in examples:
        parsed(*shlex.split(example)[1:])
    for retired in ("index.html", "put-root-index", "locks-table", "lock-indexes"):
        assert retired not in done.stdout


def test_help_shows_only_what_belongs_to_the_command() -> None:
    """A command's help has its own options, and no others."""
    runner = CliRunner()
    unlock = runner.invoke(app, ["force-unlock", "--help"]).stdout
    for option in ("--s3-put-args", "--dry-run", "--wait", "--function"):
        assert option not in unlock
    assert "--wait" not in runner.invoke(app, ["yank", "--help"]).stdout
    assert "--function" not in runner.invoke(app, ["upload", "--help"]).stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("s3pypi up", "plain,upload"),
        ("s3pypi upload --st", "plain,--strict"),
        ("s3pypi status demo ar", "plain,archived"),
        ("s3pypi upload --lock", ""),
    ],
)
def test_shell_completion(words: str, expected: str) -> None:
    """A shell is told the commands, options and values that begin like the last word."""
    environ = {
        "_S3PYPI_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    done = python("-m", "s3pypi", environ=environ)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, expected, "")


def test_failure_under_click(bucket: FakeBucket) -> None:
    """The exit codes are those of the Click application too, not only of `main`."""
    done = CliRunner().invoke(app, ["yank", "demo", "1.0", "-b", "bucket"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("s3pypi: error: demo 1.0 is not in s3://bucket/demo/")
    assert bucket.requests == [("list", "demo/")]


def test_help_documents_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever scripts the command finds its codes in its help."""
    assert main(["upload", "--help"]) == 0
    text = capsys.readouterr().out
    for code in (0, 1, 2, 3, 4, INTERRUPTED):
        assert f"\n    {code:<5}" in text


def test_module_runs() -> None:
    """`python -m s3pypi` is the command, and exits with its code."""
    done = python("-m", "s3pypi", "upload")
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: s3pypi upload")
