"""Decide which missing projects are redirected to an upstream index, and to which URL. Pure.

With an upstream, one URL serves both a company's packages and public ones. For a project that this
index does not have, the response is a redirect to the upstream's page of that name. Pages are never
merged, so a package of the same name on the upstream cannot add a version to a project of this
index. Never redirected are private names, and paths that are not the page of a project in a known
index.

The settings come as custom headers of the origin, because Lambda@Edge functions have no environment
variables (`terraform/modules/s3pypi/upstream.tf` writes them). Lists are joined by commas and split
into headers `-1`, `-2` and so on, because CloudFront limits a value to 1,783 characters.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from basic_auth.errors import UpstreamError
from basic_auth.patterns import matches

UPSTREAM = "X-S3pypi-Upstream"
PRIVATE_NAMES = "X-S3pypi-Private-Names"
PREFIXES = "X-S3pypi-Prefixes"

MAX_LENGTH = 4096
"""The maximum length of all lists together, in characters. CloudFront sends these headers to S3,
whose limit for a request is 8,192 bytes, including the path and CloudFront's own headers."""

_CHUNK = 1700
_MAX_NAME = 255
_PAGES = {"", "index.json", "index.html"}
_MIN_SEGMENTS = 3  # of a project's page: an empty one, the name, the page
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/", re.ASCII)
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_PATTERN = re.compile(r"[a-z0-9*]+(-[a-z0-9*]+)*", re.ASCII)

CustomHeaders = dict[str, list[dict[str, str]]]
"""Headers as Lambda@Edge represents them, by name in lower case."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """An index to which requests for missing projects are redirected.

    Attributes:
        url: The URL of a Simple API, with a trailing slash, without credentials or a query.
        private_names: Normalized names that are never redirected; `*` matches any characters. At
            least one is required.
        prefixes: The prefixes of the indexes in the bucket, such as `team/stable`.
    """

    url: str
    private_names: tuple[str, ...]
    prefixes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Validate the settings.

        Raises:
            UpstreamError: A value is malformed, there are no private names, or the lists are too
                long.
        """
        if not _URL.fullmatch(self.url):
            raise UpstreamError(
                f"Not the URL of an upstream: {self.url!r}. Use the URL of a Simple API, such as"
                " https://packages.example/simple/, with a trailing slash and without a user, a"
                " query or a fragment."
            )
        if not self.private_names:
            raise UpstreamError(
                "An upstream needs private names: without them, installers get packages that you"
                " have not uploaded yet from the upstream."
            )
        for name in self.private_names:
            if not _PATTERN.fullmatch(name):
                raise UpstreamError(
                    f"Not a private name: {name!r}. Write it in lower case with single hyphens,"
                    " as in 'acme-billing'; '*' matches any characters, as in 'acme-*'."
                )
        length = sum(len(each) + 1 for each in (*self.private_names, *self.prefixes))
        if length > MAX_LENGTH:
            raise UpstreamError(
                f"Private names and prefixes have {length} characters together; the limit is"
                f" {MAX_LENGTH}. Combine names with '*'."
            )

    @classmethod
    def read(cls, headers: Mapping[str, Any]) -> "Upstream":
        """Read the settings from the origin's custom headers.

        Args:
            headers: The headers, as Lambda@Edge represents them.

        Raises:
            UpstreamError: The settings are missing or invalid.
        """
        return cls(
            _value(headers, UPSTREAM),
            tuple(_list(headers, PRIVATE_NAMES)),
            frozenset(_list(headers, PREFIXES)),
        )

    def headers(self) -> CustomHeaders:
        """Return the settings as custom headers, for `read`."""
        lists = {PRIVATE_NAMES: self.private_names, PREFIXES: sorted(self.prefixes)}
        values = {UPSTREAM: self.url} | {
            f"{name}-{number}": chunk
            for name, items in lists.items()
            for number, chunk in enumerate(_chunks(",".join(items)), start=1)
        }
        return {name.lower(): [{"key": name, "value": value}] for name, value in values.items()}

    def page_url(self, uri: str) -> str | None:
        """Return the URL of the upstream's page for a missing project.

        Args:
            uri: The path of the missing object, as requested from S3.

        Returns:
            The URL; None if the request must not be redirected.
        """
        segments = uri.split("/")
        if len(segments) < _MIN_SEGMENTS or segments[0] or segments[-1] not in _PAGES:
            return None
        *above, name = segments[1:-1]
        if len(name) > _MAX_NAME or not _NAME.fullmatch(name):
            return None
        if above and "/".join(above) not in self.prefixes:
            return None
        directory = "/".join((*above, name))
        # The root page of an index, or a directory above one, is not the page of a project.
        if any(f"{each}/".startswith(f"{directory}/") for each in self.prefixes):
            return None
        return None if self.is_private(name) else f"{self.url}{name}/"

    def is_private(self, name: str) -> bool:
        """Return whether a normalized name matches one of the private names."""
        return any(matches(pattern, name) for pattern in self.private_names)


def _chunks(text: str) -> Iterable[str]:
    return (text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK))


def _value(headers: Mapping[str, Any], name: str) -> str:
    values = headers.get(name.lower(), [])
    return str(values[0]["value"]) if values else ""


def _list(headers: Mapping[str, Any], name: str) -> list[str]:
    chunks: list[str] = []
    while chunk := _value(headers, f"{name}-{len(chunks) + 1}"):
        chunks.append(chunk)
    return [each for each in "".join(chunks).split(",") if each]
