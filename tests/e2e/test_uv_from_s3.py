"""uv installs directly from the private bucket, with signed requests.

The server checks AWS's Signature Version 4 as S3 does: it computes the signature again from the
request as it arrived and the secret key.
"""

import hashlib
import hmac
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

from scripts.local.edge.origin import AbsentError, Origin
from tests.e2e.conftest import Index, isolated, run
from tests.factories import wheel

KEY, SECRET, REGION = (
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "eu-west-1",
)


class PrivateBucket(ThreadingHTTPServer):
    """A bucket at a server's root, whose readers sign their requests.

    Attributes:
        origin: The bucket.
        answers: The path of each request, whether it had a signature, and the answer's status.
        may_list: Whether readers have s3:ListBucket: without it, a missing key is 403.
    """

    daemon_threads = True

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.answers: list[tuple[str, bool, int]] = []
        self.may_list = True
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """The server's URL."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server: PrivateBucket

    def do_GET(self) -> None:
        status, body, headers = self._answer()
        self.server.answers.append((self.path, "Authorization" in self.headers, status))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> tuple[int, bytes, dict[str, str]]:
        if not self._is_signed():
            return 403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>", {}
        key = unquote(self.path.partition("?")[0][1:])
        try:
            with self.server.origin.get(key) as content:
                kept = {"content-type": content.headers["content-type"]}
                return 200, b"".join(content.chunks), kept
        except AbsentError:
            return (404 if self.server.may_list else 403), b"<Error/>", {}

    def _is_signed(self) -> bool:
        scheme, _, rest = self.headers.get("Authorization", "").partition(" ")
        if scheme != "AWS4-HMAC-SHA256":
            return False
        given = dict(each.strip().split("=", 1) for each in rest.split(","))
        key, day, *scope = given["Credential"].split("/")
        if [key, *scope] != [KEY, REGION, "s3", "aws4_request"]:
            return False
        names = given["SignedHeaders"].split(";")
        lines = [f"{name}:{' '.join(self.headers.get(name, '').split())}" for name in names]
        path, _, query = self.path.partition("?")
        payload = self.headers["x-amz-content-sha256"]
        canonical = [self.command, path, query, *lines, "", ";".join(names), payload]
        digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
        stamp = self.headers["x-amz-date"]
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{'/'.join([day, *scope])}\n{digest}"
        signing = f"AWS4{SECRET}".encode()
        for part in (day, *scope):
            signing = hmac.digest(signing, part.encode(), "sha256")
        expected = hmac.new(signing, text.encode(), "sha256").hexdigest()
        return "host" in names and hmac.compare_digest(expected, given["Signature"])


@contextmanager
def serving(origin: Origin) -> Iterator[PrivateBucket]:
    """Serve the bucket while the context is active."""
    with PrivateBucket(origin) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def index(module_index: Index) -> Index:
    """Provide an index with two projects, one of whose files has a plus sign in its name."""
    module_index.put("app/", wheel("app", "1.0", "Requires-Dist: lib"))
    module_index.put("lib/", wheel("lib", "1.0+local.1"))
    module_index.until(lambda: len(module_index.files("app") + module_index.files("lib")), 2)
    return module_index


@pytest.fixture
def bucket(index: Index) -> Iterator[PrivateBucket]:
    """Provide the bucket, with S3's checks."""
    with serving(Origin(index.stack.clients.s3, index.stack.resources.bucket)) as bucket:
        yield bucket


def signing(bucket: PrivateBucket, home: Path, **changes: str) -> dict[str, str]:
    """Return the environment that docs/clients.md describes."""
    environment = isolated(home) | {
        "UV_S3_ENDPOINT_URL": bucket.url,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": REGION,
    }
    return environment | changes


def install(bucket: PrivateBucket, index: Index, target: Path, name: str = "app") -> list[str]:
    """The command that installs a project."""
    return [
        *(sys.executable, "-m", "uv", "pip", "install", "--no-cache", "--target", str(target)),
        *("--default-index", f"{bucket.url}/{index.prefix}/", name),
    ]


def test_installs(bucket: PrivateBucket, index: Index, tmp_path: Path) -> None:
    """Pages, metadata and files are all read with signatures, and each of them is right.

    uv asks without a signature first, and signs once it is refused.
    """
    run(install(bucket, index, tmp_path / "site"), signing(bucket, tmp_path))

    assert {"app.py", "lib.py"} <= {path.name for path in (tmp_path / "site").iterdir()}
    assert {(signed, status) for _, signed, status in bucket.answers} == {(False, 403), (True, 200)}
    signed = {path for path, signed, _ in bucket.answers if signed}
    assert f"/{index.prefix}/app/" in signed
    assert any(path.endswith(".whl") for path in signed)


def test_locks_and_syncs(bucket: PrivateBucket, index: Index, tmp_path: Path) -> None:
    """A project is locked and synchronised, with digests and without anything secret.

    With `authenticate = "always"`, every request is signed at once.
    """
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["app"]\n'
        f'[[tool.uv.index]]\nname = "example"\nurl = "{bucket.url}/{index.prefix}/"\n'
        'default = true\nauthenticate = "always"\n'
    )
    environment = signing(bucket, tmp_path)
    del environment["UV_NO_CONFIG"]
    command = [sys.executable, "-m", "uv", "--no-cache", "--directory", str(project)]
    python = ["--python", sys.executable]

    run([*command, "lock", *python], environment)
    run([*command, "sync", "--locked", "--no-install-project", *python], environment)

    assert list((project / ".venv").glob("lib/*/site-packages/lib.py"))
    text = (project / "uv.lock").read_text()
    lock = tomllib.loads(text)
    assert {one["name"] for one in lock["package"]} == {"x", "app", "lib"}
    assert all(one["wheels"][0]["hash"] for one in lock["package"] if one["name"] != "x")
    assert {(signed, status) for _, signed, status in bucket.answers} == {(True, 200)}
    assert "X-Amz" not in text
    assert KEY not in text


def fails(command: list[str], environment: dict[str, str]) -> str:
    """Run a command that must fail, and return its output."""
    done = subprocess.run(  # noqa: S603
        command, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0, done.stdout
    return done.stderr


@pytest.mark.parametrize(
    "changes",
    [
        {"AWS_SECRET_ACCESS_KEY": "another"},
        {"AWS_ACCESS_KEY_ID": "AKIAANOTHER"},
        {"AWS_REGION": "us-east-1"},
        {"UV_S3_ENDPOINT_URL": "http://127.0.0.1:1"},
    ],
    ids=lambda each: next(iter(each)),
)
def test_wrong_signatures_are_refused(
    changes: dict[str, str], bucket: PrivateBucket, index: Index, tmp_path: Path
) -> None:
    """Another key or region, or no signature, is refused."""
    said = fails(install(bucket, index, tmp_path / "site"), signing(bucket, tmp_path, **changes))

    assert "403" in said
    assert {status for _, _, status in bucket.answers} == {403}


def test_a_missing_project_needs_permission_to_list(
    bucket: PrivateBucket, index: Index, tmp_path: Path
) -> None:
    """With s3:ListBucket, a missing project is 404; without it, 403."""
    command = install(bucket, index, tmp_path / "site", "missing")
    assert "was not found in the package registry" in fails(command, signing(bucket, tmp_path))

    bucket.may_list = False
    assert "403" in fails(command, signing(bucket, tmp_path))
