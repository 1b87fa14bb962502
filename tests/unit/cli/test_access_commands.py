"""`s3pypi force-unlock`, `config` and `token`, without AWS."""

import json

import pytest

from s3pypi.aws.locks import Lease, LockTable
from s3pypi.aws.tokens import WebToken
from s3pypi.cli import main
from s3pypi.command_line.targets import Account
from tests.unit.cli.running import run


def test_force_unlock_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is named by options; the form of s3pypi 2 stays valid."""
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


def test_config_and_token_in_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The JSON has documented keys."""
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
    """Only the token is on standard output."""
    monkeypatch.setenv("S3PYPI_HOSTS", hosts)
    monkeypatch.setattr(Account, "token", lambda _, host: WebToken(f"token-for-{host}", 0))

    assert run(capsys, "token", *argv) == (0, [f"token-for-{host}"], "")


@pytest.mark.parametrize("hosts", ["", "a.example.com b.example.com"])
def test_token_without_one_host(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, hosts: str
) -> None:
    """The index of a token must be given."""
    monkeypatch.setenv("S3PYPI_HOSTS", hosts)

    code, lines, notes = run(capsys, "token")

    assert (code, lines) == (2, [])
    assert "name the index with --host" in notes
