"""Pages as bytes: HTML and JSON say the same, always in the same bytes, and are read back."""

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name
from packaging.version import Version

from lambda_indexer.filenames import version_in
from lambda_indexer.model import (
    ETag,
    ProjectFile,
    ProjectPage,
    ProjectStatus,
    QuarantinedFile,
    RootPage,
    Sha256,
    Sidecar,
    Status,
    Yank,
    one_line,
)
from lambda_indexer.rendering import (
    file_url,
    project_html,
    project_json,
    root_html,
    root_json,
    timestamp,
)
from lambda_indexer.state import parse_page

FOO = canonicalize_name("foo")
SCHEMA = json.loads((Path(__file__).parents[2] / "data/simple-detail.schema.json").read_text())

digests = st.text("0123456789abcdef", min_size=64, max_size=64).map(Sha256)
etags = st.text(st.characters(codec="ascii", exclude_characters='"'), min_size=1).map(ETag)
times = st.datetimes(min_value=datetime(2006, 3, 14), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
lines = st.text().map(one_line)
versions = st.sampled_from(["1.0", "1!2.0+cu1.1", "2.0rc1", "1.0.0"])


@st.composite
def files(draw: st.DrawFn) -> ProjectFile:
    """Any file that the indexer could list."""
    if draw(st.booleans()):
        filename = f"foo-{draw(versions)}.tar.gz"
        sidecar = None
    else:
        filename = f"foo-{draw(versions)}-{draw(st.integers(0, 99))}-py3-none-any.whl"
        sidecar = draw(st.builds(Sidecar, digests, etags))
    return ProjectFile(
        filename=filename,
        version=version_in(filename, FOO),
        etag=draw(etags),
        size=draw(st.integers(0, 1 << 40)),
        sha256=draw(digests),
        upload_time=draw(times),
        requires_python=draw(st.none() | st.sampled_from([">=3.8,<4", "!=3.9.*", ">=3 "])),
        sidecar=sidecar,
        yank=draw(st.none() | st.builds(Yank, lines, etags)),
    )


quarantined = st.builds(
    QuarantinedFile, st.text(min_size=1), etags, st.integers(0, 1 << 40), st.text()
)
statuses = st.builds(ProjectStatus, st.sampled_from(Status), lines, etags)
pages = st.builds(
    ProjectPage.of,
    st.just(FOO),
    st.lists(files(), max_size=5, unique_by=lambda file: file.filename),
    st.lists(quarantined, max_size=3, unique_by=lambda file: file.filename),
    st.none() | statuses,
)


class Page(HTMLParser):
    """The anchors and meta tags of a page, as an installer reads them."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.anchors: list[tuple[dict[str, str | None], str]] = []
        self.meta: dict[str | None, str | None] = {}
        self._inside = False
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.anchors.append((dict(attrs), ""))
            self._inside = True
        elif tag == "meta" and dict(attrs).get("name"):
            self.meta[dict(attrs)["name"]] = dict(attrs)["content"]

    def handle_data(self, data: str) -> None:
        if self._inside:
            attributes, text = self.anchors.pop()
            self.anchors.append((attributes, text + data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._inside = False


@settings(deadline=None)
@given(pages)
def test_html_and_json_say_the_same(page: ProjectPage) -> None:
    """File by file, in the same order, attribute by key, and of the project itself."""
    said = json.loads(project_json(page))
    listed = said["files"]
    html = Page(project_html(page))
    anchors = html.anchors
    status = said.get("project-status", {})
    assert html.meta.get("pypi:project-status") == status.get("status")
    assert html.meta.get("pypi:project-status-reason") == status.get("reason")
    assert len(anchors) == len(listed)
    for file, (attributes, text) in zip(listed, anchors, strict=True):
        core = file.get("core-metadata", {}).get("sha256")
        expected = {
            "href": f"{file['url']}#sha256={file['hashes']['sha256']}",
            "data-size": str(file["size"]),
            "data-upload-time": file["upload-time"],
            "data-requires-python": file.get("requires-python"),
            "data-core-metadata": core and f"sha256={core}",
            "data-dist-info-metadata": core and f"sha256={core}",
            "data-yanked": "" if file.get("yanked") is True else file.get("yanked"),
        }
        assert text == file["filename"]
        assert attributes == {key: value for key, value in expected.items() if value is not None}


@settings(deadline=None)
@given(pages)
def test_json_pages_fit_the_schema_and_are_read_back(page: ProjectPage) -> None:
    """What is written is what the next run finds as its record."""
    body = project_json(page)
    jsonschema.validate(json.loads(body), SCHEMA)
    assert parse_page(body, FOO) == page


def test_root_pages() -> None:
    """Names are sorted, each once, and links are relative and end in a slash."""
    page = RootPage.of(["b", "a-a", "b"])  # type: ignore[list-item]
    assert json.loads(root_json(page)) == {
        "meta": {"api-version": "1.4"},
        "projects": [{"name": "a-a"}, {"name": "b"}],
    }
    assert Page(root_html(page)).anchors == [({"href": "a-a/"}, "a-a"), ({"href": "b/"}, "b")]
    assert parse_page(root_json(page)) == page


def test_html_is_escaped() -> None:
    """What a file says of itself is text, whatever it is."""
    evil = '"><script>alert(1)</script>&amp;'
    page = ProjectPage.of(
        FOO,
        [
            ProjectFile(
                filename="foo-1.0.tar.gz",
                version=Version("1.0"),
                etag=ETag(evil),
                size=1,
                sha256=Sha256("0" * 64),
                upload_time=datetime(2026, 1, 1, tzinfo=UTC),
                requires_python=evil,
            )
        ],
        [QuarantinedFile(evil, ETag(evil), 1, evil)],
    )
    html = project_html(page)
    assert b"<script" not in html
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;" in html
    assert Page(html).anchors[0][0]["data-requires-python"] == evil


def test_pages_state_the_version_of_the_interface() -> None:
    """Both forms name the repository version 1.4."""
    tag = b'<meta name="pypi:repository-version" content="1.4">'
    page = ProjectPage.of(FOO, [])
    assert tag in project_html(page)
    assert tag in root_html(RootPage())
    assert json.loads(project_json(page))["files"] == []


def test_times_have_no_fraction_or_six_digits() -> None:
    """Other forms are not read by every client."""
    assert timestamp(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05Z"
    assert timestamp(datetime(2026, 1, 2, 3, 4, 5, 6000, UTC)) == "2026-01-02T03:04:05.006000Z"


def test_urls_encode_all_but_the_unreserved() -> None:
    """A raw plus is a space for S3."""
    assert file_url("a-1!2.0+x y.z_~%") == "a-1%212.0%2Bx%20y.z_~%25"


def test_a_record_that_is_not_as_we_write_it_is_no_record() -> None:
    """The file is then looked at again; its neighbours' records hold."""
    page = ProjectPage.of(
        FOO,
        [
            ProjectFile(
                filename=f"foo-{number}.0.tar.gz",
                version=Version(f"{number}.0"),
                etag=ETag("e"),
                size=1,
                sha256=Sha256("0" * 64),
                upload_time=datetime(2026, 1, 1, tzinfo=UTC),
            )
            for number in (1, 2)
        ],
    )
    whole = json.loads(project_json(page))
    for key, wrong in {
        "filename": "bar-1.0.tar.gz",
        "size": "many",
        "hashes": None,
        "upload-time": "2026-01-01T00:00:00",
        "_etag": 7,
        "core-metadata": True,
        "yanked": True,
    }.items():
        spoiled = {**whole, "files": [{**whole["files"][0], key: wrong}, whole["files"][1]]}
        read = parse_page(json.dumps(spoiled).encode(), FOO)
        assert isinstance(read, ProjectPage)
        assert [file.filename for file in read.records] == ["foo-1.0.tar.gz"]


def test_a_quarantined_project_offers_nothing_and_forgets_nothing() -> None:
    """PEP 792: no file is listed; the records stay, for upload times must not move."""
    file = ProjectFile(
        filename="foo-1.0.tar.gz",
        version=Version("1.0"),
        etag=ETag("e"),
        size=1,
        sha256=Sha256("0" * 64),
        upload_time=datetime(2026, 1, 1, tzinfo=UTC),
    )
    status = ProjectStatus(Status.QUARANTINED, "malware?", ETag("s"))
    page = ProjectPage.of(FOO, [file], (), status)
    said = json.loads(project_json(page))
    assert (said["files"], said["versions"]) == ([], [])
    assert said["project-status"] == {"status": "quarantined", "reason": "malware?"}
    assert Page(project_html(page)).anchors == []
    assert parse_page(project_json(page), FOO) == page


@given(st.text(max_size=2000))
def test_reasons_are_one_printable_line(text: str) -> None:
    """Whatever somebody wrote, a page stays valid and small."""
    line = one_line(text)
    assert line.isprintable()
    assert len(line) <= 512
    assert one_line(line.strip()) == line.strip()
