"""Hostile input only affects itself, as docs/architecture.md says, with the real function."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from s3pypi.layout import MAX_KEY
from scripts.local.ports import usable_port
from scripts.local.proxy.aws_calls import Call
from scripts.local.proxy.fates import Fate, How
from scripts.local.proxy.server import Proxy, running_proxy
from scripts.local.resources import Settings
from scripts.local.stack import LocalStack
from tests.e2e.conftest import HTML, SECONDS, Index, new_index, without_events
from tests.factories import sdist, wheel

FOO, BAR = wheel("foo"), wheel("bar")
ARCHIVES = Path(__file__).parents[1] / "data" / "archives"
ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"

Test = TypeVar("Test", bound=Callable[..., None])
shown: set[str] = set()
"""The inputs of the page's table that a test here shows."""


def shows(*inputs: str) -> Callable[[Test], Test]:
    """Mark a test with the inputs of the documented table that it shows."""

    def register(test: Test) -> Test:
        shown.update(inputs)
        return test

    return register


def test_every_row_is_shown() -> None:
    """The table has no input that no test here is about, and no test is about another one."""
    [table] = re.findall(
        r"^## Bad input\n\n(.*?)\n\n", ARCHITECTURE.read_text(), re.MULTILINE | re.DOTALL
    )
    _head, _line, *rows = table.splitlines()
    assert len(rows) >= 15
    assert shown == {row.split(" | ")[0].removeprefix("| ") for row in rows}


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    """Provide a proxy between the function and AWS that fails calls."""
    with running_proxy(usable_port(0, "--port")) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def stack(proxy: Proxy, function_zip: Path) -> Iterator[LocalStack]:
    """Provide a deployment behind that proxy."""
    settings = Settings(environment={"AWS_ENDPOINT_URL": proxy.url})
    with LocalStack(settings, port=proxy.upstream, zip_path=function_zip) as stack:
        yield stack
        assert stack.resources.messages(stack.resources.dlq_url) == 0


@pytest.fixture
def index(stack: LocalStack, proxy: Proxy, tmp_path: Path) -> Iterator[Index]:
    """Provide an index with one valid project, which must stay valid."""
    index = new_index(stack, tmp_path)
    index.put("bar/", BAR)
    index.until(lambda: index.files("bar"), [BAR.filename])  # after the root page
    yield index
    proxy.decide = lambda _: Fate()
    assert stack.resources.wait_until_idle(SECONDS)
    index.s3pypi("verify")
    options = ("--python", sys.executable, "--target", str(index.tmp / "site"))
    index.uv("pip", "install", *options, "bar")


def verify(index: Index) -> str:
    """Return the differences that `s3pypi verify` reports."""
    command = [sys.executable, "-m", "s3pypi", "verify"]
    done = subprocess.run(  # noqa: S603
        command, env=index.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    return done.stdout


@shows("a broken or hostile archive")
def test_archives_that_kill_readers(index: Index) -> None:
    """Each is refused with a reason; the project's good files are offered."""
    hostile = sorted(ARCHIVES.iterdir())
    assert len(hostile) >= 8
    for number, path in enumerate(hostile):
        extension = path.name[path.name.index(".") :]
        tag = "-py3-none-any" if extension == ".whl" else ""
        index.put_object(f"foo/foo-9.{number}{tag}{extension}", path.read_bytes())
    index.put("foo/", FOO)
    index.until(lambda: len(index.page("foo").get("_quarantined", [])), len(hostile))
    index.until(lambda: index.files("foo"), [FOO.filename])
    index.pip("--target", str(index.tmp / "site"), "foo")


@shows(
    "an `index.json` that is not JSON, or not a page of ours",
    "an `index.json` of another version",
    "a page edited by an old client or a person",
)
@pytest.mark.parametrize(
    "body",
    [
        b"\x00garbage",
        b"[]",
        b'{"meta":{"api-version":"9.9"},"name":"foo","files":[{"filename":7}],"new":{}}',
        b'{"meta":{"api-version":"1.4"},"name":"other","files":[]}',
    ],
)
def test_pages_that_somebody_edited(index: Index, body: bytes) -> None:
    """The project's next event restores both pages."""
    index.put("foo/", FOO)
    index.until(lambda: index.files("foo"), [FOO.filename])
    index.put_object("foo/index.json", body)
    index.put_object("foo/", b"<html>by hand</html>")
    later = sdist("foo", "2.0")
    index.put("foo/", later)
    assert index.stack.resources.wait_until_idle(SECONDS)
    assert index.files("foo") == [later.filename, FOO.filename]
    assert b"by hand" not in (index.get("foo/", HTML) or b"by hand")


@shows("other objects, markers without files")
def test_foreign_objects_and_many_junk_keys(index: Index) -> None:
    """They only cost their part of the listing, of which there are two pages."""
    for number in range(1001):
        index.put_object(f"foo/junk-{number}.txt", b"?")
    index.put_object("foo/foo-1.0.egg", b"?")
    index.put_object("foo/gone-1.0.tar.gz.yanked", b"?")
    index.put("foo/", FOO)
    index.until(lambda: index.files("foo"), [FOO.filename])
    assert index.page("foo")["_quarantined"] == []
    index.remove("foo/foo-1.0.egg")  # which `verify` reports


@shows(
    "a file that S3 does not return (archived in Glacier, SSE-C, another KMS key, a policy)",
)
@pytest.mark.parametrize("code", ["AccessDenied", "InvalidRequest", "KMS.DisabledException"])
def test_a_file_that_s3_does_not_return(index: Index, proxy: Proxy, code: str) -> None:
    """It is quarantined alone and retried with the next event."""
    denied = tuple(f"{index.prefix}/{name}" for name in (f"foo/{FOO.filename}", "bar/bar-1.0-py3"))

    def decide(call: Call) -> Fate:
        refused = call.operation == "GetObject" and any(one in call.path for one in denied)
        mine = refused and not call.path.endswith(".metadata")
        return Fate(how=How.REFUSE, code=code) if mine else Fate()

    proxy.decide = decide
    index.put("foo/", FOO)
    index.until(lambda: len(index.page("foo").get("_quarantined", [])), 1)
    [refused] = index.page("foo")["_quarantined"]
    assert "index" in refused["reason"] or "client" in refused["reason"]
    newer = wheel("bar", "2.0")
    index.put("bar/", newer)
    index.until(lambda: index.files("bar"), [newer.filename, BAR.filename])
    proxy.decide = lambda _: Fate()
    later = sdist("foo", "2.0")
    index.put("foo/", later)
    index.until(lambda: index.files("foo"), [later.filename, FOO.filename])


@shows("a file with a `Content-Encoding`")
def test_a_file_with_a_content_encoding(index: Index) -> None:
    """It is quarantined until it is uploaded without one."""
    later = sdist("foo", "2.0")
    key = f"{index.prefix}/foo/{FOO.filename}"
    resources = index.stack.resources
    index.stack.clients.s3.put_object(
        Bucket=resources.bucket, Key=key, Body=FOO.content, ContentEncoding="gzip"
    )
    index.put("foo/", later)
    index.until(lambda: len(index.page("foo").get("_quarantined", [])), 1)
    assert "upload it again" in index.page("foo")["_quarantined"][0]["reason"]
    index.put("foo/", FOO)
    index.until(lambda: index.files("foo"), [later.filename, FOO.filename])


@shows("thousands of bad files in one project")
def test_more_bad_files_than_a_page_shows(index: Index) -> None:
    """The page shows the first hundred and the number of others."""
    with without_events(index.stack):
        for number in range(103):
            index.put_object(f"foo/foo-9.{number:03}.zip", b"junk")
    index.put("foo/", FOO)
    index.until(lambda: index.files("foo"), [FOO.filename])
    assert index.stack.resources.wait_until_idle(SECONDS)
    assert len(index.page("foo")["_quarantined"]) == 100
    assert b"And 3 more." in (index.get("foo/", HTML) or b"")
    with without_events(index.stack):
        for number in range(1, 103):
            index.remove(f"foo/foo-9.{number:03}.zip")
    index.remove("foo/foo-9.000.zip")
    index.until(lambda: index.page("foo").get("_quarantined"), [])


@shows(
    "a filename of more than 255 bytes",
    "a directory whose page would have a key of more than 1,024 bytes, or whose name has more than"
    " 128 characters",
)
def test_names_that_can_have_no_page(index: Index) -> None:
    """They are not listed and do not affect others; `verify` reports them."""
    index.put_object(f"foo/foo-1.0-{'x' * 300}-none-any.whl", b"junk")
    deep = "d" * (MAX_KEY - len(f"{index.path}/f/index.json") + 1)
    keys = [f"{deep}/f/f-1.zip", f"{'n' * 129}/{'n' * 129}-1.0.zip"]
    for key in keys:
        index.put_object(key, b"junk")
    index.put("foo/", FOO)
    index.until(lambda: index.files("foo"), [FOO.filename])
    assert index.stack.resources.wait_until_idle(SECONDS)
    assert index.page("foo")["_quarantined"] == []
    assert index.projects() == ["bar", "foo"]
    reported = verify(index)
    assert all(f"{index.path}{key}" in reported for key in keys)
    for key in keys:
        index.remove(key)


@shows("an `index.json` that only its writer can read (SSE-C)")
def test_a_page_that_only_its_writer_can_read(index: Index, proxy: Proxy) -> None:
    """A page with a customer's key is replaced."""
    index.put("foo/", FOO)
    index.until(lambda: index.files("foo"), [FOO.filename])
    page = f"{index.prefix}/foo/index.json"
    replaced: list[str] = []

    def decide(call: Call) -> Fate:
        if call.operation == "PutObject" and call.path.endswith(page):
            replaced.append(call.path)
        locked = call.operation == "GetObject" and call.path.endswith(page) and not replaced
        return Fate(how=How.REFUSE, code="InvalidRequest") if locked else Fate()

    index.put_object("foo/index.json", b"encrypted")
    proxy.decide = decide
    later = sdist("foo", "2.0")
    index.put("foo/", later)
    index.until(lambda: bool(replaced), expected=True)
    assert index.stack.resources.wait_until_idle(SECONDS)
    assert index.files("foo") == [later.filename, FOO.filename]


@shows("S3 fails or throttles, or refuses to return a page")
def test_a_bucket_whose_key_is_disabled(index: Index, proxy: Proxy) -> None:
    """Nothing is lost: all files are indexed once the key is enabled again."""

    def decide(call: Call) -> Fate:
        refused = call.operation in {"GetObject", "PutObject"}
        return Fate(how=How.REFUSE, code="KMS.DisabledException") if refused else Fate()

    page = index.get("bar/")
    proxy.decide = decide
    before = proxy.tally.fates[How.REFUSE]
    index.put("foo/", FOO)
    index.put("bar/", wheel("bar", "2.0"))
    index.until(lambda: proxy.tally.fates[How.REFUSE] >= before + 2, expected=True)
    assert index.get("bar/") == page
    assert index.projects() == ["bar"]
    proxy.decide = lambda _: Fate()
    index.until(index.projects, ["bar", "foo"])
    index.until(lambda: len(index.files("bar")), 2)
    assert json.loads(index.get("") or b"{}")["meta"] == {"api-version": "1.4"}


def test_a_rebuild_runs_on_several_workers(index: Index) -> None:
    """Its messages run in parallel, ten projects in each."""
    with without_events(index.stack):
        for number in range(120):
            index.put(f"many-{number}/", wheel(f"many-{number}"))
    before = len(index.stack.resources.function_log())
    index.s3pypi("rebuild")
    assert len(index.projects()) == 121
    log = index.stack.resources.function_log()[before:]
    lines = [json.loads(line) for line in log if line.startswith("{")]
    requests = {line["request_id"] for line in lines if line.get("message") == "regenerated"}
    assert len(requests) >= 2


@shows("a page that cannot be read", "S3 fails or throttles, or refuses to return a page")
def test_a_page_that_s3_does_not_return(index: Index, proxy: Proxy) -> None:
    """Its project waits; `verify` reports it, and all others are checked, rebuilt and indexed."""
    index.put("foo/", FOO)
    index.until(lambda: index.files("foo"), [FOO.filename])
    page, before = f"/{index.prefix}/foo/index.json", index.page("foo")

    def decide(call: Call) -> Fate:
        refused = call.operation == "GetObject" and call.path.endswith(page)
        return Fate(how=How.REFUSE, code="AccessDenied") if refused else Fate()

    proxy.decide = decide
    index.put_object("bar/index.json", b"[]")
    reported = verify(index)
    assert f"{index.path}foo/: cannot be read" in reported
    assert f"{index.path}bar/: " in reported
    index.s3pypi("rebuild")
    assert index.files("bar") == [BAR.filename]
    later, newer = sdist("foo", "2.0"), wheel("bar", "2.0")
    index.put("foo/", later)
    index.put("bar/", newer)
    index.until(lambda: index.files("bar"), [newer.filename, BAR.filename])
    assert index.page("foo") == before
    proxy.decide = lambda _: Fate()
    index.until(lambda: index.files("foo"), [later.filename, FOO.filename])


@shows("a root `index.json` that is gone or unreadable")
def test_a_root_page_that_is_gone_or_unreadable(index: Index, proxy: Proxy) -> None:
    """A lost one comes back by itself; one that only its writer can read is started again."""
    index.remove("index.json")
    index.until(index.projects, ["bar"])
    page = f"/{index.prefix}/index.json"
    replaced: list[str] = []

    def decide(call: Call) -> Fate:
        mine = call.path.endswith(page)
        if call.operation == "PutObject" and mine:
            replaced.append(call.path)
        locked = call.operation == "GetObject" and mine and not replaced
        return Fate(how=How.REFUSE, code="InvalidRequest") if locked else Fate()

    index.put_object("index.json", b"encrypted")
    proxy.decide = decide
    index.put("foo/", FOO)
    index.until(lambda: bool(replaced), expected=True)
    assert index.stack.resources.wait_until_idle(SECONDS)
    assert "foo" in index.projects()
    assert any(
        "now lists only the projects known so far" in line
        for line in index.stack.resources.function_log()
    )
    index.s3pypi("rebuild")
    assert index.projects() == ["bar", "foo"]


@shows("a message that is not an event")
def test_a_message_that_is_not_an_event(index: Index) -> None:
    """It ends in the dead-letter queue alone; the files of that moment are indexed."""
    resources, sqs = index.stack.resources, index.stack.clients.sqs
    known = sqs.get_queue_attributes(QueueUrl=resources.queue_url, AttributeNames=["RedrivePolicy"])
    policy = json.loads(known["Attributes"]["RedrivePolicy"])

    def deliver(times: int) -> None:
        sqs.set_queue_attributes(
            QueueUrl=resources.queue_url,
            Attributes={"RedrivePolicy": json.dumps(policy | {"maxReceiveCount": times})},
        )

    deliver(1)
    try:
        sqs.send_message(QueueUrl=resources.queue_url, MessageBody="not an event")
        index.put("foo/", FOO)
        index.until(lambda: resources.messages(resources.dlq_url), 1)
        index.until(lambda: index.files("foo"), [FOO.filename])
    finally:
        deliver(policy["maxReceiveCount"])
    [message] = sqs.receive_message(QueueUrl=resources.dlq_url)["Messages"]
    assert message["Body"] == "not an event"
    sqs.delete_message(QueueUrl=resources.dlq_url, ReceiptHandle=message["ReceiptHandle"])
