import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from s3pypi.cli import main
from s3pypi.digest import MIB, digest_of
from tests.fakes import checksum
from tests.unit.cli.factories import make_sdist, make_wheel

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the operations that the command's clients send."""
    sent: list[str] = []

    def watch(client: Any) -> None:
        client.meta.events.register(
            "before-send", lambda event_name, **_: sent.append(event_name.rpartition(".")[2])
        )

    on_each_client(monkeypatch, watch)
    return sent


def on_each_client(monkeypatch: pytest.MonkeyPatch, do: Callable[[Any], None]) -> None:
    """Call a function with each client that the command creates."""

    class Watched(boto3.Session):
        def client(self, *args: Any, **settings: Any) -> Any:
            client = super().client(*args, **settings)
            do(client)
            return client

    monkeypatch.setattr(boto3, "Session", Watched)


@pytest.fixture
def argv(bucket_name: str) -> list[str]:
    """Return the start of an upload command."""
    return ["upload", "--bucket", bucket_name, "--prefix", "team"]


def test_upload(
    tmp_path: Path, argv: list[str], requests: list[str], s3: "S3Client", bucket_name: str
) -> None:
    """New files cost one request each; uploading them again is not a conflict."""
    make_wheel(tmp_path, "Demo.Project", "1!1.0+local")
    make_sdist(tmp_path, "demo_project", "2.0")
    assert main([*argv, str(tmp_path / "*")]) == 0
    assert requests == ["GetObject", *["PutObject"] * 2]
    listed = s3.list_objects_v2(Bucket=bucket_name)["Contents"]
    assert [each["Key"] for each in listed] == [
        "team/demo-project/Demo.Project-1!1.0+local-py3-none-any.whl",
        "team/demo-project/demo_project-2.0.tar.gz",
    ]
    requests.clear()
    assert main([*argv, str(tmp_path / "*"), "--strict"]) == 0
    assert sorted(requests) == ["GetObject"] * 2 + ["HeadObject"] * 2 + ["PutObject"] * 2


def test_identical_without_a_checksum(
    tmp_path: Path, argv: list[str], s3: "S3Client", bucket_name: str
) -> None:
    """A file without a checksum is recognised by its MD5."""
    path = make_wheel(tmp_path)
    s3.put_object(Bucket=bucket_name, Key=f"team/demo/{path.name}", Body=path.read_bytes())
    assert main([*argv, str(path), "--strict"]) == 0


def test_different(
    tmp_path: Path,
    argv: list[str],
    capsys: pytest.CaptureFixture[str],
    s3: "S3Client",
    bucket_name: str,
) -> None:
    """Another file under the same name is skipped, fails, or is replaced."""
    key = "team/demo/demo-1.0-py3-none-any.whl"
    assert main([*argv, str(make_wheel(tmp_path / "a"))]) == 0
    other = make_wheel(tmp_path / "b", content=b"other")
    assert main([*argv, str(other)]) == 0
    assert "with different content" in capsys.readouterr().err
    assert main([*argv, str(other), "--strict"]) == 1
    first = s3.get_object(Bucket=bucket_name, Key=key)["Body"].read()
    assert first == (tmp_path / "a" / other.name).read_bytes()
    assert main([*argv, str(other), "--force"]) == 0
    assert s3.get_object(Bucket=bucket_name, Key=key)["Body"].read() == other.read_bytes()


def test_race(tmp_path: Path, argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Of two concurrent uploads with different content, exactly one wins."""
    paths = [make_wheel(tmp_path / side, content=side.encode()) for side in "ab"]
    threads = [threading.Thread(target=main, args=([*argv, str(path)],)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = sorted(line.partition(":")[0] for line in capsys.readouterr().out.splitlines())
    assert lines == ["skipped", "uploaded"]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel of more than 64 MiB."""
    return _large(tmp_path_factory.mktemp("large"), seed=b"a")


def _large(directory: Path, seed: bytes) -> Path:
    path = make_wheel(directory, content=seed)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("padding", seed * (65 * MIB))  # stored, as the default is
    return path


def test_large_file_in_one_request(
    large: Path, argv: list[str], *, requests: list[str], s3: "S3Client", bucket_name: str
) -> None:
    """S3 keeps the SHA-256 of the whole file."""
    assert main([*argv, str(large)]) == 0
    assert requests == ["GetObject", "HeadObject", "PutObject"]
    head = s3.head_object(Bucket=bucket_name, Key=f"team/demo/{large.name}", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == checksum(large.read_bytes())


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Upload files over 64 MiB in parts, as those over 5 GiB are."""
    digest_in_parts = partial(digest_of, whole_limit=64 * MIB)
    monkeypatch.setattr("s3pypi.uploads.distribution.digest_of", digest_in_parts)


@pytest.mark.usefixtures("in_parts")
def test_large_file_in_parts(
    large: Path,
    tmp_path: Path,
    argv: list[str],
    *,
    requests: list[str],
    s3: "S3Client",
    bucket_name: str,
) -> None:
    """Parts are uploaded in parallel; an existing file is not uploaded again."""
    assert main([*argv, str(large)]) == 0
    assert [*requests[1:3], requests[-1]] == [
        "HeadObject",
        "CreateMultipartUpload",
        "CompleteMultipartUpload",
    ]
    assert requests.count("UploadPart") == 9
    body = s3.get_object(Bucket=bucket_name, Key=f"team/demo/{large.name}")["Body"].read()
    assert body == large.read_bytes()
    requests.clear()
    assert main([*argv, str(large), "--strict"]) == 0
    assert main([*argv, str(_large(tmp_path, seed=b"b")), "--strict"]) == 1
    assert requests == ["GetObject", "GetObject", "HeadObject"] * 2


@pytest.mark.usefixtures("in_parts")
def test_large_file_appears_meanwhile(
    large: Path, argv: list[str], s3: "S3Client", bucket_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that appears during the upload stays, and the parts are deleted."""
    key = f"team/demo/{large.name}"

    def appear(**_: object) -> None:
        s3.put_object(Bucket=bucket_name, Key=key, Body=b"other")

    def watch(client: Any) -> None:
        client.meta.events.register("before-send.s3.CompleteMultipartUpload", appear)

    on_each_client(monkeypatch, watch)
    assert main([*argv, str(large), "--strict"]) == 1
    assert s3.get_object(Bucket=bucket_name, Key=key)["Body"].read() == b"other"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket_name)


def test_no_bucket(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing bucket is reported once, and not for each file."""
    files = [str(make_wheel(tmp_path, f"d{number}")) for number in range(5)]
    argv = ["upload", "--bucket", "there-is-none", *files]
    assert main(argv) == 1
    error = capsys.readouterr().err
    assert error.count("no such bucket; check --bucket") == 1
    assert "Traceback" not in error


def test_delete(
    tmp_path: Path,
    argv: list[str],
    bucket_name: str,
    requests: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A version is deleted; deleting it again is an error."""
    make_wheel(tmp_path)
    make_sdist(tmp_path)
    make_sdist(tmp_path, version="2.0")
    assert main([*argv, str(tmp_path / "*")]) == 0
    requests.clear()
    deletion = ["delete", "DEMO", "1.0.0", "--bucket", bucket_name, "--prefix", "team"]
    assert main(deletion) == 0
    assert requests == ["ListObjectsV2", "DeleteObject", "DeleteObject"]
    assert main(deletion) == 1
    assert "there is 2.0" in capsys.readouterr().err


def test_yank(
    tmp_path: Path,
    argv: list[str],
    bucket_name: str,
    *,
    requests: list[str],
    s3: "S3Client",
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A version is yanked and unyanked with one request per file."""
    wheel, sdist = make_wheel(tmp_path, version="1.0+local"), make_sdist(tmp_path, "demo")
    assert main([*argv, str(wheel), str(sdist)]) == 0
    requests.clear()
    where = ["--bucket", bucket_name, "--prefix", "team"]
    marker = f"team/demo/{wheel.name}.yanked"
    for reason in ("", 'naïve & "日本" 👩‍🔬'):
        assert main(["yank", "DEMO", "1.0+local", *where, "--reason", reason]) == 0
        answer = s3.get_object(Bucket=bucket_name, Key=marker)
        assert answer["Body"].read().decode() == reason
        assert answer["ContentType"] == "text/plain; charset=utf-8"
    assert [each for each in requests if each != "GetObject"] == ["ListObjectsV2", "PutObject"] * 2
    assert main(["yank", "demo", "1.0", *where, "--file", sdist.name]) == 0
    requests.clear()
    assert main(["unyank", "demo", "1.0+local", *where]) == 0
    assert requests == ["ListObjectsV2", "DeleteObject"]
    listed = s3.list_objects_v2(Bucket=bucket_name)["Contents"]
    assert [each["Key"] for each in listed] == [
        f"team/demo/{wheel.name}",
        f"team/demo/{sdist.name}",
        f"team/demo/{sdist.name}.yanked",
    ]
    assert main(["unyank", "demo", "1.0+local", *where]) == 1
    assert main(["yank", "demo", "2.0", *where]) == 1
    error = capsys.readouterr().err
    assert "no file of demo 1.0+local is yanked" in error
    assert "there is 1.0, 1.0+local" in error
    assert "Traceback" not in error


def test_status(
    tmp_path: Path,
    argv: list[str],
    bucket_name: str,
    *,
    requests: list[str],
    s3: "S3Client",
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A status is set and shown with few requests, and a broken marker can be replaced."""
    assert main([*argv, str(make_wheel(tmp_path))]) == 0
    requests.clear()
    capsys.readouterr()
    status = ["status", "demo", "--bucket", bucket_name, "--prefix", "team"]
    key = "team/demo/.project-status"
    assert main(status) == 0
    assert requests == ["GetObject", "ListObjectsV2"]
    requests.clear()
    setting = ["status", "demo", "archived", *status[2:], "--reason", "naïve"]
    assert main(setting) == 0
    assert main(status) == 0
    assert requests == ["ListObjectsV2", "PutObject", "GetObject"]
    answer = s3.get_object(Bucket=bucket_name, Key=key)
    assert json.loads(answer["Body"].read()) == {"status": "archived", "reason": "naïve"}
    assert (answer["ContentType"], answer["CacheControl"]) == ("application/json", "no-cache")
    assert capsys.readouterr().out.splitlines() == [
        "active",
        f"set to archived: s3://{bucket_name}/team/demo/",
        "archived: naïve",
    ]
    s3.put_object(Bucket=bucket_name, Key=key, Body=b"archived")
    assert main(status) == 1
    assert "has no effect, because the marker is not JSON" in capsys.readouterr().err
    assert main(["status", "demo", "active", *status[2:]]) == 0
    assert s3.list_objects_v2(Bucket=bucket_name)["KeyCount"] == 1


@pytest.mark.parametrize(
    "argv",
    [
        ["yank", "demo", "1"],
        ["unyank", "demo", "1"],
        ["status", "demo"],
        ["status", "demo", "archived"],
    ],
)
def test_markers_without_a_bucket(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A missing bucket is not treated as a missing project."""
    assert main([*argv, "--bucket", "there-is-none"]) == 1
    error = capsys.readouterr().err
    assert "no such bucket; check --bucket" in error
    assert "Traceback" not in error


@pytest.fixture
def table(dynamodb: "DynamoDBClient") -> Iterator[str]:
    """Create a lock table as in a deployment, and return its name."""
    name = "test-locks"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    dynamodb.delete_table(TableName=name)


def test_force_unlock(
    dynamodb: "DynamoDBClient",
    table: str,
    requests: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One request removes the owner, keeps the counters, and marks the item as dirty."""
    item: Any = {
        "LockID": {"S": "bucket/team/"},
        "Owner": {"S": "somebody"},
        "AcquiredAt": {"N": "1700000000"},
        "ExpiresAt": {"N": "1700000900"},
        "Run": {"N": "7"},
        "Completed": {"N": "5"},
        "Pending": {"SS": ["+demo@3"]},
        "DeleteAt": {"N": "1800000000"},
    }
    dynamodb.put_item(TableName=table, Item=item)
    assert main(["force-unlock", table, "bucket/team/"]) == 0
    assert requests == ["UpdateItem"]
    assert capsys.readouterr().out == (
        "released: bucket/team/, held by somebody "
        "from 2023-11-14T22:13:20+00:00 until 2023-11-14T22:28:20+00:00\n"
    )
    left: Any = dynamodb.get_item(TableName=table, Key={"LockID": item["LockID"]})["Item"]
    assert re.fullmatch(r"force-unlock \S+ [0-9a-f]{64}", left.pop("Dirty")["S"])
    kept = ("LockID", "Run", "Completed", "Pending", "DeleteAt")
    assert left == {name: item[name] for name in kept}

    assert main(["force-unlock", table, "bucket/team/"]) == 1
    assert "it is not held" in capsys.readouterr().err


def test_force_unlock_of_nothing(
    dynamodb: "DynamoDBClient", table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing lock or table is an error, and is not created."""
    assert main(["force-unlock", table, "bucket/nothing"]) == 1
    assert "there is no such lock; an ID looks like" in capsys.readouterr().err
    assert dynamodb.scan(TableName=table)["Count"] == 0
    assert main(["force-unlock", "no-table", "bucket/nothing"]) == 1
    assert "no such table" in capsys.readouterr().err
