"""The hosts of indexes that accept AWS tokens as passwords."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from s3pypi.errors import UsageError

VARIABLE: Final = "S3PYPI_HOSTS"
"""The variable that names the hosts, separated by commas or spaces."""

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", re.ASCII)


def parse_host(text: str) -> str:
    """Return the name of a host.

    Args:
        text: A name, a name with a port, or a URL.

    Raises:
        UsageError: There is no name of a host in it.
    """
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
    except ValueError:
        host = ""
    if not _HOST.fullmatch(host):
        # Without the text: a URL may contain a password.
        raise UsageError("give the name of the index's host, such as pypi.example.com")
    return host


def configured_hosts(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the hosts in S3PYPI_HOSTS, without duplicates.

    Args:
        environ: The environment variables.

    Raises:
        UsageError: One of them is not a host name.
    """
    names = re.split(r"[\s,]+", environ.get(VARIABLE, ""))
    return tuple(dict.fromkeys(parse_host(name) for name in names if name))
