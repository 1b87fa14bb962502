"""Migrate buckets that the real s3pypi 0.11, 1.2 and 2.0 have filled."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lambda_indexer.pages.environment import PAGE_MARK
from scripts.local.resources import Settings
from scripts.local.stack import LocalStack
from tests.e2e.conftest import HTML, SECONDS, Index, run, without_events
from tests.factories import Distribution, sdist, wheel

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv-peers"
OLD_MARK = b"<title>Package Index</title>"

FOO, FOO_SOURCE = wheel("foo", "1.0"), sdist("foo", "1.1")
OLD_NAME = wheel("Old.Name", "1.0+local.1")
RELEASES = [FOO, FOO_SOURCE, OLD_NAME]
NEWER = wheel("foo", "2.0")


@pytest.fixture(scope="module")
def deployment(function_zip: Path) -> Iterator[LocalStack]:
    """Provide the deployment of this module, whose tests change whole buckets."""
    with LocalStack(zip_path=function_zip) as stack:
        yield stack


@pytest.fixture
def stack(deployment: LocalStack) -> Iterator[LocalStack]:
    """Provide the deployment with an empty bucket, an empty lock table and an empty log."""
    yield deployment
    resources, clients = deployment.resources, deployment.clients
    idle = resources.wait_until_idle(SECONDS)
    log, dead = resources.function_log()[-20:], resources.messages(resources.dlq_url)
    for queue in (resources.queue_url, resources.dlq_url):
        clients.sqs.purge_queue(QueueUrl=queue)
    with without_events(deployment):
        for page in clients.s3.get_paginator("list_object_versions").paginate(
            Bucket=resources.bucket
        ):
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                clients.s3.delete_object(
                    Bucket=resources.bucket, Key=each["Key"], VersionId=each["VersionId"]
                )
    for item in clients.dynamodb.scan(TableName=resources.table)["Items"]:
        clients.dynamodb.delete_item(TableName=resources.table, Key={"LockID": item["LockID"]})
    with suppress(clients.logs.exceptions.ResourceNotFoundException):
        clients.logs.delete_log_group(logGroupName=f"/aws/lambda/{resources.function}")
    assert idle, log
    assert dead == 0, log


@dataclass(frozen=True)
class OldClient:
    """A client of an older major version.

    Attributes:
        version: which.
        options: of each upload.
    """

    version: str
    options: tuple[str, ...] = ()

    @property
    def index_html(self) -> bool:
        """Whether its pages are for an S3 website."""
        website = {"--unsafe-s3-website", "--index.html"} & set(self.options)
        return bool(website) or (self.version == "0.11.1" and "--bare" not in self.options)

    def run(self, index: Index, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run the client, which must succeed."""
        assert PEERS.exists(), "there is no .venv-peers: run the tests with `make test`"
        environment = {"PATH": os.defpath, "HOME": str(index.tmp), **index.stack.environment}
        if not self.version.startswith("2"):
            environment["PYTHONPATH"] = str(PEERS / f"s3pypi-{self.version[0]}")
        return run([str(PEERS / "bin" / "python"), "-m", "s3pypi", *argv], environment)

    def upload(self, index: Index, *distributions: Distribution) -> str:
        """Upload files; return the output. The oldest client uploads one release at a time."""
        said, paths = "", []
        prefix = "--secret" if self.version.startswith("0") else "--prefix"
        options = ["--bucket", index.stack.resources.bucket, *self.options]
        options += [prefix, index.prefix] if index.prefix else []
        for distribution in distributions:
            directory = index.tmp / distribution.filename.replace(".", "-")
            directory.mkdir(exist_ok=True)
            path = directory / distribution.filename
            path.write_bytes(distribution.content)
            paths.append(str(path))
            if self.version.startswith("0"):
                kind = "--no-wheel" if path.suffix == ".gz" else "--no-sdist"
                said += self.run(index, *options, kind, "--dist-path", str(directory)).stderr
        if self.version.startswith("1"):
            said = self.run(index, *options, *paths).stderr
        elif self.version.startswith("2"):
            said = self.run(index, "-v", "upload", *options, *paths).stderr
        return said


@contextmanager
def events_on_their_way(index: Index) -> Iterator[None]:
    """Delay the bucket's events until the context ends."""
    functions: Any = index.stack.clients.functions
    [mapping] = functions.list_event_source_mappings()["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    assert index.stack.resources.wait_until_idle(SECONDS)


def body(index: Index, key: str) -> bytes:
    """Return the content of an object."""
    s3 = index.stack.clients.s3
    found = s3.get_object(Bucket=index.stack.resources.bucket, Key=index.path + key)
    return found["Body"].read()


def verify(index: Index) -> list[str]:
    """Return the differences that `s3pypi verify` finds."""
    done = subprocess.run(
        [sys.executable, "-m", "s3pypi", "verify"],
        capture_output=True,
        text=True,
        check=False,
        env=index.environment,
        timeout=300,
    )
    assert done.returncode == (1 if done.stdout else 0), done.stderr
    return done.stdout.splitlines()


def migrate(index: Index, *argv: str) -> str:
    """Run scripts/migrate-s3-index.py, and return its output."""
    script = ROOT / "scripts" / "migrate-s3-index.py"
    argv = (index.stack.resources.bucket, "--prefix", index.prefix, "--yes", *argv)
    return run([sys.executable, str(script), *argv], index.stack.environment).stdout


def install(index: Index, *distributions: Distribution) -> None:
    """Install the last of these files of each project with uv, by version and digest."""
    pins = {}
    for distribution in distributions:
        name, version = distribution.metadata.decode().splitlines()[1:3]
        digest = hashlib.sha256(distribution.content).hexdigest()
        pins[name] = f"{name[6:]}=={version[9:]} --hash=sha256:{digest}\n"
    requirements = index.tmp / "requirements.txt"
    requirements.write_text("".join(pins.values()))
    options = ("--python", sys.executable, "--target", str(index.tmp / "site"), "--require-hashes")
    index.uv("pip", "install", *options, "--requirement", str(requirements))


def assert_complete(index: Index, *distributions: Distribution) -> None:
    """Check that exactly these files are offered, verified and installable."""
    assert index.projects() == ["foo", "old-name"]
    offered = {
        file["filename"]: (file["hashes"]["sha256"], index.get(f"{project}/{file['url']}"))
        for project in ("foo", "old-name")
        for file in index.page(project)["files"]
    }
    assert offered == {
        one.filename: (hashlib.sha256(one.content).hexdigest(), one.content)
        for one in distributions
    }
    for page in ("", "foo/", "old-name/"):
        html = index.get(page, HTML)
        assert html
        assert PAGE_MARK in html
    assert verify(index) == []
    install(index, *distributions)


@pytest.mark.parametrize(
    ("client", "prefix"),
    [
        (OldClient("0.11.1", ("--private",)), ""),
        (OldClient("0.11.1", ("--private", "--bare")), "team"),
        (OldClient("1.2.1"), ""),
        (OldClient("1.2.1", ("--unsafe-s3-website", "--put-root-index")), "team"),
        (OldClient("2.0.1", ("--put-root-index",)), "team"),
        (OldClient("2.0.1", ("--index.html", "--put-root-index")), ""),
    ],
    ids=lambda one: one if isinstance(one, str) else "".join((one.version, *one.options)),
)
def test_a_bucket_of_an_old_client(
    stack: LocalStack, tmp_path: Path, client: OldClient, prefix: str
) -> None:
    """After the migration, every file is offered and verify finds nothing."""
    index = Index(stack, prefix, tmp_path)
    with without_events(stack):
        client.upload(index, *RELEASES)
        old = "index.html" if client.index_html else ""
        assert OLD_MARK in body(index, f"foo/{old}")
    assert stack.resources.wait_until_idle(SECONDS)
    assert index.get("foo/") is None  # no JSON yet: the site must not be negotiated before rebuild
    if client.index_html:
        with events_on_their_way(index):
            assert "rename" in migrate(index)
            assert OLD_MARK in body(index, "foo/")
        assert PAGE_MARK in body(index, "foo/")  # the loss of `foo/index.html` is an event
    index.s3pypi("rebuild")
    assert_complete(index, *RELEASES)
    assert {key for key in index.objects() if key.endswith("index.html")} == (
        set() if prefix else {"index.html"}
    )


def test_what_is_rebuilt_first_needs_no_renaming(stack: LocalStack, tmp_path: Path) -> None:
    """The script removes old pages after a rebuild."""
    index = Index(stack, "", tmp_path)
    with without_events(stack):
        OldClient("2.0.1", ("--index.html",)).upload(index, *RELEASES)
    index.s3pypi("rebuild")
    assert_complete(index, *RELEASES)
    assert migrate(index).splitlines() == [
        "remove foo/index.html: foo/ exists and is the same, or written by the indexer",
        "remove old-name/index.html: old-name/ exists and is the same, or written by the indexer",
    ]
    assert_complete(index, *RELEASES)


@pytest.mark.parametrize("client", [OldClient("0.11.1", ("--private",)), OldClient("2.0.1")])
def test_pages_are_made_before_there_is_a_function(
    stack: LocalStack, tmp_path: Path, client: OldClient
) -> None:
    """All pages exist before CloudFront requests them."""
    index = Index(stack, "", tmp_path)
    with without_events(stack):
        client.upload(index, FOO, FOO_SOURCE)
        index.put("Old.Name/", OLD_NAME)
        environment = {**os.environ, **stack.environment}
        command = [sys.executable, "-m", "scripts.rebuild_locally"]
        assert run([*command, stack.resources.bucket], environment).stdout == "done\n"
        if client.index_html:
            assert OLD_MARK in body(index, "foo/index.html")  # the website goes on as it was
        table = stack.clients.dynamodb.scan(TableName=stack.resources.table)
        assert table["Items"] == []
        assert_complete(index, *RELEASES)


def test_directories_of_0_1_are_normalised(stack: LocalStack, tmp_path: Path) -> None:
    """Its directories had project names as written, and absolute links."""
    index = Index(stack, "", tmp_path)
    with without_events(stack):
        index.put("foo/", FOO, FOO_SOURCE)
        index.put("Old.Name/", OLD_NAME)
        link = f'<a href="http://bucket/Old.Name/{OLD_NAME.filename}">{OLD_NAME.filename}</a>'
        index.put_object("Old.Name/index.html", OLD_MARK + link.encode())
    migrate(index)
    index.s3pypi("rebuild")
    assert stack.resources.wait_until_idle(SECONDS)
    assert_complete(index, *RELEASES)


def test_a_bucket_that_stays_a_website(function_zip: Path, tmp_path: Path) -> None:
    """With S3PYPI_INDEX_HTML, the pages keep their names."""
    settings = Settings(environment={"S3PYPI_INDEX_HTML": "true"})
    client = OldClient("2.0.1", ("--index.html", "--put-root-index"))
    with LocalStack(settings, zip_path=function_zip) as stack:
        index = Index(stack, "team", tmp_path)
        with without_events(stack):
            client.upload(index, *RELEASES)
        index.s3pypi("rebuild")
        assert verify(index) == []
        with events_on_their_way(index):
            client.upload(index, NEWER)
        pages = ["foo/index.html", "index.html", "old-name/index.html"]
        assert [key for key in index.objects() if key.endswith(("html", "/"))] == pages
        assert NEWER.filename.encode() in body(index, "foo/index.html")
        assert PAGE_MARK in body(index, "foo/index.html")
        index.s3pypi("rebuild")  # for the root page, which the old client has written
        assert all(PAGE_MARK in body(index, page) for page in pages)
        assert [line.split()[0] for line in migrate(index).splitlines()] == ["keep"] * 3


def test_an_old_root_page_is_taken_over(stack: LocalStack, tmp_path: Path) -> None:
    """An upload before the rebuild creates a new root page and logs that."""
    index = Index(stack, "", tmp_path)
    with without_events(stack):
        OldClient("2.0.1", ("--put-root-index",)).upload(index, *RELEASES)
    index.s3pypi("upload", *index.write(NEWER), "--wait", "60")
    assert index.projects() == ["foo"]
    assert any(
        "now lists only the projects known so far; rebuild" in line
        for line in stack.resources.function_log()
    )
    index.s3pypi("rebuild")
    assert_complete(index, FOO, FOO_SOURCE, NEWER, OLD_NAME)


def test_an_old_client_goes_on_uploading(stack: LocalStack, tmp_path: Path) -> None:
    """Its page is replaced by its own event or by the next one."""
    index = Index(stack, "", tmp_path)
    client = OldClient("2.0.1", ("--put-root-index",))
    index.s3pypi("upload", *index.write(FOO, FOO_SOURCE, OLD_NAME), "--wait", "60")
    with events_on_their_way(index):
        said = client.upload(index, NEWER)
        assert OLD_MARK in body(index, "index.html")
        by_hand = body(index, "foo/")
        assert OLD_MARK in by_hand
    assert "Locking disabled" not in said  # its locks are in the table of our leases
    assert set(index.files("foo")) == {FOO.filename, FOO_SOURCE.filename, NEWER.filename}
    page = body(index, "foo/")
    assert PAGE_MARK in page

    index.put_object("foo/", by_hand)  # as a client does that is slower than the function
    assert NEWER.filename in index.files("foo")  # the JSON page is none of its business
    assert "foo/: the HTML page differs from the JSON page" in verify(index)
    index.s3pypi("yank", "foo", "1.0")
    index.until(lambda: PAGE_MARK in body(index, "foo/"), expected=True)
    index.s3pypi("unyank", "foo", "1.0")
    index.until(lambda: body(index, "foo/"), page)

    # Its root page lists every project, and stays until a project appears or a rebuild.
    assert verify(index) == ["/: its root page is outdated"]
    index.s3pypi("rebuild")
    assert_complete(index, FOO, FOO_SOURCE, NEWER, OLD_NAME)


def test_an_old_client_understands_our_pages(stack: LocalStack, tmp_path: Path) -> None:
    """It finds existing files, does not overwrite them, and can delete."""
    index = Index(stack, "", tmp_path)
    index.s3pypi("upload", *index.write(FOO, FOO_SOURCE, OLD_NAME), "--wait", "60")
    client, other = OldClient("2.0.1"), wheel("foo", "1.0", "Summary: other")
    with events_on_their_way(index):
        said = client.upload(index, other)
    assert f"{FOO.filename} already exists!" in said
    assert index.get(f"foo/{FOO.filename}") == FOO.content
    for name, version in (("foo", "1.1"), ("Old.Name", "1.0+local.1")):
        with events_on_their_way(index):
            options = ["--bucket", stack.resources.bucket]
            client.run(index, "delete", name, version, *options)
    assert (index.files("foo"), index.projects()) == ([FOO.filename], ["foo"])
    index.s3pypi("rebuild")
    assert verify(index) == []


def test_old_clients_upload_during_the_rebuild(stack: LocalStack, tmp_path: Path) -> None:
    """Neither disturbs the other; the next event replaces old pages."""
    index = Index(stack, "", tmp_path)
    client = OldClient("2.0.1", ("--put-root-index",))
    with without_events(stack):
        client.upload(index, *RELEASES)
    rebuild = subprocess.Popen(
        [sys.executable, "-m", "s3pypi", "rebuild", "--fresh"],
        env=index.environment,
        stdout=subprocess.PIPE,
    )
    client.upload(index, NEWER, wheel("foo", "3.0"), wheel("foo", "4.0"))
    rebuild.communicate(timeout=300)
    assert rebuild.returncode == 0
    assert stack.resources.wait_until_idle(SECONDS)
    assert index.page("foo")["versions"] == ["4.0", "3.0", "2.0", "1.1", "1.0"]
    index.s3pypi("rebuild")
    later = [wheel("foo", version) for version in ("3.0", "4.0")]
    assert_complete(index, FOO, FOO_SOURCE, NEWER, *later, OLD_NAME)
