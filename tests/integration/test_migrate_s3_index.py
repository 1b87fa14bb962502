"""The migration script with an emulated S3, and as a command."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

from scripts.local.clients import Clients
from scripts.local.emulator import CREDENTIALS, REGION, Emulator
from scripts.migrate_s3_index import main

SCRIPT = Path(__file__).parents[2] / "scripts" / "migrate-s3-index.py"
OLD = b"<html><title>Package Index</title>%s</html>"
Hook = Callable[[str, Any], None]


class Bucket:
    """A bucket with two old pages, one below a prefix, and objects that must not change."""

    def __init__(self, clients: Clients) -> None:
        self.s3: Any = clients.s3
        self.name = f"bucket-{uuid4()}"
        self.s3.create_bucket(Bucket=self.name)
        self.put("foo/index.html", OLD % b"foo")
        self.put("team/bar/index.html", OLD % b"bar")
        self.put("index.html", OLD % b"root")
        self.put("docs/index.html", b"<title>Documentation</title>")
        self.put("foo/foo-1.0.tar.gz", b"file")
        self.before = self.bodies()

    def put(self, key: str, body: bytes) -> None:
        """Put an object as old clients did."""
        self.s3.put_object(
            Bucket=self.name,
            Key=key,
            Body=body,
            ContentType="text/html",
            CacheControl="public, max-age=0",
        )

    def bodies(self) -> dict[str, bytes]:
        """Return every object."""
        listed = self.s3.list_objects_v2(Bucket=self.name).get("Contents", [])
        return {
            item["Key"]: self.s3.get_object(Bucket=self.name, Key=item["Key"])["Body"].read()
            for item in listed
        }

    def migrated(self) -> dict[str, bytes]:
        """Return the expected objects."""
        after = dict(self.before)
        after["foo/"] = after.pop("foo/index.html")
        after["team/bar/"] = after.pop("team/bar/index.html")
        return after


@pytest.fixture
def bucket(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Provide such a bucket, and an environment that points to it."""
    environment = {
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    clients = Clients(emulator.url)
    yield Bucket(clients)
    clients.close()


@pytest.fixture
def before_send(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Hook], None]]:
    """Call a function with each operation and request of the script."""
    hooks: list[Hook] = []
    made: list[Any] = []
    make = boto3.Session.client

    def client(self: boto3.Session, *args: Any, **settings: Any) -> Any:
        one: Any = make(self, *args, **settings)

        def sent(request: Any, event_name: str, **_: Any) -> None:
            for hook in hooks:
                hook(event_name.rpartition(".")[2], request)

        one.meta.events.register("before-send", sent)
        made.append(one)
        return one

    monkeypatch.setattr(boto3.Session, "client", client)
    yield hooks.append
    for one in made:
        one.close()


def test_pages_are_renamed(bucket: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    """Pages of s3pypi are renamed with their headers; nothing else changes."""
    assert main([bucket.name, "--yes"]) == 0
    assert bucket.bodies() == bucket.migrated()
    head = bucket.s3.head_object(Bucket=bucket.name, Key="foo/")
    assert (head["ContentType"], head["CacheControl"]) == ("text/html", "public, max-age=0")
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "keep docs/index.html: not a page of s3pypi",
        "rename foo/index.html: to foo/",
        "rename team/bar/index.html: to team/bar/",
    ]
    assert main([bucket.name]) == 0  # there is nothing to ask for
    assert bucket.bodies() == bucket.migrated()


def test_a_prefix_limits_it(bucket: Bucket) -> None:
    """Objects outside of the prefix are not changed."""
    assert main([bucket.name, "--yes", "--prefix", "/team/"]) == 0
    assert set(bucket.bodies()) == {*bucket.before, "team/bar/"} - {"team/bar/index.html"}


def test_a_dry_run_changes_nothing(bucket: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints the plan, without asking for confirmation."""
    assert main([bucket.name, "--dry-run"]) == 0
    assert bucket.bodies() == bucket.before
    assert "rename foo/index.html: to foo/\n" in capsys.readouterr().out


@pytest.mark.parametrize("operation", ["CopyObject", "DeleteObject"])
@pytest.mark.parametrize("page", ["/foo/", "/team/bar/"])
def test_a_death_in_the_middle_loses_nothing(
    bucket: Bucket, before_send: Callable[[Hook], None], operation: str, page: str
) -> None:
    """Every page exists after an interruption, and the next run finishes."""
    alive = True

    def die(name: str, request: Any) -> None:
        if alive and name == operation and page in request.url:
            raise KeyboardInterrupt

    before_send(die)
    assert main([bucket.name, "--yes"]) == 130
    assert set(bucket.bodies().values()) == set(bucket.before.values())
    alive = False
    assert main([bucket.name, "--yes"]) == 0
    assert bucket.bodies() == bucket.migrated()


@pytest.mark.parametrize("operation", ["CopyObject", "DeleteObject"])
def test_an_old_client_that_uploads_meanwhile_is_not_overwritten(
    bucket: Bucket,
    before_send: Callable[[Hook], None],
    operation: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its newer page is never replaced by an older one."""
    newer, done = OLD % b"newer", False

    def interfere(name: str, request: Any) -> None:
        nonlocal done
        if name == operation and "/foo/" in request.url and not done:
            done = True
            bucket.put("foo/index.html", newer)

    before_send(interfere)
    assert main([bucket.name, "--yes"]) == 1
    assert bucket.bodies()["foo/index.html"] == newer
    assert "it was changed meanwhile; run this again" in capsys.readouterr().err


def test_nothing_is_copied_over_what_comes_meanwhile(
    bucket: Bucket, before_send: Callable[[Hook], None]
) -> None:
    """The copy is conditional, which the emulator ignores."""
    bucket.put("foo/", b"")
    marker = bucket.s3.head_object(Bucket=bucket.name, Key="foo/")["ETag"]
    conditions: list[tuple[bytes | None, bytes | None]] = []

    def look(name: str, request: Any) -> None:
        if name == "CopyObject":
            headers = request.headers
            conditions.append((headers.get("If-Match"), headers.get("If-None-Match")))

    before_send(look)
    assert main([bucket.name, "--yes"]) == 0
    assert conditions == [(marker.encode(), None), (None, b"*")]


def test_something_else_at_the_target_is_a_conflict(
    bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is reported with exit code 1; the others are renamed."""
    bucket.put("foo/", OLD % b"another")
    assert main([bucket.name, "--yes"]) == 1
    assert bucket.bodies()["foo/"] == OLD % b"another"
    assert set(bucket.bodies()) == {*bucket.before, "foo/", "team/bar/"} - {"team/bar/index.html"}
    said = capsys.readouterr()
    assert "conflict foo/index.html: foo/ exists with other content; run s3pypi rebuild" in said.out
    assert said.err.endswith("1 done, 1 in conflict\n")


class Terminal(io.StringIO):
    """A terminal with an answer."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("YES\n", 0), ("n\n", 1), ("", 1)])
def test_it_asks(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, answer: str, code: int) -> None:
    """Only a yes changes anything."""
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert main([bucket.name]) == code
    assert bucket.bodies() == (bucket.before if code else bucket.migrated())


def test_errors_are_told(bucket: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong bucket, profile or endpoint is one line and exit code 1."""
    for argv in (
        ["no-such-bucket"],
        [bucket.name, "--profile", "no-such-profile"],
        [bucket.name, "--s3-endpoint-url", "nonsense"],
    ):
        assert main([*argv, "--yes"]) == 1
        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ")


def test_it_runs_by_its_name(bucket: Bucket, tmp_path: Path) -> None:
    """It runs from any directory; without a terminal, it requires --yes."""

    def run(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            [sys.executable, str(SCRIPT), *argv],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=tmp_path,
        )

    assert os.access(SCRIPT, os.X_OK)
    asked = run(bucket.name)
    assert (asked.returncode, bucket.bodies()) == (2, bucket.before)
    assert asked.stderr == (
        "error: there is no terminal to ask on; pass --yes to continue, or --dry-run to preview\n"
    )
    assert run().returncode == 2
    assert run(bucket.name, "--yes").returncode == 0
    assert bucket.bodies() == bucket.migrated()
