import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from s3pypi.cli import main
from tests.unit.cli.factories import make_wheel

Grant = Callable[..., None]


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use an emulator that enforces permissions, in place of the one of the other tests."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def grant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Grant]:
    """Return what makes the rest of the test run as a user with these permissions only."""
    with mock_aws():
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        boto3.client("s3").create_bucket(Bucket="bucket")

        def apply(*actions: str) -> None:
            iam = boto3.client("iam")
            user = f"user-{uuid.uuid4()}"
            iam.create_user(UserName=user)
            statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
            policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            iam.put_user_policy(UserName=user, PolicyName="policy", PolicyDocument=policy)
            key = iam.create_access_key(UserName=user)["AccessKey"]
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])

        yield apply


def test_put_is_enough(tmp_path: Path, grant: Grant, capsys: pytest.CaptureFixture[str]) -> None:
    """Uploading takes s3:PutObject alone; without more, an existing file cannot be told apart."""
    grant("s3:PutObject")
    argv = ["upload", "--bucket", "bucket", str(make_wheel(tmp_path))]
    with_permissions = set_initial_no_auth_action_count(0)(main)
    assert with_permissions(argv) == 0
    assert with_permissions(argv) == 0
    assert "cannot tell whether identical" in capsys.readouterr().err
    assert with_permissions([*argv, "--strict"]) == 1


@pytest.mark.parametrize(
    ("argv", "permissions"),
    [
        (["yank", "demo", "1.0"], ["s3:ListBucket", "s3:PutObject"]),
        (["unyank", "demo", "2.0"], ["s3:ListBucket", "s3:DeleteObject"]),
        (["status", "demo"], ["s3:ListBucket", "s3:GetObject"]),
        (["status", "demo", "archived"], ["s3:ListBucket", "s3:PutObject"]),
        (["status", "demo", "active"], ["s3:ListBucket", "s3:DeleteObject"]),
    ],
)
def test_markers(
    grant: Grant, capsys: pytest.CaptureFixture[str], argv: list[str], permissions: list[str]
) -> None:
    """What the README says these commands need is enough; less of it is refused with its name."""
    s3 = boto3.client("s3")
    for key in ("demo/demo-1.0.zip", "demo/demo-2.0.zip", "demo/demo-2.0.zip.yanked"):
        s3.put_object(Bucket="bucket", Key=key)
    s3.close()
    with_permissions = set_initial_no_auth_action_count(0)(main)
    grant(*permissions[:1])
    assert with_permissions([*argv, "--bucket", "bucket"]) == 1
    assert f"the credentials need {permissions[1]}" in capsys.readouterr().err
    grant(*permissions)
    assert with_permissions([*argv, "--bucket", "bucket"]) == 0
