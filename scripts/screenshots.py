"""Pictures of the pages in a browser, for the documentation: `python -m scripts.screenshots`.

The pages are the function's own, given to the browser at an address that does not exist, so that
nothing has to be served and nothing leaves this machine.
"""

import argparse
import contextlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version
from playwright.sync_api import Browser, Route, sync_playwright

from lambda_indexer.model import (
    About,
    ETag,
    ProjectFile,
    ProjectPage,
    QuarantinedFile,
    RootPage,
    Sha256,
    Sidecar,
    Yank,
)
from lambda_indexer.pages.rendering import (
    CONTENT_SECURITY_POLICY,
    HTML_TYPE,
    project_html,
    root_html,
)
from s3pypi.distributions.facts import Facts

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
INDEX_URL = "https://packages.example.com/simple/"

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# A container has no sandbox to offer; the rest keeps the browser from calling home.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Tall enough for the whole of a page: what is out of sight is not painted.
_HEIGHT = 1400


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture to take.

    Attributes:
        name: Of its file, without the extension.
        html: The page.
        path: Where the page seems to be, below the index.
        filter: What is typed into the filter.
        dark: Whether the person prefers a dark screen.
        width: Of the window, in pixels.
    """

    name: str
    html: bytes
    path: str = ""
    filter: str = ""
    dark: bool = False
    width: int = 1100


class NoBrowserError(Exception):
    """No Chromium is installed here."""


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """Run the Chromium of this machine, without a window and with a new profile.

    Yields:
        The browser.

    Raises:
        NoBrowserError: There is none.
    """
    executable = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if executable is None:
        raise NoBrowserError(
            f"No browser is on the PATH: install one of {', '.join(_BROWSERS)}"
            " (`apt-get install chromium` on Debian)."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def example_root() -> RootPage:
    """An index of a company's packages."""
    areas = ["billing", "catalog", "checkout", "data", "fraud", "ledger", "pricing", "search"]
    parts = ["api", "client", "events", "models", "pipeline", "schemas", "testing", "tools"]
    names = [f"{area}-{part}" for area in areas for part in parts]
    return RootPage.of(map(canonicalize_name, [*names, "house-style", "mypy-stubs", "telemetry"]))


def example_project() -> ProjectPage:
    """A project with something of everything: wheels, a pre-release, a yank, a broken upload."""
    files = []
    for day, version in enumerate(["1.3.0", "1.4.0", "2.0.0rc1"]):
        yank = Yank("rounds half a cent the wrong way", ETag("y")) if version == "1.4.0" else None
        stem = f"pricing_models-{version}"
        for number, end in enumerate(
            [
                "-cp312-cp312-macosx_11_0_arm64.whl",
                "-cp312-cp312-manylinux_2_17_x86_64.whl",
                "-cp313-cp313-manylinux_2_17_x86_64.whl",
                ".tar.gz",
            ]
        ):
            digest = Sha256(sha256(f"{stem}{end}".encode()).hexdigest())
            files.append(
                ProjectFile(
                    filename=stem + end,
                    version=Version(version),
                    etag=ETag(digest[:32]),
                    size=48_213 if end == ".tar.gz" else 1_204_311 + 77_123 * number + 9_001 * day,
                    sha256=digest,
                    upload_time=datetime(2026, 3, 4, 9, tzinfo=UTC) + timedelta(days=61 * day),
                    requires_python=">=3.12" if day else ">=3.10,<4",
                    sidecar=None if end == ".tar.gz" else Sidecar(digest, ETag(digest[:32])),
                    yank=yank,
                )
            )
    broken = QuarantinedFile(
        "pricing_models-2.0.0-py3-none-any.whl",
        ETag("q"),
        10_240,
        "The archive ends too early: it was not uploaded whole. Upload it again.",
    )
    page = ProjectPage.of(canonicalize_name("pricing-models"), files, [broken])
    source = next(file for file in page.records if file.version == Version("1.3.0"))
    return replace(page, about=About(source.filename, source.sha256, _example_facts()))


def _example_facts() -> Facts:
    return Facts(
        summary="Prices of everything that we sell, and the rules that make them",
        licence="LicenseRef-Proprietary",
        author="Pricing team",
        keywords=("prices", "tax", "discounts"),
        classifiers=("Development Status :: 5 - Production/Stable", "Framework :: Pydantic"),
        urls=(
            ("Documentation", "https://docs.example.com/pricing-models/"),
            ("Source", "https://git.example.com/pricing/models"),
        ),
        requires=(
            "billing-schemas>=4",
            "pydantic>=2",
            'tomli; python_version < "3.11"',
            'pytest>=8; extra == "test"',
        ),
        description=_EXAMPLE_DESCRIPTION,
        markdown=True,
    )


_EXAMPLE_DESCRIPTION = """# Pricing models

One place for prices: `price(product, customer)` is what the shop, the invoices and the reports use.

```python
from pricing_models import price

price("A-1001", country="PT").gross  # Decimal("12.30")
```

| rule | since |
|---|---|
| discounts by volume | 1.0 |
| prices by country | 1.3 |

Read the [guide](https://docs.example.com/pricing-models/guide) before you change a rule.
"""


def main(argv: list[str] | None = None) -> int:
    """Make the pictures anew.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0, or 1 when there is no browser.
    """
    parser = argparse.ArgumentParser(prog="screenshots", description="Make the docs' pictures.")
    parser.add_argument("--output", type=Path, default=IMAGES, help="default: docs/images")
    output = parser.parse_args(argv).output
    root, project = root_html(example_root()), project_html(example_project())
    shots = [
        Shot("root-light", root),
        Shot("root-filtered", root, filter="events", dark=True),
        Shot("project-light", project, "pricing-models/"),
        Shot("project-dark", project, "pricing-models/", dark=True),
        Shot("project-narrow", project, "pricing-models/", width=390),
    ]
    try:
        with running_browser() as browser:
            output.mkdir(parents=True, exist_ok=True)
            for shot in shots:
                path = output / f"{shot.name}.png"
                _take(browser, shot, path)
                print(f"{path.name}: {path.stat().st_size:,} bytes")
    except NoBrowserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _take(browser: Browser, shot: Shot, path: Path) -> None:
    headers = {"Content-Type": HTML_TYPE, "Content-Security-Policy": CONTENT_SECURITY_POLICY}

    def answer(route: Route) -> None:
        route.fulfill(body=shot.html, headers=headers)

    with browser.new_context(
        color_scheme="dark" if shot.dark else "light",
        viewport={"width": shot.width, "height": _HEIGHT},
    ) as context:
        context.route("**/*", answer)
        page = context.new_page()
        page.goto(INDEX_URL + shot.path)
        if shot.filter:
            page.keyboard.press("/")
            page.keyboard.type(shot.filter)
        bottom = page.evaluate("document.body.getBoundingClientRect().bottom")
        page.screenshot(
            path=path, clip={"x": 0, "y": 0, "width": shot.width, "height": min(bottom, _HEIGHT)}
        )


if __name__ == "__main__":
    sys.exit(main())
