"""`s3pypi upload --wait`, with a bucket in memory."""

from pathlib import Path

import pytest

from s3pypi.uploads.selection import select
from tests.unit.cli.factories import make_sdist, make_wheel
from tests.unit.cli.fakes import FakeBucket, plain
from tests.unit.cli.running import UPLOAD, WHEEL_KEY, run


def test_wait_for_a_listed_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """With `--wait`, the command succeeds once the page lists the file."""
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
    """A timeout has its own exit code."""
    code, lines, notes = run(capsys, *UPLOAD, "--wait", "0.001", make_wheel(tmp_path))
    assert (code, len(lines)) == (3, 1)
    assert "not on the index after 0.001 seconds: demo-1.0-py3-none-any.whl" in notes
    assert WHEEL_KEY in bucket.objects


def test_wait_for_a_refused_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bucket: FakeBucket
) -> None:
    """A file that the indexer refuses has its own exit code, and the reason is printed."""
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
    """A skipped file is an error, after waiting for the others."""
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
    """A failed upload is not awaited."""
    bucket.objects[WHEEL_KEY] = plain(b"other")
    assert run(capsys, *UPLOAD, "--wait", "--strict", make_wheel(tmp_path))[0] == 1
    assert [method for method, _key in bucket.requests] == ["read_start", "get", "put", "head"]
