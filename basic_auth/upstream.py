"""Which missing project is the upstream's, and where its page is there; pure.

With an upstream, one address serves both a company's packages and the public ones. A client asks
this index alone; for a project that is not here the answer is a redirect to the upstream's page of
that name. Nothing is merged, so a package of the same name there can never add a version to one
that is here. What stays here although it is missing: private names, whoever asks for them, and all
that is not a project's page of a known index.

The settings come as custom headers of the origin, for a Lambda@Edge function has no environment
(`terraform/modules/s3pypi/upstream.tf` writes them). A list is joined by commas and cut into
headers `-1`, `-2` and so on, because CloudFront takes at most 1,783 characters in a value.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from basic_auth.errors import UpstreamError

UPSTREAM = "X-S3pypi-Upstream"
PRIVATE_NAMES = "X-S3pypi-Private-Names"
PREFIXES = "X-S3pypi-Prefixes"

MAX_LENGTH = 4096
"""Characters of all lists together. CloudFront sends these headers to S3, which refuses a request
of more than 8,192 bytes; the rest is for the path and for CloudFront's own headers."""

_CHUNK = 1700
_MAX_NAME = 255
_PAGES = {"", "index.json", "index.html"}
_SHORTEST = 3  # segments of a project's page: nothing, the name, the page
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/", re.ASCII)
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_PATTERN = re.compile(r"[a-z0-9*]+(-[a-z0-9*]+)*", re.ASCII)

CustomHeaders = dict[str, list[dict[str, str]]]
"""Headers as Lambda@Edge has them: by their names in lower case."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where projects are that this index does not have.

    Attributes:
        url: Address of a Simple API, with a slash at its end and without credentials or a query.
        private_names: Normalised names that never leave; `*` stands for any characters. At least
            one.
        prefixes: The indexes below the bucket's root, such as `team/stable`.
    """

    url: str
    private_names: tuple[str, ...]
    prefixes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what cannot be used.

        Raises:
            UpstreamError: A value is malformed, there are no private names, or all together are
                too long.
        """
        if not _URL.fullmatch(self.url):
            raise UpstreamError(
                f"Not an upstream: {self.url!r}. Give the address of a Simple API, such as"
                " https://packages.example/simple/: with a slash at its end, and without a user, a"
                " query or a fragment."
            )
        if not self.private_names:
            raise UpstreamError(
                "An upstream needs private names: without them a package that you have not"
                " uploaded yet is taken from the upstream."
            )
        for name in self.private_names:
            if not _PATTERN.fullmatch(name):
                raise UpstreamError(
                    f"Not a private name: {name!r}. Write it in lower case with single hyphens,"
                    " as in 'acme-billing'; '*' stands for any characters, as in 'acme-*'."
                )
        length = sum(len(each) + 1 for each in (*self.private_names, *self.prefixes))
        if length > MAX_LENGTH:
            raise UpstreamError(
                f"Private names and prefixes have {length} characters together; {MAX_LENGTH} fit"
                " into CloudFront's headers. Combine names with '*'."
            )

    @classmethod
    def read(cls, headers: Mapping[str, Any]) -> "Upstream":
        """Read the settings from an event.

        Args:
            headers: The origin's custom headers, as Lambda@Edge has them.

        Raises:
            UpstreamError: There are none, or they cannot be used.
        """
        return cls(
            _value(headers, UPSTREAM),
            tuple(_list(headers, PRIVATE_NAMES)),
            frozenset(_list(headers, PREFIXES)),
        )

    def headers(self) -> CustomHeaders:
        """Write the settings as `read` reads them."""
        lists = {PRIVATE_NAMES: self.private_names, PREFIXES: sorted(self.prefixes)}
        values = {UPSTREAM: self.url} | {
            f"{name}-{number}": chunk
            for name, items in lists.items()
            for number, chunk in enumerate(_chunks(",".join(items)), start=1)
        }
        return {name.lower(): [{"key": name, "value": value}] for name, value in values.items()}

    def address(self, uri: str) -> str | None:
        """Find the upstream's page of a project that is not here.

        Args:
            uri: The path of the missing object, as it was asked of S3.

        Returns:
            The page's address; None if it is not the upstream's to answer.
        """
        segments = uri.split("/")
        if len(segments) < _SHORTEST or segments[0] or segments[-1] not in _PAGES:
            return None
        *above, name = segments[1:-1]
        if len(name) > _MAX_NAME or not _NAME.fullmatch(name):
            return None
        if above and "/".join(above) not in self.prefixes:
            return None
        directory = "/".join((*above, name))
        # The root page of an index, or a directory on the way to one, is not a project's.
        if any(f"{each}/".startswith(f"{directory}/") for each in self.prefixes):
            return None
        return None if self.is_private(name) else f"{self.url}{name}/"

    def is_private(self, name: str) -> bool:
        """Whether a normalised name is one of the private ones."""
        return any(_matches(pattern, name) for pattern in self.private_names)


def _matches(pattern: str, name: str) -> bool:
    """Match a whole name, `*` standing for any characters; never looks back, so it is fast."""
    first, *others = pattern.split("*")
    if not others:
        return name == first
    *middle, last = others
    if not name.startswith(first):
        return False
    position = len(first)
    for part in middle:
        found = name.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return name.endswith(last) and len(name) - len(last) >= position


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
