"""Clients of AWS: credentials, configuration, endpoints, and the log of requests."""

import logging
from pathlib import Path

import boto3
import pytest

from s3pypi import __version__, errors
from s3pypi.aws.bucket import S3Bucket
from s3pypi.aws.clients import dynamodb_client, s3_client
from tests.unit.cli.factories import Answers

pytestmark = pytest.mark.usefixtures("credentials")


def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing credentials are reported."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(errors.CredentialsError, match="no AWS credentials were found"):
        S3Bucket(s3_client(), "bucket").delete("key")


def test_no_signing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests can be sent without credentials."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    client = s3_client(sign=False)
    answers = Answers(client, lambda _request: (204, {}, b""))
    S3Bucket(client, "bucket").delete("key")
    assert "Authorization" not in answers.requests[0].headers


def test_unreachable() -> None:
    """An unreachable endpoint is named."""
    client = s3_client(endpoint_url="http://127.0.0.1:1")
    with pytest.raises(errors.AwsError, match=r"127\.0\.0\.1:1/.*check the network"):
        S3Bucket(client, "bucket").delete("key")


def test_bad_configuration() -> None:
    """A configuration error is reported."""
    with pytest.raises(errors.AwsError, match=r"cannot use S3: .*nobody"):
        s3_client(profile="nobody")
    with pytest.raises(errors.AwsError, match="cannot use S3: Invalid endpoint"):
        s3_client(endpoint_url="nonsense")
    with pytest.raises(errors.AwsError, match=r"cannot use S3: .*no such region"):
        s3_client(region="no such region")
    with pytest.raises(errors.AwsError, match=r"[Ii]nvalid bucket name"):
        S3Bucket(s3_client(), "Not A Bucket").delete("key")


def test_missing_credential_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing credential process is named."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    config = tmp_path / "config"
    config.write_text("[default]\ncredential_process = /no/such/program\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    with pytest.raises(errors.AwsError, match=r"cannot use S3: .*/no/such/program"):
        s3_client()


def test_requests_name_the_command_and_the_library() -> None:
    """In one text, which is made once: botocore makes its own for each request."""
    client = s3_client()
    answers = Answers(client, lambda _: (200, {"ETag": '"e"', "Content-Length": "7"}, b""))
    S3Bucket(client, "bucket").head("demo/demo-1.0.tar.gz")
    [request] = answers.requests
    named = request.headers["User-Agent"].decode()
    assert named.startswith(f"s3pypi/{__version__} Boto3/{boto3.__version__}")
    assert "ua/2" not in named


def test_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB requires a region."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(errors.AwsError, match="no region is set; set one with --region"):
        dynamodb_client()


def test_verbose_shows_where_requests_go(capsys: pytest.CaptureFixture[str]) -> None:
    """`-v` shows the endpoint, the identity and each request, without secrets."""
    logger = logging.getLogger("s3pypi")
    handler, level = logging.StreamHandler(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        client = s3_client()
        Answers(client, lambda _request: (200, {"ETag": '"e"', "Content-Length": "7"}, b""))
        bucket = S3Bucket(client, "bucket")
        bucket.head("demo/demo-1.0.tar.gz")
        bucket.put_marker("demo/demo-1.0.tar.gz.yanked", b"", "text/plain")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    said = capsys.readouterr().err
    host = "https://s3.eu-west-1.amazonaws.com"
    assert said.splitlines() == [
        f"s3: {host} in eu-west-1 as access key AKIDEXAMPLE (env)",
        "HEAD https://bucket.s3.eu-west-1.amazonaws.com/demo/demo-1.0.tar.gz",
        "PUT https://bucket.s3.eu-west-1.amazonaws.com/demo/demo-1.0.tar.gz.yanked",
    ]


def test_silence_without_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    """Without `-v`, none of that is shown."""
    client = s3_client()
    Answers(client, lambda _request: (200, {"ETag": '"e"', "Content-Length": "7"}, b""))
    S3Bucket(client, "bucket").head("demo/demo-1.0.tar.gz")
    assert capsys.readouterr().err == ""
