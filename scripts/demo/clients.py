"""Run commands and request pages for the demo."""

import http
import os
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from urllib.error import HTTPError

from basic_auth.negotiation import JSON
from scripts.local.ports import HOST

_PAGE_SECONDS = 30.0
_POLL_SECONDS = 0.05
# Variables that choose another AWS account or index are removed.
_FOREIGN = ("AWS_", "PIP_", "S3PYPI_")


class DemoError(Exception):
    """A step failed; the message contains the output."""


def call(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command.

    Args:
        command: The program and its arguments.
        environment: Additional environment variables. The command also gets this process's
            variables, except those that choose an AWS account, an index or a proxy.

    Returns:
        The output.

    Raises:
        DemoError: The command failed; the message ends with its output.
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
    """Get a page as JSON.

    Args:
        url: The page's URL.

    Returns:
        The JSON text; empty if there is no such page.
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
        url: The page's URL.
        filename: The filename.

    Raises:
        DemoError: The page did not list the file in time.
    """
    deadline = time.monotonic() + _PAGE_SECONDS
    while filename not in get_page(url):
        if time.monotonic() > deadline:
            raise DemoError(f"{filename} did not appear on {url} within {_PAGE_SECONDS:.0f} s.")
        time.sleep(_POLL_SECONDS)
