"""Write pages without a function, when something goes wrong."""

from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest

from scripts.local.clients import Clients
from scripts.local.emulator import CREDENTIALS, REGION, Emulator
from scripts.rebuild_locally import main
from tests.factories import wheel


@pytest.fixture
def clients(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    """Provide clients of an emulated AWS, and an environment that points to it."""
    where = {"AWS_ENDPOINT_URL": emulator.url, "AWS_DEFAULT_REGION": REGION}
    for name, value in {**CREDENTIALS, **where}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it remembers others' credentials
    clients = Clients(emulator.url)
    yield clients
    clients.close()


def test_what_is_left_is_told(clients: Clients, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that only a person can repair is reported, and the exit code is 1."""
    foo, bucket = wheel("foo"), f"bucket-{uuid4()}"
    clients.s3.create_bucket(Bucket=bucket)
    clients.s3.put_object(Bucket=bucket, Key=f"foo/{foo.filename}", Body=foo.content)
    clients.s3.put_object(Bucket=bucket, Key="strange.zip", Body=b"")
    assert main([bucket]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "strange.zip: is outside of a project's directory" in lines
    assert lines[-1] == "some problems remain; fix them and run this again"
    clients.s3.delete_object(Bucket=bucket, Key="strange.zip")
    assert main([bucket]) == 0
    assert capsys.readouterr().out == "done\n"


@pytest.mark.usefixtures("clients")
def test_errors_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Errors are one line."""
    assert main(["no-such-bucket"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    [line] = said.err.splitlines()
    assert line.startswith("error: S3 returned NoSuchBucket")
