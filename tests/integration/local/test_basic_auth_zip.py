"""The zip of the edge functions in Lambda's runtime, with an emulated Parameter Store."""

import base64
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from basic_auth.parameters import ParameterStore
from basic_auth.users import put_user
from scripts.build.basic_auth_zip import build
from scripts.local.clients import Clients
from scripts.local.emulator import CREDENTIALS, Emulator, running_emulator
from scripts.local.runtime import VENV, Runtime, running_runtime
from tests.tls import running_tls_server, say
from tests.unit.basic_auth.forging import ROLE, claims, header, issuer, key, key_set, token

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the emulator of Lambda's runtime is a Linux program"
)

DOMAIN = "pypi.example.com"
NAME = "us-east-1.s3pypi-auth__pypi_example_com"
HANDLER = "basic_auth.handler.handler"
PASSWORD = "pässwörd:with:colons"
# What s3pypi 2.0.1 stores for "hunter2".
OLD = """{
  "password_hash": "40b86e1e19db55a3bee43c1f82dce1d58f972d8b",
  "password_salt": "RRoCSRzvYJ1xRra2TWzhqS70wn84Sb_ElKxpl49o3Y0"
}"""


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Provide an AWS with a hundred users, the maximum."""
    with running_emulator() as emulator:
        clients = Clients(emulator.url)
        store = ParameterStore(clients.ssm, DOMAIN)
        put_user(store, "alice", PASSWORD)
        record = store.users()["alice"]
        store.put("old", OLD)
        # The most costly record that is accepted; nobody knows its password.
        store.put("costly", record.replace('"n": 16384', '"n": 32768'))
        for number in range(97):
            store.put(f"user-{number}", record)
        clients.close()
        yield emulator


def run(
    zip_path: Path, endpoint: str, name: str = NAME, **environment: str
) -> AbstractContextManager[Runtime]:
    """Run the function with Lambda's environment variables only."""
    environment |= {**CREDENTIALS, "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": endpoint}
    return running_runtime(zip_path, HANDLER, name=name, environment=environment)


def event(credentials: str | None = None) -> dict[str, Any]:
    """Return CloudFront's event for a project's page."""
    headers = {
        "host": [{"key": "Host", "value": "d111111abcdef8.cloudfront.net"}],
        "accept": [{"key": "Accept", "value": "application/vnd.pypi.simple.v1+json"}],
    }
    if credentials is not None:
        token = base64.b64encode(credentials.encode()).decode()
        headers["authorization"] = [{"key": "Authorization", "value": f"Basic {token}"}]
    request = {
        "clientIp": "203.0.113.178",
        "headers": headers,
        "method": "GET",
        "querystring": "",
        "uri": "/foo/",
    }
    return {"Records": [{"cf": {"config": {"eventType": "viewer-request"}, "request": request}}]}


def test_checks_passwords_within_the_limits(basic_auth_zip: Path, emulator: Emulator) -> None:
    """A hundred users need less than 128 MB."""
    with run(basic_auth_zip, emulator.url) as runtime:
        served = [runtime.invoke(event(f"alice:{PASSWORD}")), runtime.invoke(event("old:hunter2"))]
        refused = [
            runtime.invoke(event(sent))
            for sent in ["alice:wrong", f"nobody:{PASSWORD}", "../alice:x", "costly:wrong", None]
        ]
        log = runtime.log.read_text()
        print(  # noqa: T201 - for docs/users.md
            f"init {runtime.init_milliseconds:.0f} ms, peak {runtime.peak_memory >> 20} MiB"
        )

        assert [each["uri"] for each in served] == ["/foo/index.json"] * 2
        assert sorted(served[0]["headers"]) == ["accept", "host"]
        assert [each["status"] for each in refused] == ["401"] * 5
        assert runtime.peak_memory < 128 << 20
        assert "The password of user old is stored as by s3pypi 1.x or 2.x" in log
        assert not {word for word in (PASSWORD, "hunter2", "wrong", "password_hash") if word in log}


def test_checks_tokens_within_the_limits(
    basic_auth_zip: Path, emulator: Emulator, tmp_path: Path
) -> None:
    """Ten issuers need less than 128 MB, and one request for each key set.

    The key sets are nearly as large as they may be; one issuer does not answer at all. Lambda's
    runtime ends an invocation after the 5 s that CloudFront allows.
    """
    padding = b" " * 60_000
    with running_tls_server(tmp_path, say(key_set(key().jwk()) + padding)) as server:
        clients = Clients(emulator.url)
        urls = [f"{server.url}/{number}" for number in range(9)] + ["https://localhost:1"]
        for number, url in enumerate(urls):
            clients.ssm.put_parameter(
                Name=f"/s3pypi/{DOMAIN}/issuers/{number}",
                Value=issuer({ROLE: ["team/"]}, issuer=url),
                Type="String",
            )
        with run(basic_auth_zip, emulator.url, SSL_CERT_FILE=str(server.certificate)) as runtime:
            good = [token(header(), claims(time.time(), iss=url)) for url in urls]
            sent = event(f"aws:{good[0]}")
            sent["Records"][0]["cf"]["request"]["uri"] = "/team/foo/"
            first = runtime.invoke(sent)
            asked = len(server.paths)
            statuses = [runtime.invoke(event(f"aws:{text}"))["status"] for text in good]
            forged = token(header(), claims(time.time(), iss=urls[0]), key("stranger"))
            refused = runtime.invoke(event(f"aws:{forged}"))
            log = runtime.log.read_text()
            print(  # noqa: T201 - for docs/architecture.md
                f"init {runtime.init_milliseconds:.0f} ms, peak {runtime.peak_memory >> 20} MiB"
            )

            assert first["uri"] == "/team/foo/index.json"
            assert "authorization" not in first["headers"]
            assert asked == 9
            assert statuses == ["403"] * 9 + ["503"]
            assert refused["status"] == "401"
            assert runtime.peak_memory < 128 << 20
            assert len(server.paths) == 9
            assert "The key set https://localhost:1/.well-known/jwks.json cannot be read" in log
            for text in [*good, forged]:
                assert not [part for part in text.split(".") if part in log or part in str(refused)]


def test_an_outage_is_503(basic_auth_zip: Path) -> None:
    """Without Parameter Store, the function starts and responds with 503."""
    with run(basic_auth_zip, "http://127.0.0.1:1") as runtime:
        answers = [runtime.invoke(event(sent)) for sent in (f"alice:{PASSWORD}", "nobody:x", None)]

        assert [each["status"] for each in answers] == ["503", "503", "401"]
        assert "The users cannot be read" in runtime.log.read_text()


def test_another_name_is_503(basic_auth_zip: Path, emulator: Emulator) -> None:
    """A function whose name contains no domain responds with 503 and logs why."""
    with run(basic_auth_zip, emulator.url, "s3pypi-basic-auth-pypi-example-com") as runtime:
        assert runtime.invoke(event(f"alice:{PASSWORD}"))["status"] == "503"
        assert "does not contain a domain" in runtime.log.read_text()


def test_is_small_and_the_same_each_time(basic_auth_zip: Path, tmp_path: Path) -> None:
    """The zip is small, reproducible, and only contains the edge functions."""
    assert build(tmp_path / "again" / "basic_auth.zip").read_bytes() == basic_auth_zip.read_bytes()
    assert basic_auth_zip.stat().st_size < 50_000
    with zipfile.ZipFile(basic_auth_zip) as archive:
        names = archive.namelist()
    assert "basic_auth/handler.py" in names
    assert all(re.fullmatch(r"basic_auth/\w+\.py", name) for name in names)
    assert not {"basic_auth/put_user.py", "basic_auth/users.py"} & set(names)


def test_put_user_needs_boto3_only(emulator: Emulator, tmp_path: Path) -> None:
    """The script runs in any directory, with an interpreter that has boto3."""
    script = Path(__file__).parents[3] / "basic_auth" / "put_user.py"
    environment = {**CREDENTIALS, "AWS_ENDPOINT_URL": emulator.url, "PATH": "/usr/bin:/bin"}
    python = str(VENV / "bin" / "python")

    def run_script(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            [python, str(script), "other.example.com", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    made = run_script("alice", "--random-password", "24", "--prefix", "team/")
    assert (made.returncode, len(made.stdout.strip())) == (0, 32), made.stderr
    assert run_script("--list").stdout == "alice\tscrypt\tteam/\n"
    del environment["AWS_SECRET_ACCESS_KEY"], environment["AWS_ACCESS_KEY_ID"]
    environment["AWS_EC2_METADATA_DISABLED"] = "true"
    refused = run_script("--list")
    assert refused.returncode == 1
    assert "No AWS credentials were found" in refused.stderr
    assert "Traceback" not in refused.stderr
