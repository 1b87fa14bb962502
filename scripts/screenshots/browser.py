"""The Chromium of this machine."""

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The first two are the drop-down lists of the address bar, which each window would load. The others
# are those of Playwright's list, which this one replaces, that connect to other servers.
_DISABLED = (
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
    "AimEnabled",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
)
# A container has no sandbox to offer; the rest keeps the browser from calling home.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_DISABLED)}",
)


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
