"""Descriptions of packages on their pages, which must not look like files to installers."""

import gzip
import json
import zlib
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name
from packaging.version import Version
from pip._internal.index.collector import IndexContent, parse_links
from unearth.collector import IndexPage, parse_html_page
from unearth.link import Link

from lambda_indexer.model import About, ETag, ProjectFile, ProjectPage, Sha256
from lambda_indexer.pages.description import MAX_HTML, render_description
from lambda_indexer.pages.parsing import parse_page
from lambda_indexer.pages.rendering import project_html, project_json, sealed
from lambda_indexer.pages.requirements import by_extra
from s3pypi.distributions.facts import MAX_DESCRIPTION, Facts, read_facts

FOO = canonicalize_name("foo")
URL = "https://files.example/foo-9.9-py3-none-any.whl"
FILE = ProjectFile(
    filename="foo-1.0.tar.gz",
    version=Version("1.0"),
    etag=ETag("e"),
    size=1,
    sha256=Sha256("0" * 64),
    upload_time=datetime(2026, 1, 1, tzinfo=UTC),
    requires_python=">=3.10",
)
HOSTILE = [
    f"[click]({URL})",
    f"<{URL}>",
    URL,
    f'<a href="{URL}">foo-9.9-py3-none-any.whl</a>',
    f"![foo]({URL})",
    f"[a]\n\n[a]: {URL} 'title'",
    f"[![foo]({URL})]({URL})",
    f'```"><a href="{URL}">\n</pre></div><a href="{URL}">x</a>\n```',
    f"[x](<{URL}#sha256={'0' * 64}>)",
    f'[x]({URL} "onclick=alert(1)")',
    f"|[x]({URL})|\n|:-:|\n|[y]({URL})|",
    f"[x](javascript:alert(1)) [y](//files.example/foo-9.9.zip) [z](../foo-9.9.zip) <b>{URL}</b>",
    f'</span><base href="https://files.example/"><a href={URL}>',
    f"<!-- --><a href='{URL}'>x</a>",
]


def page_of(facts: Facts) -> ProjectPage:
    """Return a project of one file with metadata."""
    page = ProjectPage.of(FOO, [FILE])
    return replace(page, about=About(FILE.filename, FILE.sha256, facts))


def everywhere(text: str) -> Facts:
    """Return metadata with the same text in all fields."""
    metadata = (
        "Metadata-Version: 2.4\nName: foo\nVersion: 1.0\nDescription-Content-Type: text/markdown\n"
        + "".join(
            f"{field}: {' '.join(text.split())}\n"
            for field in ("Summary", "License", "Author", "Keywords", "Requires-Dist", "Home-page")
        )
        + f"Project-URL: {' '.join(text.split())}, {URL}\nClassifier: Topic :: {URL}\n"
        + f"\n{text}\n"
    )
    return read_facts(metadata.encode())


def files_of_pip(html: bytes) -> list[str]:
    """Return the files that pip finds on a page."""
    content = IndexContent(
        html,
        "text/html; charset=utf-8",
        "utf-8",
        "https://x.example/foo/",
        cache_link_parsing=False,
    )
    return [link.url_without_fragment for link in parse_links(content)]


def files_of_unearth(html: bytes) -> list[str]:
    """Return the files that unearth, PDM's finder, finds on a page."""
    page = IndexPage(Link("https://x.example/foo/"), html, "utf-8", "text/html")
    return [link.url_without_fragment for link in parse_html_page(page)]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("markdown", [True, False])
def test_no_description_adds_a_file_to_the_index(text: str, *, markdown: bool) -> None:
    """Installers read every `<a>` of a page, so there is exactly one, for the file."""
    facts = replace(everywhere(text), markdown=markdown)
    html = project_html(page_of(facts))
    assert html.lower().count(b"<a ") == html.lower().count(b"</a>") == 1
    assert files_of_pip(html) == ["https://x.example/foo/foo-1.0.tar.gz"]
    assert files_of_unearth(html) == ["https://x.example/foo/foo-1.0.tar.gz"]
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html.decode())
    for element in tree.iter():
        assert element.tag not in {"base", "img", "iframe", "area", "object", "embed"}
        assert element.tag in {"a", "link"} or "href" not in element.attrib
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")]
    assert len(list(tree.iter("script"))) == 1


@settings(deadline=None, max_examples=200)
@given(st.text("[]()<>!`*_#|-:\"'= \n\\&ahref/.x", max_size=300))
def test_descriptions_are_valid_html_and_the_same_every_time(text: str) -> None:
    """Any description results in valid HTML."""
    page = page_of(Facts(description=text, markdown=True))
    html = project_html(page)
    html5lib.HTMLParser(strict=True).parse(html.decode())
    assert html.count(b"<a ") == 1
    assert project_html(page) == html


@settings(deadline=None)
@given(st.builds(Facts, *[st.text()] * 3, *[st.lists(st.text()).map(tuple)] * 2))
def test_facts_are_read_back_from_the_page(facts: Facts) -> None:
    """The next run reads the metadata from the page, without another request."""
    page = page_of(replace(facts, urls=(("Home", URL),), requires=("a",), description="d"))
    assert parse_page(project_json(page), FOO) == page


def test_markdown_is_rendered() -> None:
    """Headings below the page's, tables, code, and links, which a script creates from spans."""
    text = (
        f"# Foo\n\n*b* [l]({URL}) ![alt](x.png) `c` <b>\n\n|a|\n|-|\n|1|\n\n```python\nx < 1\n```\n"
    )
    html = render_description(Facts(description=text, markdown=True))
    assert "<h3>Foo</h3>" in html
    assert f'<em>b</em> <span data-href="{URL}">l</span> alt <code>c</code> ' in html
    assert "<td>1</td>" in html
    assert "<pre><code>x &lt; 1\n</code></pre>" in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f'<p align="center">\n <img src="{URL}">\n <b>Foo</b> is\n</p>\n\nText.', "Foo is Text."),
        ("<!-- a < b\n-->\n\nText.", "Text."),
        ("One <br/> two <kbd>x</kbd> <!-- no -->", "One two x"),
        (f"[![badge]({URL})]({URL})\n[![two]({URL}) ![three]({URL})]({URL}) Text.", "Text."),
        (f"[see ![the chart]({URL})]({URL})", "see the chart"),
        ("<div>1 < 2 <scr<script>ipt>alert(1)</script></div>", "1 < 2 <scr ipt>alert(1)"),
        ("```\n<b>code</b>\n```", "<b>code</b>"),
    ],
)
def test_html_and_badges_are_left_out(text: str, shown: str) -> None:
    """The text of unknown tags stays; text that only looks like a tag is shown unchanged."""
    html = render_description(Facts(description=text, markdown=True))
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
    assert " ".join("".join(tree.itertext()).split()) == shown
    assert {each.tag for each in tree.iter()} <= {"DOCUMENT_FRAGMENT", "p", "span", "pre", "code"}


def test_other_descriptions_are_shown_as_they_are() -> None:
    """Descriptions in reStructuredText are shown as plain text."""
    assert (
        render_description(Facts(description="Foo\n===\n<b>")) == "<pre>Foo\n===\n&lt;b&gt;\n</pre>"
    )


N = MAX_DESCRIPTION
SLOW = {
    "brackets": "[" * N,
    "links": "[a](" * (N // 4),
    "nested": "[" * (N // 2) + "]" * (N // 2),
    "emphasis": "*a_ " * (N // 4),
    "quotes": ">" * N,
    "lists": "- " * (N // 2),
    "ticks": "".join("`" * n + " " for n in range(1, 250)),
    "references": f"[a]: http://{'x' * (N // 2)}\n\n" + "[a]" * (N // 6),
    "table": "|" + "a|" * (N // 8) + "\n|" + "-|" * (N // 8) + "\n" + "|\n" * (N // 4),
    "cells": "|a|b|\n|-|-|\n" + "|\n" * (N // 2),
    "title": "[a]: b '" + "c\n" * (N // 2),
    "cdata": "<![CDATA[" * (N // 9),
    "escapes": "&" * N,
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
def test_hostile_descriptions_stay_small(text: str) -> None:
    """Descriptions whose HTML would be large are shown as plain text."""
    html = render_description(Facts(description=text[:N], markdown=True))
    assert len(html) <= MAX_HTML


def test_a_long_description_is_rendered() -> None:
    """A thousand list items and a table of a thousand cells are within the limits."""
    text = "- item\n\n" * 1000 + "|a|b|\n|-|-|\n" + "|c|d|\n" * 500
    html = render_description(Facts(description=text, markdown=True))
    assert (html.count("<li>"), html.count("<td>")) == (1000, 1000)


def test_facts_are_read_from_metadata() -> None:
    """The relevant fields of the metadata are read."""
    facts = read_facts(
        b"""Metadata-Version: 2.4
Name: foo
Version: 1.0
Summary: Does
  things
License-Expression: MIT OR Apache-2.0
License: ignored
Author-email: Jane Doe <jane@example.com>
Keywords: one, two
Classifier: Programming Language :: Python :: 3
Classifier: Development Status :: 4 - Beta
Project-URL: Docs, https://docs.example/
Project-URL: Bad, javascript:alert(1)
Project-URL: Secret, https://user:password@example.com/
Home-page: https://docs.example/
Requires-Dist: requests>=2
Requires-Dist: pytest; extra == "test"
Description-Content-Type: text/markdown; charset=UTF-8

# Foo

Text.
"""
    )
    assert facts == Facts(
        summary="Does things",
        licence="MIT OR Apache-2.0",
        author="Jane Doe",
        keywords=("one", "two"),
        classifiers=("Development Status :: 4 - Beta",),
        urls=(("Homepage", "https://docs.example/"),),
        requires=("requests>=2", 'pytest; extra == "test"'),
        description="# Foo\n\nText.",
        markdown=True,
    )


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ("License: MIT", "MIT"),
        ("License-Expression: \nLicense: BSD", "BSD"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License", "MIT License"),
        (
            "\nClassifier: License :: ".join(
                [f"License: {'Granted. ' * 50}", "A :: MIT", "Public Domain"]
            ),
            "MIT, Public Domain",
        ),
        (f"License: {'word ' * 30}", ("word " * 30).strip()),
        ("Classifier: License", ""),
    ],
)
def test_the_license_of_older_metadata(fields: str, licence: str) -> None:
    """Classifiers name it if the field has the whole text, or nothing."""
    assert read_facts(fields.encode()).licence == licence


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ("Author: UNKNOWN\nAuthor-email: UNKNOWN\nMaintainer: Jane Doe", "Jane Doe"),
        ("Author-email: Jane Doe <jane@x.example>, Joe <joe@x.example>", "Jane Doe, Joe"),
        ("Author-email: jane@x.example", "jane@x.example"),
        ("Author-email: <jane@x.example>", "jane@x.example"),
        ("Author: \nMaintainer-email: Jane <jane@x.example>", "Jane"),
        ("Author: J\u202eane\x00 Doe", "J ane Doe"),
    ],
)
def test_the_author(fields: str, author: str) -> None:
    """Names are shown without addresses, if there are any."""
    assert read_facts(fields.encode()).author == author


def test_what_setuptools_did_not_know() -> None:
    """Old versions wrote UNKNOWN for it."""
    fields = ("Summary", "Home-page", "Author", "Author-email", "License", "Keywords")
    metadata = "".join(f"{field}: UNKNOWN\n" for field in (*fields, "Platform", "Description"))
    assert read_facts(metadata.encode()) == Facts()
    assert read_facts(f"{metadata}\nUNKNOWN\n\n".encode()) == Facts()


def test_the_requirements_of_many_extras() -> None:
    """Large applications have more than a hundred; the number is limited all the same."""
    lines = [f'Requires-Dist: x{n}; extra == "e{n}"' for n in range(1000)]
    assert len(read_facts("\n".join(lines[:200]).encode()).requires) == 200
    assert len(read_facts("\n".join(lines).encode()).requires) == 250


@pytest.mark.parametrize(
    ("kind", "markdown"),
    [
        ("text/markdown", True),
        ("Text/Markdown;charset=utf-8; variant=GFM", True),
        ("text/markdown; variant=Unknown", True),
        ("text/x-rst; charset=UTF-8", False),
        ("text/plain", False),
        ("text/html", False),
        ("", False),
    ],
)
def test_the_type_of_a_description(kind: str, markdown: bool) -> None:
    """Parameters do not matter; unknown types are plain text."""
    facts = read_facts(f"Description-Content-Type: {kind}\n\n*a*".encode())
    assert facts.markdown == markdown


def test_the_description_may_be_a_header() -> None:
    """Metadata before 2.1 has the description in a header."""
    facts = read_facts(b"Name: foo\nDescription: One\n        Two\n       |Three\n")
    assert facts.description == "One\nTwo\nThree"


@settings(deadline=None)
@given(st.binary(max_size=500))
def test_whatever_metadata_say_there_are_facts(body: bytes) -> None:
    """Any metadata results in a page."""
    facts = read_facts(b"Name: foo\nSummary: " + body)
    html5lib.HTMLParser(strict=True).parse(project_html(page_of(facts)).decode())
    assert parse_page(project_json(page_of(facts)), FOO) == page_of(facts)


def test_facts_are_bounded() -> None:
    """The size of the metadata on a page is limited."""
    many = b"".join(b"Project-URL: L%d, https://x.example/%d\n" % (n, n) for n in range(5000))
    metadata = b"Summary: " + b"s" * 99_999 + b"\n" + many + b"\n" + b"line \xc3\xa9\n" * 99_999
    facts = read_facts(metadata)
    assert len(facts.summary) == 300
    assert len(facts.urls) == 50
    assert MAX_DESCRIPTION - 20 < len(facts.description.encode()) <= MAX_DESCRIPTION
    assert facts.description.endswith("line é\n\n…")
    assert len(gzip.compress(project_json(page_of(facts)))) < 5_000


def test_a_large_record_is_not_unpacked() -> None:
    """The unpacked size of an edited record is limited."""
    page = json.loads(project_json(page_of(Facts(summary="s"))))
    del page["_sha256"]
    for packed in (zlib.compress(b" " * 10_000_000), b"junk", zlib.compress(b"[]")):
        page["_about"]["facts"] = b64encode(packed).decode()
        read = parse_page(sealed(page), FOO)
        assert isinstance(read, ProjectPage)
        assert read.about is None
        assert read.records


def test_requirements_are_grouped_by_extra() -> None:
    """Requirements are shown without the marker of their extra."""
    groups = by_extra(
        [
            "Requests[socks] >= 2",
            'tomli; python_version < "3.11"',
            'pytest>=8; extra == "test"',
            "mock; python_version < '3.8' and extra == 'test'",
            "z @ https://x.example/z.zip",
            "<what?>",
        ]
    )
    shown = {extra: [one.name + one.rest for one in group] for extra, group in groups.items()}
    assert shown == {
        "": [
            "Requests[socks] >=2",
            'tomli; python_version < "3.11"',
            "z @ https://x.example/z.zip",
            "<what?>",
        ],
        "test": ["pytest >=8", 'mock; python_version < "3.8"'],
    }
    assert groups[""][0].project == "requests"


@pytest.mark.parametrize(
    ("marker", "extras", "rest"),
    [
        ('extra == "a"', "a", ""),
        ("'a' == extra", "a", ""),
        ('extra == "a" or extra == "b"', "a b", ""),
        ('(extra == "a" or extra == "b") and os_name == "nt"', "a b", 'os_name == "nt"'),
        ('os_name == "nt" and (extra == "a" or extra == "b")', "a b", 'os_name == "nt"'),
        (
            '(os_name == "nt" or os_name == "posix") and extra == "a"',
            "a",
            'os_name == "nt" or os_name == "posix"',
        ),
        ('os_name == "nt" and extra == "a" or extra == "b"', "a b", None),
        ('os_name == "nt" or os_name == "posix" and extra == "a"', "a", None),
        ('os_name == "nt" and extra == "a" and extra == "b"', "a b", None),
        ('extra != "a"', "", None),
    ],
)
def test_a_requirement_of_several_extras(marker: str, extras: str, rest: str | None) -> None:
    """It is in each group; its marker is shortened only if the meaning stays the same."""
    groups = by_extra([f"x; {marker}"])
    assert list(groups) == (extras.split() or [""])
    shown = marker if rest is None else rest
    assert {one.rest for group in groups.values() for one in group} == {shown and f"; {shown}"}
