"""The pages for people, in a real browser: Chromium, under the policy that the edge sends."""

import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lambda_indexer.model import ETag, ProjectPage, ProjectStatus, RootPage
from lambda_indexer.pages.rendering import HTML_TYPE, project_html, root_html
from lambda_indexer.pages.site import Site
from s3pypi.markers import Status
from scripts.local.edge.object_headers import PAGE_HEADERS
from scripts.screenshots.browser import NoBrowserError, running_browser
from tests.e2e.conftest import Index, isolated, new_index, run
from tests.e2e.example_page import example_project
from tests.factories import sdist, wheel

Scheme = Literal["light", "dark"]
Visit = Callable[..., Page]

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
REASON = 'rounds <b>half</b> a cent & "more"'
MANY = [canonicalize_name(f"{kind}-{n:04}") for kind in ("alpha", "beta") for n in range(5000)]
PROJECTS = ("foo", "yanked", "archived", "quarantined", "broken", "pricing-models")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; nothing of this can be tested without one."""
    try:
        with running_browser() as browser:
            yield browser
    except NoBrowserError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def site(module_index: Index) -> Index:
    """An index with a project of each kind; the function has made all pages but one."""
    index = module_index
    index.put_object("yanked/yanked-1.0-py3-none-any.whl.yanked", REASON.encode())
    index.put_object("archived/.project-status", b'{"status": "archived", "reason": "finished"}')
    index.put_object("quarantined/.project-status", b'{"status": "quarantined"}')
    index.put("foo/", *(wheel("foo", f"{n}.0", "Requires-Python: >=3.8,<4") for n in range(1, 12)))
    index.put("foo/", sdist("foo", "11.0"), wheel("foo", "12.0rc1"))
    for name in ("yanked", "archived", "quarantined"):
        index.put(f"{name}/", wheel(name))
    index.put_object("broken/broken-1.0-py3-none-any.whl", b"no archive")
    index.until(index.projects, ["archived", "broken", "foo", "quarantined", "yanked"])
    index.until(lambda: len(index.files("foo")), 13)
    put_page(index, "pricing-models/", project_html(example_project()))
    return index


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Open a page with certain browser settings; errors in the browser's console fail the test."""
    contexts: dict[str, BrowserContext] = {}
    complaints: list[str] = []

    def open_page(url: str, **options: Any) -> Page:
        context = contexts.get(str(options))
        if context is None:
            context = contexts[str(options)] = browser.new_context(**options)
            context.on("weberror", lambda error: complaints.append(str(error.error)))
            context.on("console", lambda message: complaints.append(message.text))
            context.on("requestfailed", lambda request: complaints.append(request.url))
        page = context.new_page()
        answer = page.goto(url)
        assert answer is not None
        assert answer.ok
        assert answer.headers["content-security-policy"] == PAGE_HEADERS["Content-Security-Policy"]
        return page

    yield open_page
    for context in contexts.values():
        context.close()
    assert complaints == []


def put_page(index: Index, path: str, html: bytes) -> None:
    """Put a page where the edge looks for it, without the function."""
    index.stack.clients.s3.put_object(
        Bucket=index.stack.resources.bucket,
        Key=f"{index.prefix}/{path}",
        Body=html,
        ContentType=HTML_TYPE,
    )


def clipboard(page: Page) -> str:
    """The content of the clipboard."""
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def focused(page: Page) -> str:
    """The text or the name of the focused element."""
    text: str = page.evaluate("document.activeElement.id || document.activeElement.textContent")
    return " ".join(text.split())


def shown(page: Page) -> list[str]:
    """The texts of the links that can be seen."""
    return page.locator("main :is(li, td) > a").filter(visible=True).all_text_contents()


def test_the_filter_finds_names_among_ten_thousand(
    visit: Visit, stack: Any, tmp_path: Path
) -> None:
    """Every word must be in the name, as names are compared; the count says how many there are."""
    index = new_index(stack, tmp_path)
    put_page(index, "", root_html(RootPage.of(MANY)))
    page = visit(index.url)
    box, count = page.get_by_label("Filter projects"), page.get_by_role("status")
    expect(count).to_have_text("10,000 projects")
    box.fill("alpha-001")
    expect(count).to_have_text("10 of 10,000 projects")
    assert shown(page) == [f"alpha-001{n}" for n in range(10)]
    box.fill("  42 Beta ")
    expected = [name for name in MANY if "beta" in name and "42" in name]
    expect(count).to_have_text(f"{len(expected)} of 10,000 projects")
    assert shown(page) == expected
    box.fill("BETA_.4999")
    assert shown(page) == ["beta-4999"]
    box.fill("gamma")
    expect(count).to_have_text("None of 10,000 projects")
    assert shown(page) == []
    box.fill("")
    expect(count).to_have_text("10,000 projects")
    assert page.locator("li:not([hidden])").count() == len(MANY)


def test_the_filter_finds_summaries(visit: Visit, stack: Any, tmp_path: Path) -> None:
    """The filter finds words of summaries as well as of names."""
    index = new_index(stack, tmp_path)
    names = [canonicalize_name(name) for name in ("foo", "bar", "pandas")]
    page = RootPage.of(names, {names[0]: "Draws <b>charts</b> & Data_Frames", names[2]: "Tables"})
    put_page(index, "", root_html(page, site=Site(prefixes=frozenset({"team/stable/"}))))
    opened = visit(f"{index.url}?q=frames")
    assert shown(opened) == ["foo"]
    assert opened.get_by_text("Draws <b>charts</b> & Data_Frames").is_visible()
    opened.get_by_label("Filter projects").fill("tables")
    assert shown(opened) == ["pandas"]
    link = opened.get_by_role("link", name="team/stable")
    assert link.evaluate("link => link.href") == f"{index.url}team/stable/"
    plain = visit(index.url, java_script_enabled=False)
    assert plain.get_by_role("link", name="team/stable").evaluate("e => e.tagName") == "BUTTON"


def test_the_filter_of_a_project_hides_versions_without_a_hit(visit: Visit, site: Index) -> None:
    """The filter finds files; versions with a hit open, and close again."""
    page = visit(f"{site.url}foo/")
    page.get_by_label("Filter files").fill("11 tar")
    expect(page.get_by_role("status")).to_have_text("1 of 13 files")
    assert shown(page) == ["foo-11.0.tar.gz"]
    assert page.locator("main").get_by_role("heading", level=2).all_inner_texts() == ["11.0"]
    page.get_by_label("Filter files").fill("")
    expect(page.locator("main").get_by_role("heading", level=2)).to_have_count(12)
    assert shown(page) == ["foo-11.0-py3-none-any.whl", "foo-11.0.tar.gz"]


def test_a_filter_is_part_of_the_address(visit: Visit, site: Index) -> None:
    """The address contains the filter, so that people can share it."""
    page = visit(f"{site.url}?q=yan")
    assert shown(page) == ["yanked"]
    page.get_by_label("Filter projects").fill("fo")
    page.wait_for_url(f"{site.url}?q=fo")
    page.keyboard.press("Escape")
    page.wait_for_url(site.url)


def test_a_digest_is_copied_whole(visit: Visit, site: Index) -> None:
    """Only its beginning is seen."""
    page = visit(f"{site.url}archived/", permissions=["clipboard-read", "clipboard-write"])
    button = page.get_by_role("row", name="archived-1.0").get_by_role("button", name="Copy")
    button.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert clipboard(page) == site.page("archived")["files"][0]["hashes"]["sha256"]


def test_three_hundred_versions_are_less_than_ten_thousand_pixels(
    visit: Visit, stack: Any, tmp_path: Path
) -> None:
    """On a phone as well, once all of it has been seen."""
    index = new_index(stack, tmp_path)
    example = example_project().records[0]
    files = [
        replace(example, filename=f"x-{n}.0.tar.gz", version=Version(f"{n}.0")) for n in range(300)
    ]
    put_page(index, "x/", project_html(ProjectPage.of(canonicalize_name("x"), files)))
    for width in (1200, 360):
        page = visit(f"{index.url}x/", viewport={"width": width, "height": 9_990})
        assert page.locator("summary").filter(visible=True).count() == 300
        assert page.evaluate("document.documentElement.scrollHeight") < 10_000


def test_versions_open_by_keyboard_and_without_a_script(visit: Visit, site: Index) -> None:
    """The browser does it by itself."""
    page = visit(f"{site.url}foo/", java_script_enabled=False)
    page.get_by_text("10.0", exact=True).click()
    assert "foo-10.0-py3-none-any.whl" in shown(page)
    summary = page.locator("summary", has_text="9.0")
    summary.focus()
    page.keyboard.press("Enter")
    assert "foo-9.0-py3-none-any.whl" in shown(page)


def test_the_keyboard_is_enough(visit: Visit, site: Index) -> None:
    """A slash goes to the filter, Enter to the first hit and on, Escape takes the filter away."""
    page = visit(site.url)
    page.keyboard.press("/")
    assert focused(page) == "filter"
    page.keyboard.type("o")
    assert shown(page) == ["broken", "foo"]
    page.keyboard.press("Escape")
    assert len(shown(page)) == 5
    page.keyboard.type("foo")
    page.keyboard.press("Enter")
    assert focused(page) == "foo"
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}foo/")
    order = []
    for _ in range(9):
        page.keyboard.press("Tab")
        order.append(focused(page))
    assert order[:3] == ["All projects", "Copy", "Copy"]
    assert order[3:6] == ["Description", "A description.", "filter"]
    assert order[6].startswith("12.0rc1 pre-release 1 file")
    assert order[7].startswith("11.0 newest 2 files")
    assert order[8] == "Copy"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"


def test_going_back_keeps_what_was_filtered(visit: Visit, site: Index) -> None:
    """The box and the list say the same, however the browser restores the page."""
    page = visit(site.url)
    page.get_by_label("Filter projects").fill("yan")
    page.get_by_role("link", name="yanked").click()
    page.wait_for_url("**/yanked/")  # whole: what is left half loaded counts as failed
    page.go_back()
    expect(page.get_by_label("Filter projects")).to_have_value("yan")
    assert shown(page) == ["yanked"]


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_the_copied_command_installs(
    visit: Visit, site: Index, tmp_path: Path, client: str
) -> None:
    """The command contains the index's address, and works."""
    page = visit(f"{site.url}archived/", permissions=["clipboard-read", "clipboard-write"])
    button = page.locator(".command", has=page.get_by_text(client, exact=True)).locator("button")
    button.click()
    expect(button).to_have_text("Copied")
    command = shlex.split(clipboard(page))
    if client == "pip":
        assert command == ["pip", "install", "archived", "--index-url", site.url]
        site.pip(*command[2:], "--target", str(tmp_path / "site"))
        assert (tmp_path / "site/archived.py").exists()
    else:
        assert command == ["uv", "add", "archived", "--index", site.url]
        (tmp_path / "pyproject.toml").write_text(
            '[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.11"\n'
        )
        uv = [sys.executable, "-m", *command, "--no-cache", "--no-sync"]
        run([*uv, "--directory", str(tmp_path), "--python", sys.executable], isolated(tmp_path))
        assert "archived" in (tmp_path / "pyproject.toml").read_text()


def test_without_a_clipboard_the_command_is_selected(visit: Visit, site: Index) -> None:
    """Over plain HTTP a page cannot copy; copying the selection by hand gets the right text."""
    page = visit(f"{site.url}foo/")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Selected")).to_be_visible()
    assert page.evaluate("String(getSelection())") == f"pip install foo --index-url {site.url}"


def test_the_root_page_gives_its_own_address(visit: Visit, site: Index) -> None:
    """The copied address has no query and no fragment."""
    page = visit(f"{site.url}?from=mail#top", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert clipboard(page) == site.url
    assert page.title().startswith(f"{site.prefix} · 127.0.0.1")


def test_without_scripts_the_pages_are_whole(visit: Visit, site: Index) -> None:
    """Everything is listed, no button is shown that does not work, and links lead back."""
    page = visit(f"{site.url}foo/", java_script_enabled=False)
    assert page.locator("td > a").count() == 13
    assert shown(page) == ["foo-11.0-py3-none-any.whl", "foo-11.0.tar.gz"]
    assert page.get_by_text("pip install foo --index-url INDEX_URL").is_visible()
    assert page.get_by_text("INDEX_URL is the address of this page without").is_visible()
    assert page.get_by_role("button", name="Copy").count() == 0
    assert page.get_by_role("searchbox").count() == 0
    page.get_by_role("link", name="All projects").click()
    page.wait_for_url(f"{site.url}?")
    assert shown(page) == site.projects()
    assert page.get_by_role("searchbox").count() == 0


def test_a_project_page_says_what_there_is_to_know(visit: Visit, site: Index) -> None:
    """Newest version first; markers, broken uploads and their reasons, as text."""
    page = visit(f"{site.url}foo/")
    versions = page.locator("main").get_by_role("heading", level=2)
    assert versions.all_inner_texts()[:2] == ["12.0rc1", "11.0"]
    row = page.get_by_role("row", name="foo-11.0-py3-none-any.whl")
    texts = row.get_by_role("cell").all_inner_texts()
    uploaded = next(
        file["upload-time"] for file in site.page("foo")["files"] if file["filename"] == texts[0]
    )
    assert texts[1] == ">=3.8,<4"
    assert texts[2].endswith(" B")
    assert texts[3] == uploaded[:10]
    page = visit(f"{site.url}yanked/")
    assert page.get_by_text(f"Yanked: {REASON}").is_visible()
    assert page.get_by_text("pip install yanked --index").count() == 0  # it would find nothing
    page = visit(f"{site.url}archived/")
    assert page.get_by_text("Archived. No new versions are expected. Reason: finished").is_visible()
    page = visit(f"{site.url}quarantined/")
    assert page.get_by_text("Quarantined.").is_visible()
    assert page.get_by_text("No files are listed.").is_visible()
    page = visit(f"{site.url}broken/")
    assert page.get_by_role("heading", name="Refused").is_visible()
    assert page.get_by_role("term").all_inner_texts() == ["broken-1.0-py3-none-any.whl"]
    assert (
        page.get_by_role("definition").inner_text()
        == (site.page("broken")["_quarantined"][0]["reason"])
    )


def test_links_of_a_description_work_in_a_browser(visit: Visit, site: Index) -> None:
    """The script makes links of them, and without it, they are text."""
    page = visit(f"{site.url}pricing-models/")
    for name in ("guide", "Documentation", "Source"):
        link = page.get_by_role("link", name=name)
        assert str(link.get_attribute("href")).startswith("https://")
        assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    page.locator("summary", has_text="Dependencies").first.click()
    link = page.get_by_role("link", name="pydantic")
    assert link.evaluate("link => link.href") == f"{site.url}pydantic/"
    assert page.locator("[data-href]").count() == 0
    page = visit(f"{site.url}pricing-models/", java_script_enabled=False)
    after = (
        "getComputedStyle(document.querySelector('.description [data-href]'), '::after').content"
    )
    assert "https://docs.example.com/pricing-models/guide" in page.evaluate(after)


def test_the_policy_stops_what_is_not_ours(browser: Browser, site: Index) -> None:
    """A script or a style that somebody got into a page does nothing."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site.url}foo/")
        page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.evil = true";
                const image = document.createElement("img");
                image.setAttribute("style", "position: fixed");
                image.setAttribute("onerror", "window.evil = true");
                image.src = "data:,";
                document.body.append(script, image);
            }"""
        )
        page.wait_for_timeout(100)
        assert page.evaluate("window.evil") is None
        assert page.evaluate("getComputedStyle(document.querySelector('img')).position") == "static"


def test_nothing_is_wider_than_a_phone(visit: Visit, site: Index) -> None:
    """Long names wrap, without horizontal scrolling."""
    for path in ("", *(f"{name}/" for name in PROJECTS)):
        page = visit(site.url + path, viewport={"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize(
    ("path", "suggestion"),
    [
        ("scikit%20learn/", "scikit-learn"),
        ("%C3%A4-%3Cb%3E/", "b"),
        ("absent/", None),
        ("absent-1.0.tar.gz", None),  # a file: the edge lets it run nothing
    ],
)
def test_an_error_is_a_page(
    browser: Browser, site: Index, path: str, suggestion: str | None
) -> None:
    """It keeps its status, and suggests the normalised spelling if that is another one."""
    with browser.new_context() as context:
        page = context.new_page()
        answer = page.goto(site.url + path)
        assert answer is not None
        assert (answer.status, page.title()) == (404, "404 Not Found")
        assert page.get_by_role("link", name="Go to the index").is_visible()
        found = page.get_by_text("Did you mean").get_by_role("link")
        if suggestion is None:
            assert not page.get_by_text("Did you mean").is_visible()
        else:
            assert found.inner_text() == suggestion
            assert found.evaluate("link => link.href") == f"{site.url}{suggestion}/"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
def test_axe_finds_nothing(
    visit: Visit, site: Index, tmp_path: Path, scheme: Scheme, width: int
) -> None:
    """No page breaks a rule of WCAG 2.2 AA that a machine can check, contrast among them."""
    extra = new_index(site.stack, tmp_path)
    put_page(extra, "", root_html(RootPage()))
    described = RootPage.of(MANY[:9], dict.fromkeys(MANY[:9], "Does <many> & more things"))
    prefixes = frozenset({"described/team/"})
    html = root_html(described, site=Site(prefixes=prefixes), path="described/")
    put_page(extra, "described/", html)
    for status in (Status.DEPRECATED, Status.QUARANTINED):
        marker = ProjectStatus(status, REASON, ETag("s"))
        records = example_project().records
        body = project_html(ProjectPage.of(canonicalize_name("x"), records, (), marker))
        put_page(extra, f"{status}/", body)
    addresses = [site.url, *(f"{site.url}{name}/" for name in PROJECTS), extra.url]
    more = [f"{extra.url}{path}/" for path in ("described", "deprecated", "quarantined")]
    for url in (*addresses, *more):
        page = visit(
            url,
            bypass_csp=True,  # axe is no script of ours
            color_scheme=scheme,
            viewport={"width": width, "height": 2000},
        )
        page.evaluate(AXE)
        found = page.evaluate("tags => axe.run({ runOnly: tags })", WCAG)
        assert [(url, one["id"], one["nodes"]) for one in found["violations"]] == []
        assert "color-contrast" in {one["id"] for one in found["passes"]}
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != (
            "rgb(255, 255, 255)"
        )
        assert dark == (scheme == "dark")
