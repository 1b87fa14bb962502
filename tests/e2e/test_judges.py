"""Independent readers of the index agree with the uploaded files and with each other.

Each judge reads a page in its own way and gives the facts that it knows about each file; all facts
must be those of the file that was put into the bucket. The judges are tools that installers and
mirrors are made of: pip's own parser, pypi-simple, mousebender, packaging and an HTML5 parser.
"""

import hashlib
import json
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urldefrag, urljoin
from xml.etree.ElementTree import Element

import html5lib
import jsonschema
import pytest
from mousebender import simple as mousebender
from packaging.metadata import Metadata
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version
from pip._internal.index.collector import IndexContent, parse_links
from pypi_simple import (
    ACCEPT_HTML_ONLY,
    ACCEPT_JSON_ONLY,
    DistributionPackage,
    ProjectPage,
    PyPISimple,
)

from tests.e2e.conftest import HTML, JSON, Index
from tests.e2e.samples import NAMES, PROJECTS, STATUSES, Sample, objects, offered

Form = Literal["json", "html"]
Facts = dict[str, dict[str, Any]]

FORMS: tuple[Form, ...] = ("json", "html")
SCHEMA = json.loads((Path(__file__).parents[1] / "data/simple-detail.schema.json").read_text())
ROOT_SCHEMA = {
    "type": "object",
    "required": ["meta", "projects"],
    "properties": {
        "meta": {"properties": {"api-version": {"const": "1.4"}}, "additionalProperties": False},
        "projects": {
            "items": {
                "required": ["name"],
                "properties": {"name": SCHEMA["properties"]["name"]},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
BOTH = pytest.mark.parametrize("form", FORMS)
EACH = pytest.mark.parametrize("project", NAMES)


@pytest.fixture(scope="module", name="index")
def filled_index(module_index: Index) -> Index:
    """All the sample projects, with every file indexed."""
    for key, body in objects().items():
        module_index.put_object(key, body)
    module_index.until(module_index.projects, sorted(NAMES))
    for project, samples in PROJECTS.items():

        def known(project: str = project) -> set[str]:
            page = module_index.page(project)
            files = [*page.get("files", []), *page.get("_quarantined", [])]
            return {file["filename"] for file in files}

        if offered(project):
            module_index.until(known, {one.filename for one in samples})
    assert module_index.stack.resources.wait_until_idle(60)
    return module_index


def text_of(index: Index, form: Form, project: str = "") -> str:
    """A page as it is served; of the root without a project."""
    path = f"{project}/" if project else ""
    body = index.get(path, JSON if form == "json" else HTML)
    assert body is not None, f"{path} is not there"
    return body.decode()


def served(url: str) -> bytes:
    """The bytes at an address that a page states, without its fragment."""
    with urllib.request.urlopen(urldefrag(url).url) as answer:  # noqa: S310
        body: bytes = answer.read()
        return body


def expected(index: Index, project: str, sample: Sample) -> dict[str, Any]:
    """All that a page can say of a file, as it follows from the file."""
    quoted = sample.filename.replace("+", "%2B").replace("!", "%21")
    return {
        "url": f"{index.url}{project}/{quoted}",
        "sha256": sample.sha256,
        "size": len(sample.distribution.content),
        "version": sample.version,
        "requires-python": sample.requires_python,
        "yanked": sample.yanked,
        "core-metadata": sample.metadata_sha256,
        "has-metadata": sample.metadata_sha256 is not None,
    }


def said_of_metadata(*, has: bool, sha256: str | None) -> dict[str, Any]:
    """Both forms say whether there are metadata, and their digest (PEP 658, PEP 714)."""
    return {"has-metadata": has, "core-metadata": sha256}


def schema(index: Index, form: Form, project: str) -> Facts:
    """The JSON schema, and the page's own words; on HTML the words of its elements."""
    if form == "html":
        return html5(index, form, project)
    page = json.loads(text_of(index, form, project))
    jsonschema.validate(page, SCHEMA)
    return {
        file["filename"]: {
            "url": urljoin(f"{index.url}{project}/", file["url"]),
            "sha256": file["hashes"]["sha256"],
            "size": file["size"],
            "requires-python": file.get("requires-python"),
            "yanked": yank(file.get("yanked", False)),
            "core-metadata": file.get("core-metadata", {}).get("sha256"),
            "has-metadata": "core-metadata" in file,
        }
        for file in page["files"]
    }


def pip(index: Index, form: Form, project: str) -> Facts:
    """The parser of pip itself."""
    url = f"{index.url}{project}/"
    kind = JSON if form == "json" else f"{HTML}; charset=utf-8"
    content = IndexContent(
        text_of(index, form, project).encode(), kind, "utf-8", url, cache_link_parsing=False
    )
    facts: Facts = {}
    for link in parse_links(content):
        assert link.has_hash
        assert (link.upload_time is not None) is (form == "json")
        metadata = link.metadata_link()
        if metadata is not None:
            assert metadata.url_without_fragment == f"{link.url_without_fragment}.metadata"
        facts[link.filename] = {
            "url": replaced(link.url_without_fragment),
            "sha256": link.hash,
            "requires-python": link.requires_python,
            "yanked": link.yanked_reason,
            **said_of_metadata(
                has=metadata is not None, sha256=metadata.hash if metadata else None
            ),
        }
    return facts


def pypi_simple(index: Index, form: Form, project: str) -> Facts:
    """pypi-simple's client, over HTTP."""
    facts: Facts = {}
    for package in simple_page(index, form, project).packages:
        assert package.project is not None
        assert canonicalize_name(package.project) == project
        facts[package.filename] = {
            "url": package.url,
            "sha256": package.digests["sha256"],
            "requires-python": package.requires_python,
            "yanked": (package.yanked_reason or "") if package.is_yanked else None,
            **said_of_metadata(
                has=bool(package.has_metadata),
                sha256=(package.metadata_digests or {}).get("sha256"),
            ),
        }
        if form == "json":
            facts[package.filename]["size"] = package.size
    return facts


def mousebender_details(index: Index, form: Form, project: str) -> Facts:
    """The parser of mousebender, which supports HTML up to 1.1 and warns about later versions."""
    text = text_of(index, form, project)
    if form == "json":
        page = mousebender.parse_project_details(text, JSON, project)
    else:
        with pytest.warns(mousebender.APIVersionWarning, match=r"1\.4"):
            page = mousebender.parse_project_details(text, HTML, project)
    assert page["name"] == project
    facts: Facts = {}
    for file in page["files"]:
        metadata = file.get("core-metadata", False)
        digest = metadata.get("sha256") if isinstance(metadata, dict) else None
        facts[file["filename"]] = {
            "url": urljoin(f"{index.url}{project}/", file["url"]),
            "sha256": file["hashes"]["sha256"],
            "requires-python": file.get("requires-python"),
            "yanked": yank(file.get("yanked", False)),
            **said_of_metadata(has=bool(metadata), sha256=digest),
        }
    return facts


def packaging(index: Index, form: Form, project: str) -> Facts:
    """Every name, version and specifier on the page is valid for packaging."""
    page = json.loads(text_of(index, "json", project))
    versions = [Version(version) for version in page["versions"]]
    assert [str(version) for version in versions] == page["versions"]
    facts: Facts = {}
    for filename, words in schema(index, form, project).items():
        sample = offered(project)[filename]
        SpecifierSet(words["requires-python"] or "")
        if filename.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(filename, validate_order=True)
            body = served(f"{words['url']}.metadata")
            sidecar = Metadata.from_email(body)
            assert canonicalize_name(sidecar.name) == name == project
            assert sidecar.version == version
        elif filename.endswith((".tar.gz", ".zip")) and filename.count("-") == 1:
            name, version = parse_sdist_filename(filename)
            assert name == project
        else:
            version = Version(sample.version or "")
        assert version in versions
        facts[filename] = {"version": str(version)}
    if facts:
        assert set(page["versions"]) == {one["version"] for one in facts.values()}
    return facts


def html5(index: Index, form: Form, project: str) -> Facts:
    """An HTML5 parser that forgives nothing, and the rules of PEP 503 for the elements."""
    assert form == "html"
    facts: Facts = {}
    for anchor in anchors(index, project):
        href = anchor.attrib["href"]
        url, fragment = urldefrag(urljoin(f"{index.url}{project}/", href))
        assert anchor.text == unquote(url.rpartition("/")[2])
        assert len(anchor) == 0, "markup inside of the link's text"
        core = anchor.get("data-core-metadata")
        assert core == anchor.get("data-dist-info-metadata")
        filename = str(anchor.text)
        assert filename not in facts
        facts[filename] = {
            "url": url,
            "sha256": fragment.removeprefix("sha256="),
            "requires-python": anchor.get("data-requires-python"),
            "yanked": anchor.get("data-yanked"),
            "has-metadata": core is not None,
            "core-metadata": core and core.removeprefix("sha256="),
        }
    return facts


JUDGES: dict[str, tuple[Callable[[Index, Form, str], Facts], tuple[Form, ...]]] = {
    "schema": (schema, ("json",)),
    "html5lib": (html5, ("html",)),
    "pip": (pip, FORMS),
    "pypi-simple": (pypi_simple, FORMS),
    "mousebender": (mousebender_details, FORMS),
    "packaging": (packaging, FORMS),
}


def yank(value: bool | str) -> str | None:
    """The two ways of PEP 691 to say that a file is yanked, as one."""
    if isinstance(value, str):
        return value
    return "" if value else None


def replaced(url: str) -> str:
    """Return a URL as pip normalizes it: pip quotes again, but leaves `!`."""
    return url.replace("!", "%21")


def simple_page(index: Index, form: Form, project: str) -> ProjectPage:
    """A project's page through pypi-simple, which negotiates for itself."""
    accept = ACCEPT_JSON_ONLY if form == "json" else ACCEPT_HTML_ONLY
    with PyPISimple(index.url, accept=accept) as client:
        return client.get_project_page(project)


def document(index: Index, project: str = "") -> Element:
    """A page's elements, by a parser that raises for the smallest error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(text_of(index, "html", project))
    assert isinstance(tree, Element)
    return tree


def anchors(index: Index, project: str = "") -> list[Element]:
    """The `<a>` elements of a page."""
    return list(document(index, project).iter("a"))


def metas(index: Index, project: str = "") -> dict[str, str]:
    """The `pypi:` meta elements of a page."""
    return {
        meta.attrib["name"]: meta.attrib["content"]
        for meta in document(index, project).iter("meta")
        if meta.get("name", "").startswith("pypi:")
    }


@pytest.mark.parametrize(
    ("judge", "form"), [(judge, form) for judge, (_, forms) in JUDGES.items() for form in forms]
)
@EACH
def test_a_judge_reads_the_facts(index: Index, project: str, judge: str, form: Form) -> None:
    """Each file is listed, nothing else is, and all that is said of it is true."""
    seen = JUDGES[judge][0](index, form, project)
    true = {name: expected(index, project, one) for name, one in offered(project).items()}
    assert seen.keys() == true.keys()
    assert seen == {name: {fact: true[name][fact] for fact in seen[name]} for name in true}


@EACH
def test_both_forms_say_the_same_to_the_same_client(index: Index, project: str) -> None:
    """pypi-simple gets equal lists, but for sizes and times, which only JSON has."""

    def comparable(package: DistributionPackage) -> DistributionPackage:
        reason = (package.yanked_reason or "") if package.is_yanked else None
        has = bool(package.has_metadata)
        return replace(
            package,
            size=None,
            upload_time=None,
            yanked_reason=reason,
            has_metadata=has,
        )

    pages = [simple_page(index, form, project) for form in FORMS]
    lists = [[comparable(package) for package in page.packages] for page in pages]
    assert lists[0] == lists[1]
    assert {page.repository_version for page in pages} == {"1.4"}
    assert pages[0].status == pages[1].status
    assert (pages[0].status_reason or "") == (pages[1].status_reason or "")


@BOTH
@EACH
def test_every_url_is_fetched_as_stated(index: Index, project: str, form: Form) -> None:
    """Bytes of the stated digest and size, and a sidecar of the stated digest beside them."""
    for filename, words in schema(index, form, project).items():
        body = served(words["url"])
        assert hashlib.sha256(body).hexdigest() == words["sha256"]
        assert len(body) == words.get("size", len(body))
        if filename.endswith(".whl"):
            sidecar = served(f"{words['url']}.metadata")
            if form == "json":
                assert hashlib.sha256(sidecar).hexdigest() == words["core-metadata"]
            assert sidecar == offered(project)[filename].distribution.metadata


@EACH
def test_upload_times_are_those_of_the_bucket(index: Index, project: str) -> None:
    """`upload-time` is S3's time of the upload (PEP 700)."""
    for file in json.loads(text_of(index, "json", project))["files"]:
        stated = datetime.fromisoformat(file["upload-time"])
        head = index.stack.clients.s3.head_object(
            Bucket=index.stack.resources.bucket,
            Key=f"{index.prefix}/{project}/{file['filename']}",
        )
        assert abs(stated - head["LastModified"]) < timedelta(seconds=1)


@EACH
def test_the_status_is_told_in_both_forms(index: Index, project: str) -> None:
    """PEP 792: a key of the JSON page, meta elements of the HTML page; never without a marker."""
    wanted = STATUSES.get(project, {})
    told = json.loads(text_of(index, "json", project)).get("project-status", {})
    head = metas(index, project)
    assert head.pop("pypi:repository-version") == "1.4"
    if wanted.get("status") == "active":  # which is what silence means as well
        assert told.get("status", "active") == "active"
        assert head.get("pypi:project-status", "active") == "active"
        return
    assert told == wanted
    assert head == {
        f"pypi:project-{'status-reason' if key == 'reason' else 'status'}": value
        for key, value in wanted.items()
    }
    simple = simple_page(index, "json", project)
    assert (simple.status.value if simple.status else None) == wanted.get("status")
    assert simple.status_reason == wanted.get("reason")


def test_what_cannot_be_offered_has_its_reason_on_the_page(index: Index) -> None:
    """A wheel without METADATA and one of another project have a reason in a private key."""
    for project, reason in (("no-metadata", ".dist-info"), ("mismatch", "other")):
        [bad] = json.loads(text_of(index, "json", project))["_quarantined"]
        [sample] = [one for one in PROJECTS[project] if one.version is None]
        assert bad["filename"] == sample.filename
        assert reason in bad["reason"]


def test_the_root_page_lists_all_projects(index: Index) -> None:
    """Every judge reads the same names from both forms, quarantined projects included."""
    names = sorted(NAMES)
    page = json.loads(text_of(index, "json"))
    jsonschema.validate(page, ROOT_SCHEMA)
    assert [project["name"] for project in page["projects"]] == names
    links = anchors(index)
    assert [link.text for link in links] == names
    assert [link.get("href") for link in links] == [f"{name}/" for name in names]
    assert metas(index) == {"pypi:repository-version": "1.4"}
    for accept in (ACCEPT_JSON_ONLY, ACCEPT_HTML_ONLY):
        with PyPISimple(index.url, accept=accept) as client:
            assert client.get_index_page().projects == names
            assert list(client.stream_project_names()) == names
    parsed = mousebender.parse_project_index(text_of(index, "json"), JSON)
    assert [project["name"] for project in parsed["projects"]] == names
    with pytest.warns(mousebender.APIVersionWarning, match=r"1\.4"):
        parsed = mousebender.parse_project_index(text_of(index, "html"), HTML)
    assert [project["name"] for project in parsed["projects"]] == names


def test_regenerated_pages_are_the_same_bytes(index: Index) -> None:
    """Every file is put again: no page changes in anything that a reader sees.

    The JSON page's own record, under a private key, says when each file was put last.
    """
    before = pages(index)
    runs = regenerations(index)
    for project, samples in PROJECTS.items():
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda one: index.put(f"{project}/", one.distribution), samples))  # noqa: B023

    def regenerated() -> set[str]:
        return {name for name in NAMES if regenerations(index)[name] > runs[name]}

    index.until(regenerated, set(NAMES))
    assert index.stack.resources.wait_until_idle(60)
    assert pages(index) == before


def pages(index: Index) -> dict[str, tuple[str, str]]:
    """Of every project and the root: the JSON page without its private keys, and the HTML page."""
    return {
        project: (
            json.dumps(public(json.loads(text_of(index, "json", project)))),
            text_of(index, "html", project),
        )
        for project in ("", *NAMES)
    }


def public(value: Any) -> Any:
    """Return a page without the server's own keys, which start with an underscore (PEP 691)."""
    if isinstance(value, dict):
        return {key: public(each) for key, each in value.items() if not key.startswith("_")}
    return [public(each) for each in value] if isinstance(value, list) else value


def regenerations(index: Index) -> dict[str, int]:
    """Return the number of regenerations of each project, from the function's log."""
    runs = dict.fromkeys(NAMES, 0)
    for line in index.stack.resources.function_log():
        if '"message":"regenerated"' in line.replace(": ", ":"):
            bucket, prefix, project = json.loads(line)["project"].split("/")
            if (bucket, prefix) == (index.stack.resources.bucket, index.prefix):
                runs[project] += 1
    return runs


def test_a_sidecar_that_was_deleted_comes_back(index: Index) -> None:
    """Its removal is an event as well, by which the page's word is kept."""
    [sample] = PROJECTS["local-version"]
    path = f"local-version/{sample.filename}.metadata"
    address = path.replace("+", "%2B")
    index.remove(path)
    index.until(lambda: index.get(address), sample.distribution.metadata)
