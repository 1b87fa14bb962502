"""The clients of the demonstration: commands, and requests for pages."""

import http
import os
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from urllib.error import HTTPError

from basic_auth.negotiation import JSON
from scripts.local.emulator import HOST

_PAGE_SECONDS = 30.0
_POLL_SECONDS = 0.05
# Variables of another AWS account or index must not reach the local one.
_FOREIGN = ("AWS_", "PIP_", "S3PYPI_")


class DemoError(Exception):
    """A step failed; the message says what was seen."""


def call(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command.

    Args:
        command: The program and its arguments.
        environment: More variables for it. It gets this process's variables too, except those that
            choose an AWS account, an index or a proxy.

    Returns:
        What it printed.

    Raises:
        DemoError: It failed; the message ends with what it printed.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    variables = {
        **kept,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": HOST,
        "no_proxy": HOST,
        "PIP_CONFIG_FILE": os.devnull,
        **(environment or {}),
    }
    done = subprocess.run(  # noqa: S603 - our own commands
        command,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DemoError(f"Exit code {done.returncode} of: {' '.join(command)}\n{done.stdout}")
    return done.stdout


def get_page(url: str) -> str:
    """Get a page in JSON.

    Args:
        url: The page's address.

    Returns:
        The JSON text; empty when there is no such page.
    """
    request = urllib.request.Request(url, headers={"Accept": JSON})  # noqa: S310 - our own server
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as response:
            return str(response.read().decode())
    except HTTPError as error:
        error.close()
        if error.status == http.HTTPStatus.NOT_FOUND:
            return ""
        raise


def wait_for_file(url: str, filename: str) -> None:
    """Wait until a project's page lists a file.

    Args:
        url: The page's address.
        filename: The file's name.

    Raises:
        DemoError: The page did not list it in time.
    """
    deadline = time.monotonic() + _PAGE_SECONDS
    while filename not in get_page(url):
        if time.monotonic() > deadline:
            raise DemoError(f"{filename} did not appear on {url} within {_PAGE_SECONDS:.0f} s.")
        time.sleep(_POLL_SECONDS)
