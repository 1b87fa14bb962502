"""`s3pypi upload`, with a bucket in memory."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from s3pypi.cli import INTERRUPTED, main
from s3pypi.errors import CredentialsError, ForbiddenError, SetupError
from tests.unit.cli.factories import make_sdist, make_wheel, metadata, zip_of
from tests.unit.cli.fakes import FakeBucket, plain
from tests.unit.cli.interrupts import INTERRUPTS
from tests.unit.cli.running import UPLOAD, WHEEL_KEY, run


def test_upload(tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket) -> None:
    """Standard output has the key of each file, and standard error the number of files."""
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
    """With one invalid file, none is sent."""
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
    """A dry run has the results and the exit code of the upload."""
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
    """Without permissions, the result of a dry run is unknown."""

    def forbid(_method: str, _key: str) -> None:
        raise ForbiddenError("the credentials need s3:GetObject")

    bucket.before = forbid
    code, lines, notes = run(capsys, *UPLOAD, "--dry-run", make_wheel(tmp_path))
    assert (code, lines) == (0, [f"would upload: s3://bucket/{WHEEL_KEY}"])
    assert "cannot check whether files exist (1 file): the credentials need" in notes


def test_dry_run_of_no_bucket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """A missing bucket is an error, as for the upload itself."""

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
    """Failures with one cause are one error, even after the first files."""

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
    """A single small file needs no check of the bucket, and several need one."""
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
    """A prefix that is a project's directory is refused before any file is read."""
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
    """Other pages and directories of other files are allowed as a prefix."""
    bucket.objects["team/index.json"] = plain(page)
    assert run(capsys, *UPLOAD, make_wheel(tmp_path))[0] == 0


@pytest.mark.usefixtures("bucket")
def test_files_of_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Signatures and metadata of a distribution are skipped with a note."""
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
    """With --strict, only the same file under another name is refused."""
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
    """With `--json`, the results are one document, even after failures."""
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


@pytest.mark.parametrize("interrupt", INTERRUPTS)
def test_interrupted_upload(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    bucket: FakeBucket,
    interrupt: Callable[[], None],
) -> None:
    """After an interrupt, the output says which files are in the bucket."""

    def before(method: str, key: str) -> None:
        if method == "put" and "/d1/" in key:
            interrupt()

    bucket.before = before
    paths = [make_wheel(tmp_path, f"d{number}") for number in range(2)]
    code, _lines, notes = run(capsys, *UPLOAD, "-j", "1", *paths)
    assert code == INTERRUPTED
    assert notes.startswith(
        "in the bucket: 1 of 2 files\n  not uploaded, or not confirmed: d1-1.0-py3-none-any.whl\n"
    )


def test_retired_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """Each option without effect causes one note."""
    options = ("--index.html", "--put-root-index", "--lock-indexes", "--locks-table=locks")
    code, _lines, notes = run(capsys, *UPLOAD, *options, make_wheel(tmp_path))
    said = [line for line in notes.splitlines() if "the indexer" in line]
    assert (code, len(said), len(bucket.requests)) == (0, 4, 2)
    assert said[0].startswith("note: --index.html has no effect")
