"""Pages as bytes: HTML and JSON are equivalent, reproducible, and can be parsed."""

import gzip
import json
import re
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from packaging.utils import canonicalize_name
from packaging.version import Version

from lambda_indexer.model import (
    ETag,
    ProjectFile,
    ProjectPage,
    ProjectStatus,
    RefusedFile,
    RootPage,
    Sha256,
    Sidecar,
    UnreadFile,
    Yank,
)
from lambda_indexer.pages.environment import CONTENT_SECURITY_POLICY
from lambda_indexer.pages.formats import file_url, human_size, timestamp
from lambda_indexer.pages.parsing import parse_page
from lambda_indexer.pages.releases import MOST_DIGESTS
from lambda_indexer.pages.rendering import project_html, project_json, root_html, root_json, sealed
from lambda_indexer.pages.site import Site
from s3pypi.distributions.filenames import version_in
from s3pypi.markers import Status, one_line

FOO = canonicalize_name("foo")
SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "data/simple-detail.schema.json").read_text())
)

digests = st.binary(min_size=32, max_size=32).map(lambda raw: Sha256(raw.hex()))
etags = st.text(st.characters(codec="ascii", exclude_characters='"'), min_size=1).map(ETag)
times = st.datetimes(min_value=datetime(2006, 3, 14), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
lines = st.text().map(one_line)
versions = st.sampled_from(["1.0", "1!2.0+cu1.1", "2.0rc1", "1.0.0"])


@st.composite
def files(draw: st.DrawFn) -> ProjectFile:
    """Return a strategy for files."""
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
    RefusedFile, st.text(min_size=1), etags, st.integers(0, 1 << 40), lines, st.booleans()
)
statuses = st.builds(ProjectStatus, st.sampled_from(Status), lines, etags)
pages = st.builds(
    ProjectPage.of,
    st.just(FOO),
    st.lists(files(), max_size=5, unique_by=lambda file: file.filename),
    st.lists(quarantined, max_size=3, unique_by=lambda file: file.filename),
    st.none() | statuses,
    unread=st.lists(
        st.builds(UnreadFile, st.sampled_from(["foo-9.0.zip", "foo-8.0.tar.gz"]), digests, times),
        max_size=2,
        unique_by=lambda file: file.filename,
    ),
    unshown=st.lists(
        st.binary(min_size=9, max_size=9).map(lambda raw: urlsafe_b64encode(raw).decode()),
        max_size=3,
    ),
)


class Page(HTMLParser):
    """The anchors and meta tags of a page, as parsed by installers."""

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
    """Files have the same order and attributes in both forms.

    Only very large pages have the digests of the metadata in JSON alone.
    """
    said = json.loads(project_json(page))
    listed = said["files"]
    html = Page(project_html(page))
    anchors = html.anchors
    status = said.get("project-status", {})
    assert html.meta.get("pypi:project-status") == status.get("status")
    assert html.meta.get("pypi:project-status-reason") == status.get("reason")
    assert len(anchors) == len(listed)
    for file, (attributes, text) in zip(listed, anchors, strict=True):
        core = f"sha256={file['core-metadata']['sha256']}" if "core-metadata" in file else None
        expected = {
            "href": f"{file['url']}#sha256={file['hashes']['sha256']}",
            "data-size": str(file["size"]),
            "data-upload-time": file["upload-time"],
            "data-requires-python": file.get("requires-python"),
            "data-core-metadata": core,
            "data-dist-info-metadata": core,
            "data-yanked": "" if file.get("yanked") is True else file.get("yanked"),
        }
        assert text == file["filename"]
        assert attributes == {key: value for key, value in expected.items() if value is not None}


@settings(deadline=None)
@given(pages)
def test_json_pages_fit_the_schema_and_are_read_back(page: ProjectPage) -> None:
    """The next run parses the records that were written."""
    body = project_json(page)
    SCHEMA.validate(json.loads(body))
    assert parse_page(body, FOO) == page


def test_root_pages() -> None:
    """Names are sorted and unique, and links are relative and end in a slash."""
    page = RootPage.of(["b", "a-a", "b"])  # type: ignore[list-item]
    assert json.loads(root_json(page)) == {
        "meta": {"api-version": "1.4"},
        "projects": [{"name": "a-a"}, {"name": "b"}],
    }
    assert Page(root_html(page)).anchors == [({"href": "a-a/"}, "a-a"), ({"href": "b/"}, "b")]
    assert parse_page(root_json(page)) == page
    described = RootPage.of(page.projects, {page.projects[1]: "What <b> is"})
    assert parse_page(root_json(described)) == described
    assert Page(root_html(described)).anchors == Page(root_html(page)).anchors
    assert "b What <b> is The summaries are brought up to date once a day." in text_of(
        root_html(described)
    )
    html5lib.HTMLParser(strict=True).parse(root_html(described).decode())


def test_pages_name_their_index() -> None:
    """Titles contain the index; root pages link the indexes below."""
    site = Site("pypi.example.com", frozenset({"team/", "team/stable/", "other/"}))
    for path, name in (("", "pypi.example.com"), ("team/", "pypi.example.com/team")):
        project = project_html(ProjectPage(FOO), site=site, path=path).decode()
        assert f"<title>foo · {name}</title>" in project
        assert f"<title>{name}</title>" in root_html(RootPage(), site=site, path=path).decode()
    assert "<title>team</title>" in root_html(RootPage(), path="team/").decode()
    assert "<title>Python packages</title>" in root_html(RootPage()).decode()
    for path, below in (("", ["other/", "team/", "team/stable/"]), ("team/", ["stable/"])):
        html = root_html(RootPage.of([FOO]), site=site, path=path).decode()
        tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
        assert [form.attrib["action"] for form in tree.iter("form")] == below
        assert html.count("<a ") == 1


def test_html_is_escaped() -> None:
    """All data of files is escaped."""
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
        [RefusedFile(evil, ETag(evil), 1, evil)],
    )
    html = project_html(page)
    assert html.count(b"<script") == html.count(b"</script") == 1  # the page's own
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
    """Some clients do not support other formats."""
    assert timestamp(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05Z"
    assert timestamp(datetime(2026, 1, 2, 3, 4, 5, 6000, UTC)) == "2026-01-02T03:04:05.006000Z"


def test_urls_encode_all_but_the_unreserved() -> None:
    """`+` is encoded, because S3 decodes it as a space."""
    assert file_url("a-1!2.0+x y.z_~%") == "a-1%212.0%2Bx%20y.z_~%25"


def test_a_record_of_another_version_is_no_record() -> None:
    """A record of another version is ignored, and its file is read again."""
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
        "hashes": None,
        "upload-time": "2026-01-01T00:00:00",
        "core-metadata": False,
        "yanked": True,
    }.items():
        spoiled = {**whole, "files": [{**whole["files"][0], key: wrong}, whole["files"][1]]}
        read = parse_page(sealed(spoiled), FOO)
        assert isinstance(read, ProjectPage)
        assert [file.filename for file in read.records] == ["foo-1.0.tar.gz"]


def test_a_quarantined_project_offers_nothing_and_forgets_nothing() -> None:
    """No file is listed (PEP 792), but their records stay on the page."""
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
    """Any reason results in a valid and small page."""
    line = one_line(text)
    assert line.isprintable()
    assert len(line) <= 512
    assert one_line(line.strip()) == line.strip()


def listed(number: int = 1, **facts: Any) -> ProjectFile:
    """Return a wheel of foo with some attributes."""
    filename = f"foo-{number}.0-py3-none-any.whl"
    plain: dict[str, Any] = {
        "filename": filename,
        "version": Version(f"{number}.0"),
        "etag": ETag("e"),
        "size": 1_234_567,
        "sha256": Sha256("0" * 64),
        "upload_time": datetime(2026, 1, 1, 12, tzinfo=UTC),
        "requires_python": ">=3.9,<4",
        "sidecar": Sidecar(Sha256("1" * 64), ETag("s")),
    }
    return ProjectFile(**(plain | facts))


def text_of(html: bytes) -> str:
    """Return the text of a page with normalised white space."""
    tree = html5lib.parse(html.decode(), namespaceHTMLElements=False)
    (body,) = tree.iter("body")
    return " ".join(" ".join(body.itertext()).split())


@settings(deadline=None, max_examples=30)
@given(pages)
def test_project_pages_are_valid_html_and_the_same_every_time(page: ProjectPage) -> None:
    """A strict parser accepts any page."""
    html = project_html(page)
    html5lib.HTMLParser(strict=True).parse(html.decode())
    assert project_html(page) == html


def test_root_pages_are_valid_html() -> None:
    """A strict parser accepts root pages with and without names."""
    for page in (RootPage(), RootPage.of([FOO])):
        html5lib.HTMLParser(strict=True).parse(root_html(page).decode())


@pytest.mark.parametrize("html", [root_html(RootPage()), project_html(ProjectPage(FOO))])
def test_the_policy_names_what_is_inline_and_nothing_else(html: bytes) -> None:
    """The policy has the digests of the inline style and script."""
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (inline,) = re.findall(rf"<{tag}>(.*?)</{tag}>".encode(), html, re.DOTALL)
        digest = b64encode(sha256(inline).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in CONTENT_SECURITY_POLICY
        assert b"<!--" not in inline
    (meta,) = re.findall(rb'<meta http-equiv="Content-Security-Policy" content="(.*?)">', html)
    said = meta.decode().replace("&#39;", "'")
    assert (
        f"{said}; frame-ancestors 'none'" == CONTENT_SECURITY_POLICY
    )  # a meta tag must not say it
    assert said.startswith("default-src 'none'; ")
    assert "unsafe" not in said


@settings(deadline=None, max_examples=30)
@given(pages)
def test_pages_need_nothing_that_a_strict_policy_forbids(page: ProjectPage) -> None:
    """There are no inline attributes, external resources or base element."""
    tree = html5lib.parse(project_html(page).decode(), namespaceHTMLElements=False)
    for element in tree.iter():
        assert element.tag not in {"base", "img", "iframe", "object", "embed"}
        names = [str(name) for name in element.attrib]
        assert not [name for name in names if name == "style" or name.startswith("on")]
        assert "src" not in names
    assert [link.attrib["href"] for link in tree.iter("link")] == ["data:,"]


def digested(version: int, number: int = 0) -> ProjectFile:
    """Return a wheel with random digests and times, which do not compress."""
    digest = sha256(f"{version} {number}".encode()).hexdigest()
    return listed(
        version,
        filename=f"foo-{version}.0-cp3{number}-cp3{number}-manylinux_2_17_x86_64.whl",
        size=int(digest[:5], 16),
        sha256=Sha256(digest),
        upload_time=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=int(digest[:6], 16)),
        sidecar=Sidecar(Sha256(digest[::-1]), ETag("s")),
    )


def test_a_row_of_a_large_page_is_small() -> None:
    """A page of ten thousand files is a few megabytes, most of it digests."""
    small, large = (
        project_html(ProjectPage.of(FOO, [digested(n // 10, n % 10) for n in range(count)]))
        for count in (20, 1020)
    )
    assert (len(large) - len(small)) / 1000 < 600


@pytest.mark.parametrize("versions", [10, 100, 1000])
def test_a_page_of_a_thousand_files_is_light(versions: int) -> None:
    """A page of a thousand files has less than 100 kB compressed, for any versions."""
    files = [digested(n % versions, n // versions) for n in range(1000)]
    assert len(gzip.compress(project_html(ProjectPage.of(FOO, files)), 6)) < 100_000


@pytest.mark.parametrize(("count", "named"), [(MOST_DIGESTS, True), (MOST_DIGESTS + 1, False)])
def test_large_pages_leave_the_digests_of_metadata_to_json(count: int, *, named: bool) -> None:
    """Large HTML pages omit the digests of metadata, as allowed by PEP 658."""
    page = ProjectPage.of(FOO, [digested(n) for n in range(count)])
    for attributes, _ in Page(project_html(page)).anchors:
        core = attributes["data-core-metadata"]
        assert core == attributes["data-dist-info-metadata"]
        assert (core != "true") == named
    assert project_json(page).count(b'"core-metadata":{"sha256":') == count


@pytest.mark.parametrize(("files", "most"), [(1, 120), (1000, 13_200)])
def test_a_page_has_few_elements(files: int, most: int) -> None:
    """HTML pages have at most thirteen elements per file."""
    page = ProjectPage.of(FOO, [digested(n // 10, n % 10) for n in range(files)])
    tree = html5lib.parse(project_html(page).decode(), namespaceHTMLElements=False)
    assert len(list(tree.iter())) <= most


def test_a_root_page_has_three_elements_for_each_project() -> None:
    """HTML root pages have three elements per project, including the summary."""
    names = [canonicalize_name(f"project-{n}") for n in range(1000)]
    html = root_html(RootPage.of(names, dict.fromkeys(names, "What it is"))).decode()
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    assert len(list(tree.iter())) <= 3 * 1000 + 40
    assert len(gzip.compress(html.encode(), 6)) < 20_000


def test_the_newest_version_is_open_and_the_others_are_one_line() -> None:
    """The newest final release that is not yanked is expanded."""
    yank = Yank("", ETag("y"))
    files = [listed(4, version=Version("4.0rc1")), listed(3, yank=yank), listed(2), listed(1)]
    html = project_html(ProjectPage.of(FOO, files)).decode()
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    found = {}
    for details in tree.iter("details"):
        (summary,) = details.iter("summary")
        found[" ".join("".join(summary.itertext()).split())] = "open" in details.attrib
    assert found == {
        "4.0rc1 pre-release 1 file 2026-01-01": False,
        "3.0 yanked 1 file 2026-01-01": False,
        "2.0 newest 1 file 2026-01-01": True,
        "1.0 1 file 2026-01-01": False,
    }


def test_each_version_has_its_command_and_each_file_its_digest() -> None:
    """Commands and digests are plain text that can be copied without scripts."""
    said = text_of(project_html(ProjectPage.of(FOO, [listed(1), digested(2)])))
    for version in ("1.0", "2.0"):
        assert f"pip install foo=={version} --index-url INDEX_URL" in said
    for file in (listed(1), digested(2)):
        assert file.sha256 in said


def test_what_is_not_offered_comes_before_the_commands() -> None:
    """Refused files are shown first."""
    refused = [RefusedFile("foo-2.0.zip", ETag("q"), 1, "no archive")]
    status = ProjectStatus(Status.DEPRECATED, "old", ETag("s"))
    said = text_of(project_html(ProjectPage.of(FOO, [listed()], refused, status)))
    texts = ["Deprecated.", "Refused 1 file", "no archive", "pip install foo", "1.0 newest"]
    places = [said.index(text) for text in texts]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (300_000_000, "300 MB"),
        (5_000_000_000, "5.0 GB"),
        (5_000_000_000_000, "5000 GB"),
    ],
)
def test_sizes_for_people(size: int, text: str) -> None:
    """Sizes have at most three digits and decimal units."""
    assert human_size(size) == text


def test_a_version_that_is_yanked_as_a_whole_says_so_once() -> None:
    """A common reason is shown once per version, and a single one with its file."""
    yank = Yank("it <b>broke</b>", ETag("y"))
    both = [listed(1, yank=yank), listed(1, filename="foo-1.0.tar.gz", sidecar=None, yank=yank)]
    said = text_of(project_html(ProjectPage.of(FOO, both)))
    assert said.count("Yanked : it <b>broke</b>") == 1
    assert said.index("Yanked") < said.index("foo-1.0-py3")
    said = text_of(project_html(ProjectPage.of(FOO, [both[0], listed(1, filename="foo-1.0.zip")])))
    assert "foo-1.0-py3-none-any.whl Yanked : it <b>broke</b> >=3.9,<4 1.2 MB 2026-01-01" in said
    assert "1.0 newest 1 yanked 2 files" in said
    without = [listed(yank=Yank("", ETag("y")))]
    assert "2026-01-01 Yanked pip install" in text_of(project_html(ProjectPage.of(FOO, without)))


def test_a_command_is_shown_when_it_would_find_something() -> None:
    """Yanked versions and quarantined projects have no command."""
    command = "pip install foo --index-url INDEX_URL"
    yanked = listed(2, yank=Yank("", ETag("y")))
    assert command in text_of(project_html(ProjectPage.of(FOO, [listed(), yanked])))
    assert command not in text_of(project_html(ProjectPage.of(FOO, [yanked])))
    assert command not in text_of(project_html(ProjectPage.of(FOO, [])))
    status = ProjectStatus(Status.QUARANTINED, "", ETag("s"))
    assert command not in text_of(project_html(ProjectPage.of(FOO, [listed()], (), status)))


@pytest.mark.parametrize("status", Status)
def test_a_status_is_told_with_its_reason(status: Status) -> None:
    """A status and its reason are shown, except for active projects."""
    page = ProjectPage.of(FOO, [listed()], (), ProjectStatus(status, "<why>", ETag("s")))
    said = text_of(project_html(page))
    assert (f"{status.capitalize()}." in said) == (status is not Status.ACTIVE)
    assert ("Reason: <why>" in said) == (status is not Status.ACTIVE)


def test_versions_are_told_newest_first_and_numbers_are_readable() -> None:
    """Pre-releases are marked."""
    files = [listed(1), listed(2), listed(3, version=Version("3.0rc1"))]
    said = text_of(project_html(ProjectPage.of(FOO, files)))
    assert said.index(" 3.0rc1 pre-") < said.index(" 2.0 newest") < said.index(" 1.0 1 file")
    assert "3 files" in said
    names = [canonicalize_name(f"foo-{n}") for n in range(1234)]
    assert "1,234 projects" in text_of(root_html(RootPage.of(names)))
    assert "1 project " in text_of(root_html(RootPage.of(names[:1])))


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("filename", "foo-0.9-py2.7.egg"),
        ("filename", "foo-0.9.exe"),
        ("filename", None),
        ("size", 10**400),
        ("size", -1),
        ("size", True),
        ("hashes", {"sha256": "zz"}),
        ("hashes", {"sha256": "0" * 63 + "\n"}),
        ("hashes", {"sha256": "0" * 63}),
        ("hashes", {"sha256": "0" * 65}),
        ("hashes", {"sha256": "g" * 64}),
        ("hashes", {"sha256": "0" * 31 + "\u0660" + "0" * 32}),
        ("hashes", {"sha256": "A" * 64}),
        ("hashes", {"sha256": ["0"] * 64}),
        ("upload-time", "2026-01-01T00:00:00"),
        ("upload-time", "0001-01-01T00:00:00+14:00"),
        ("requires-python", "what?"),
        ("_etag", "\ud800"),
    ],
)
def test_hostile_records_are_no_records(key: str, wrong: object) -> None:
    """Without a valid seal, only upload times and digests of unchanged files are used."""
    record = {
        "filename": "foo-1.0.tar.gz",
        "url": "foo-1.0.tar.gz",
        "hashes": {"sha256": "0" * 64},
        "size": 1,
        "upload-time": "2026-01-01T00:00:00Z",
        "_etag": "e",
    }
    good = parse_page(sealed({"name": "foo", "files": [record]}), FOO)
    assert isinstance(good, ProjectPage)
    assert len(good.records) == 1
    body = json.dumps({"name": "foo", "files": [{**record, key: wrong}]}).encode()
    page = parse_page(body, FOO)
    assert isinstance(page, ProjectPage)
    assert page.records == ()
    believed = key not in {"filename", "hashes", "upload-time"}
    assert len(page.unread) == believed
    assert project_html(page)
    assert parse_page(project_json(page), FOO) == page


def test_a_page_that_was_copied_from_another_project_is_no_record() -> None:
    """The records of another project's page are ignored."""
    body = project_json(ProjectPage.of(FOO, [listed()]))
    assert parse_page(body, FOO) is not None
    assert parse_page(body, canonicalize_name("bar")) is None


def test_a_file_that_is_recorded_twice_is_not_recorded() -> None:
    """Duplicate records are ignored."""
    file = json.loads(
        project_json(
            ProjectPage.of(
                FOO,
                [
                    ProjectFile(
                        "foo-1.0.tar.gz",
                        Version("1.0"),
                        ETag("e"),
                        1,
                        Sha256("0" * 64),
                        datetime(2026, 1, 1, tzinfo=UTC),
                    )
                ],
            )
        )
    )["files"][0]
    body = json.dumps({"name": "foo", "files": [file, {**file, "size": 2}]}).encode()
    page = parse_page(body, FOO)
    assert isinstance(page, ProjectPage)
    assert page.records == ()
    assert page.unread == ()


def test_commands_of_an_index_with_an_upstream() -> None:
    """With an upstream, one URL suffices; otherwise, the page has pip's other options."""
    page = ProjectPage.of(FOO, [listed()])
    alone, together = text_of(project_html(page)), text_of(project_html(page, one_url=True))

    assert "uv add foo --index INDEX_URL" in alone
    assert "pip uses only this index" in alone
    assert "uv add foo --default-index INDEX_URL" in together
    assert "the only one that you need" in together
    for said in (alone, together):
        assert "pip install foo --index-url INDEX_URL" in said
        assert "extra" not in said
