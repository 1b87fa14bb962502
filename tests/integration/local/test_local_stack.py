import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.local.command import main
from scripts.local.errors import EmulatorError
from scripts.local.identity import running_identity
from scripts.local.ports import HOST
from scripts.local.resources import Settings
from scripts.local.stack import LocalStack

ROOT = Path(__file__).parents[3]
KEYS = [
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_DEFAULT_REGION",
    "S3PYPI_BUCKET",
    "S3PYPI_INDEX_URL",
    "S3PYPI_FUNCTION",
    "S3PYPI_LOCKS_TABLE",
    "S3PYPI_QUEUE_URL",
    "S3PYPI_DLQ_URL",
]


def eventually(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait until a condition is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def group_is_gone(pid: int) -> bool:
    """Return whether a process group has no processes left."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide the directory for temporary files of this process and its children."""
    directory = tmp_path / "tmp"
    directory.mkdir()
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setattr("tempfile.tempdir", None)
    return directory


def test_event_reaches_the_function(stack: LocalStack) -> None:
    """Uploads, markers and deletions cause events; other objects do not."""
    s3, bucket = stack.clients.s3, stack.resources.bucket
    for key in ("p/a/a-1.0.whl", "p/a/a-1.0+x.tar.gz", "p/a/.project-status", "p/a/index.json"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.delete_object(Bucket=bucket, Key="p/a/a-1.0.whl")

    assert stack.resources.wait_until_idle(30)
    seen = sorted(
        line for line in stack.resources.function_log() if line.startswith("saw") and "p/a" in line
    )
    assert seen == [
        "saw ObjectCreated:Put p/a/.project-status None",
        "saw ObjectCreated:Put p/a/a-1.0%2Bx.tar.gz None",
        "saw ObjectCreated:Put p/a/a-1.0.whl None",
        "saw ObjectRemoved:DeleteMarkerCreated p/a/a-1.0.whl None",
    ]


def test_is_the_deployment(stack: LocalStack) -> None:
    """The resources are configured as in AWS."""
    clients, resources = stack.clients, stack.resources
    function = clients.functions.get_function_configuration(FunctionName=resources.function)
    (mapping,) = clients.functions.list_event_source_mappings()["EventSourceMappings"]
    queue = clients.sqs.get_queue_attributes(
        QueueUrl=resources.queue_url, AttributeNames=["VisibilityTimeout", "RedrivePolicy"]
    )["Attributes"]
    ttl = clients.dynamodb.describe_time_to_live(TableName=resources.table)

    assert function["Architectures"] == ["arm64"]
    assert function["Environment"]["Variables"] == {
        "S3PYPI_LOCKS_TABLE": "s3pypi-local-locks",
        "S3PYPI_QUEUE_URL": resources.queue_url,
        "S3PYPI_DLQ_URL": resources.dlq_url,
    }
    assert (function["Timeout"], function["MemorySize"]) == (60, 512)
    assert mapping["BatchSize"] == 10
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert queue["VisibilityTimeout"] == str(60 + 30)  # the function's timeout, and a little more
    assert '"maxReceiveCount": 10' in queue["RedrivePolicy"]
    assert ttl["TimeToLiveDescription"]["AttributeName"] == "DeleteAt"
    assert clients.s3.get_bucket_versioning(Bucket=resources.bucket)["Status"] == "Enabled"


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS", "DELETE"])
@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
    ],
)
def test_a_web_page_cannot_drive_the_emulator(
    stack: LocalStack, method: str, sent: dict[str, str]
) -> None:
    """Requests of web pages are refused without CORS headers."""
    bucket, key = stack.resources.bucket, "guarded/guarded-1.0.txt"
    stack.clients.s3.put_object(Bucket=bucket, Key=key, Body=b"before")
    connection = http.client.HTTPConnection(HOST, stack.emulator.port, timeout=30)
    with contextlib.closing(connection):
        connection.request(method, f"/{bucket}/{key}", body=b"after", headers=sent)
        with connection.getresponse() as answer:
            assert answer.status == 403
            assert answer.headers["Access-Control-Allow-Origin"] is None
            assert b"before" not in answer.read()

    with contextlib.closing(stack.clients.s3.get_object(Bucket=bucket, Key=key)["Body"]) as body:
        assert body.read() == b"before"


def test_settings_and_no_trace(stub_zip: Path, temporary: Path) -> None:
    """The settings apply, and everything is removed at the end."""
    settings = Settings(
        bucket="other",
        function_timeout=5,
        visibility_timeout=1,
        max_receive_count=2,
        environment={"GREETING": "hello"},
    )
    with LocalStack(settings, prefix="/simple/", zip_path=stub_zip) as stack:
        emulator = stack.emulator.process.pid
        stack.clients.s3.put_object(Bucket="other", Key="a/fail-1.0.whl", Body=b"x")
        eventually(lambda: stack.resources.messages(stack.resources.dlq_url) == 1)

        assert "saw ObjectCreated:Put a/fail-1.0.whl hello" in stack.resources.function_log()
        assert stack.index_url == f"{stack.edge.url}/simple/"
        assert list(stack.environment) == KEYS
        assert list(temporary.iterdir()) == [stack.emulator.log.parent]

    assert group_is_gone(emulator)
    assert list(temporary.iterdir()) == []


def test_dead_emulator_is_reported(stub_zip: Path) -> None:
    """If the emulator has exited, the message shows the end of its log."""
    with LocalStack(zip_path=stub_zip) as stack:
        stack.emulator.check()
        stack.emulator.process.kill()
        stack.emulator.process.wait()
        with pytest.raises(EmulatorError, match="has exited"):
            stack.emulator.check()


@pytest.mark.parametrize("option", ["--port", "--edge-port"])
def test_port_taken(
    option: str, stub_zip: Path, temporary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A port in use is one clear line and exit code 1, and nothing is left."""
    with socket.create_server((HOST, 0)) as other:
        port = str(other.getsockname()[1])
        code = main([option, port, "--zip", str(stub_zip)])

    error = capsys.readouterr().err
    assert code == 1
    assert error.count("\n") == 1
    assert error.startswith(f"error: Port {port} of {HOST} cannot be used")
    assert option in error
    assert list(temporary.iterdir()) == []


def test_bad_bucket_name(stub_zip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bucket name that AWS would refuse is an error of one line."""
    assert main(["--bucket", "No_Such_Name", "--zip", str(stub_zip)]) == 1
    assert capsys.readouterr().err.startswith("error: The local AWS refused")


def test_asks_for_a_password(stub_zip: Path) -> None:
    """The edge requires a password, which the index's URL contains."""
    with LocalStack(zip_path=stub_zip, basic_auth=("alice", "a:b/ü")) as stack:
        bucket = stack.resources.bucket
        stack.clients.s3.put_object(Bucket=bucket, Key="index.html", Body=b"page")

        assert answer_of(stack.edge.url) == (401, b"Log in with a user name and a password, ")
        assert answer_of(stack.edge.url, "alice:wrong")[0] == 401
        assert answer_of(stack.edge.url, "alice:a:b/ü") == (200, b"page")
        assert stack.index_url.startswith("http://alice:a%3Ab%2F%C3%BC@127.0.0.1:")


def test_accepts_tokens(stub_zip: Path) -> None:
    """With `--identity`, `s3pypi token` prints a password, configured by the environment file.

    A disabled federation issues nothing.
    """
    with LocalStack(zip_path=stub_zip, identity=True) as stack:
        stack.clients.s3.put_object(Bucket=stack.resources.bucket, Key="index.html", Body=b"page")
        assert stack.identity

        def command() -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-m", "s3pypi", "token"],
                env={"PATH": os.defpath, **stack.environment},
                capture_output=True,
                text=True,
                check=False,
            )

        token = command().stdout.strip()
        assert answer_of(stack.edge.url, f"aws:{token}") == (200, b"page")
        assert answer_of(stack.edge.url, f"aws:{token[:-9]}")[0] == 401
        other = stack.identity.token("other.example.com")
        assert answer_of(stack.edge.url, f"aws:{other}")[0] == 401
        assert answer_of(stack.edge.url)[0] == 401
        assert stack.index_url.startswith("http://aws@localhost:")

        stack.identity.enabled = False
        refused = command()
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "enable-outbound-web-identity-federation" in refused.stderr
        assert stack.identity.issued == 2


def test_identity_answers_signed_requests_alone() -> None:
    """Requests of web pages and other actions are refused."""
    with running_identity() as identity:

        def post(body: str, **headers: str) -> int:
            connection = http.client.HTTPConnection(identity.url.removeprefix("http://"))
            with contextlib.closing(connection):
                connection.request("POST", "/", body, headers)
                with connection.getresponse() as answer:
                    return answer.status

        ask = "Action=GetWebIdentityToken&SigningAlgorithm=RS256&Audience.member.1=localhost"
        signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}
        assert post(ask) == 403
        assert post("Action=AssumeRole", **signed) == 400
        assert post(ask.replace("RS256", "ES384"), **signed) == 400
        assert identity.issued == 0
        assert post(ask, **signed) == 200


def answer_of(url: str, credentials: str = "") -> tuple[int, bytes]:
    """Return the status and the start of the body."""
    headers = {}
    if credentials:
        headers["Authorization"] = f"Basic {b64encode(credentials.encode()).decode()}"
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", "/", headers=headers)
        with connection.getresponse() as answer:
            return answer.status, answer.read(40)


@pytest.mark.parametrize("login", ["alice", "al/ice:secret", ":secret"])
def test_bad_login(login: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid login is a usage error."""
    with pytest.raises(SystemExit) as caught:
        main(["--basic-auth", login])

    assert caught.value.code == 2
    assert "--basic-auth" in capsys.readouterr().err


def test_bad_password(stub_zip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A password that no client can send is an error of one line."""
    assert main(["--basic-auth", "alice:a\tb", "--zip", str(stub_zip)]) == 1
    assert capsys.readouterr().err.startswith("error: A password has")


# Who starts the tests may ignore signals, as nohup and a shell's `&` do, and children inherit that.
WITH_DEFAULT_SIGNALS = """
import runpy, signal
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
runpy.run_module("scripts.local_stack", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def process(stub_zip: Path, temporary: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the command, with an environment file in the temporary directory."""
    command = [sys.executable, "-c", WITH_DEFAULT_SIGNALS, "--zip", str(stub_zip)]
    options = ["--bucket", "b-1", "--prefix", "simple", "--env-file", str(temporary / "env")]
    with subprocess.Popen(  # noqa: S603 - our own code
        [*command, *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_command(process: subprocess.Popen[str], temporary: Path, number: signal.Signals) -> None:
    """The command prints the clients' settings, also to a file, until a signal stops it."""
    env_file = temporary / "env"
    eventually(env_file.exists)
    written = env_file.read_text()
    assert process.stdout is not None
    printed = "".join(process.stdout.readline() for _ in KEYS)
    values = dict(line.split("=", 1) for line in written.splitlines())
    (home,) = temporary.glob("s3pypi-emulator-*")
    emulator = int(next(home.glob("tmp/ministack-*.pid")).read_text())

    process.send_signal(number)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 0
    assert printed == written
    assert list(values) == KEYS
    assert values["S3PYPI_BUCKET"] == "b-1"
    assert values["S3PYPI_INDEX_URL"].endswith("/simple/")
    assert out == ""
    assert "Traceback" not in err
    assert group_is_gone(emulator)
    assert list(temporary.iterdir()) == []


def test_stopped_while_starting(process: subprocess.Popen[str], temporary: Path) -> None:
    """A signal during the start leaves nothing behind."""
    eventually(lambda: list(temporary.glob("s3pypi-emulator-*/tmp/ministack-*.pid")))
    emulator = int(next(temporary.glob("s3pypi-emulator-*/tmp/*.pid")).read_text())

    process.terminate()
    process.communicate(timeout=30)

    assert process.returncode in {0, 130}
    assert group_is_gone(emulator)
    assert list(temporary.iterdir()) == []
