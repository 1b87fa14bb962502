"""Take the pictures of `docs/images`: real packages in a local index, seen in Chromium."""

import argparse
import sys
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Route

from scripts.local.stack import LocalStack
from scripts.screenshots.browser import NoBrowserError, running_browser
from scripts.screenshots.example import fetch, running_index

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
HOST = "packages.example.com"
_PHONE = 390
_HEIGHT = 1000


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture to take.

    Attributes:
        name: Of its file, without the extension.
        path: Of the page, below the index.
        filter: What is typed into the filter.
        dark: Whether the person prefers a dark screen.
        width: Of the window, in pixels.
        height: Of the picture at most, in pixels.
        files: Whether it shows the end of the page, where the files are.
        dependencies: Whether the dependencies are open.
    """

    name: str
    path: str = ""
    filter: str = ""
    dark: bool = False
    width: int = 1200
    height: int = _HEIGHT
    files: bool = False
    dependencies: bool = False


SHOTS = (
    Shot("root-light"),
    Shot("root-dark", dark=True),
    Shot("root-filtered", filter="http"),
    Shot("root-phone", width=_PHONE),
    Shot("project-light", "requests/"),
    Shot("project-dark", "requests/", dark=True),
    Shot("project-phone", "requests/", width=_PHONE),
    Shot("dependencies-light", "fastapi/", dependencies=True),
    Shot("refused-light", "markupsafe/"),
    Shot("files-light", "markupsafe/", height=520, files=True),
    Shot("files-phone", "requests/", width=_PHONE, files=True),
    Shot("deprecated-phone-dark", "pytz/", dark=True, width=_PHONE),
    Shot("not-found", "scikit%20learn/", height=600),
)


def main(argv: list[str] | None = None) -> int:
    """Take the pictures.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0, or 1 when there is no browser.
    """
    parser = argparse.ArgumentParser(prog="screenshots", description="Take the docs' pictures.")
    parser.add_argument("--output", type=Path, default=IMAGES, help="default: docs/images")
    parser.add_argument("--packages", type=Path, help="where to keep the packages that are fetched")
    arguments = parser.parse_args(argv)
    arguments.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        packages = fetch(arguments.packages or Path(temporary))
        try:
            with running_browser() as browser, running_index(packages) as stack:
                for shot in SHOTS:
                    path = arguments.output / f"{shot.name}.png"
                    _take(browser, stack, shot, path)
                    print(f"{path.name}: {path.stat().st_size:,} bytes")
        except NoBrowserError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    return 0


def _take(browser: Browser, stack: LocalStack, shot: Shot, path: Path) -> None:
    def answer(route: Route) -> None:
        """Serve the browser's requests to another host from the local edge."""
        url = urlsplit(route.request.url)
        accept = route.request.headers.get("accept", "*/*")
        request = urllib.request.Request(  # noqa: S310 - our own server
            stack.edge.url + url.path, headers={"Accept": accept}
        )
        try:
            found = urllib.request.urlopen(request)  # noqa: S310
        except urllib.error.HTTPError as error:
            found = error
        with found:
            route.fulfill(status=found.status, headers=dict(found.headers), body=found.read())

    with browser.new_context(
        color_scheme="dark" if shot.dark else "light",
        device_scale_factor=1,
        viewport={"width": shot.width, "height": shot.height},
    ) as context:
        context.route("**/*", answer)
        page = context.new_page()
        page.goto(f"https://{HOST}/{shot.path}")
        if shot.dependencies:
            for summary in page.locator("summary", has_text="Dependencies").all():
                summary.click()
            page.evaluate("document.querySelector('details.about').scrollIntoView()")
        if shot.filter:
            page.keyboard.press("/")
            page.keyboard.type(shot.filter)
        if shot.files:
            for _ in range(2):  # what comes into sight is laid out, and becomes higher
                page.evaluate("scrollTo(0, document.body.scrollHeight)")
                page.wait_for_timeout(100)
            page.screenshot(path=path)
            return
        bottom = page.evaluate("document.body.getBoundingClientRect().bottom")
        height = min(bottom, shot.height)
        page.screenshot(path=path, clip={"x": 0, "y": 0, "width": shot.width, "height": height})


if __name__ == "__main__":
    sys.exit(main())
