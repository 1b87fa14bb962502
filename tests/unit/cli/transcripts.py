"""Plays the transcripts of docs/commands.md; run this module to write the outputs anew."""

import io
import json
import re
import shlex
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from s3pypi.aws import bucket as s3
from s3pypi.aws import clients
from s3pypi.aws import function as aws_function
from s3pypi.aws.locks import Lease, LockTable
from s3pypi.aws.tokens import WebToken
from s3pypi.cli import main
from s3pypi.command_line.targets import Account
from s3pypi.upstream import lookup
from tests.unit.cli.factories import make_sdist
from tests.unit.cli.fakes import FakeBucket, FakeFunction, plain

DOCUMENT = Path(__file__).parents[3] / "docs" / "commands.md"

RULES = re.compile(r"(?<=```toml\n)(.*?)(?=```)", re.DOTALL)
"""What the document shows as prune.toml."""
BLOCK = re.compile(r"(?<=```console\n)(.*?)(?=```)", re.DOTALL)


_THEIRS = {
    "other-project": lookup.Project(("1.0", "1.1"), "2024-05-01T12:00:00Z", frozenset({"ab" * 32}))
}
"""The projects of the upstream."""


def play(document: str) -> str:
    """Return a document whose transcripts have the outputs that the commands print now.

    Each block begins with a `$` and a command. All run after each other, on a bucket in memory.
    """
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as directory:
        make_sdist(Path(directory) / "dist", "your_project", "2.0")
        Path(directory, "prune.toml").write_text(RULES.findall(document)[0])
        patch.chdir(directory)
        bucket = _bucket()
        patch.setattr(s3, "S3Bucket", lambda *_: bucket)
        function = FakeFunction()
        function.answers["names"] = {"names": ["other-project", "your-project"]}
        function.answers["digests"] = {"digests": []}
        function.answers["forget"] = {"forgotten": ["other-project"], "kept": []}
        patch.setattr(aws_function, "LambdaFunction", lambda *_: function)
        patch.setattr(lookup.Upstream, "find", lambda _, name: _THEIRS.get(name))
        patch.setattr(Account, "token", lambda *_: WebToken("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", 0))
        patch.setattr(LockTable, "force_unlock", lambda *_: _lease())
        for name in ("s3_client", "lambda_client", "dynamodb_client"):
            patch.setattr(clients, name, lambda **_: None)
        return BLOCK.sub(lambda block: _run(block[1]), document)


def commands(document: str) -> set[str]:
    """Return the names of the commands that a document shows with their output."""
    return {shlex.split(block[1].splitlines()[0])[2] for block in BLOCK.finditer(document)}


def _run(block: str) -> str:
    command = block.partition("\n")[0]
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        main(shlex.split(command.removeprefix("$ s3pypi ")))
    return f"{command}\n{output.getvalue()}"


def _bucket() -> FakeBucket:
    bucket = FakeBucket("example-bucket")
    versions = {"1.1": "2026-11-20", "1.0": "2026-10-01", "1.0.dev2": "2020-02-01"}
    versions["1.0.dev1"] = "2020-01-01"
    files: list[dict[str, object]] = []
    for version, day in versions.items():
        name = f"your_project-{version}.tar.gz"
        stored = bucket.objects[f"dev/your-project/{name}"] = plain(version.encode(), checksum=True)
        files.append(
            {
                "filename": name,
                "hashes": {"sha256": f"{len(files)}c" * 32},
                "size": 12_345 + len(files),
                "upload-time": f"{day}T09:30:00Z",
                "requires-python": ">=3.10",
                "_etag": stored.etag,
            }
        )
    page = {
        "name": "your-project",
        "files": files,
        "_quarantined": [
            {"filename": "your_project-0.9.zip", "reason": "the archive is damaged", "etag": "e"}
        ],
    }
    bucket.objects["dev/your-project/index.json"] = plain(json.dumps(page).encode())
    projects = [{"name": "other-project"}, {"name": "your-project"}]
    bucket.objects["dev/index.json"] = plain(json.dumps({"projects": projects}).encode())
    return bucket


def _lease() -> Lease:
    acquired = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
    return Lease("1-6748a1b2", acquired, acquired.replace(minute=45))


if __name__ == "__main__":
    DOCUMENT.write_text(play(DOCUMENT.read_text()))
