"""Token issuers, and the prefixes that their subjects may read. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from basic_auth.errors import RecordError
from basic_auth.patterns import matches
from basic_auth.prefixes import Prefixes, union

MAX_ISSUERS = 10
"""The maximum number of issuers of an index; their key sets are read when a container starts."""

_MAX_SUBJECTS = 200
_URL = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Issuer:
    """The record of an issuer.

    Attributes:
        url: The `iss` claim of its tokens.
        audience: The required `aud` claim: the domain of the index.
        keys_url: The URL of its key set.
        subjects: The prefixes that subjects may read, by a pattern of the `sub` claim. A `*`
            matches any characters, including slashes and colons.
    """

    url: str
    audience: str
    keys_url: str
    subjects: Mapping[str, Prefixes]

    @classmethod
    def parse(cls, text: str, domain: str) -> "Issuer":
        """Parse a record.

        Args:
            text: The parameter's value, a JSON object with `issuer`, `audience`, `subjects` (an
                object that maps each pattern to a list of prefixes) and optionally `keys_url`,
                which defaults to the issuer's `/.well-known/jwks.json`.
            domain: The domain of the index.

        Returns:
            The record.

        Raises:
            RecordError: The text is not a valid record.
        """
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            raise RecordError("It is not JSON.") from None
        if not isinstance(content, dict):
            raise RecordError("It is not a JSON object.")
        url = _https(content, "issuer")
        if content.get("audience") != domain:
            raise RecordError(f"Its audience is not the index's domain, {domain}.")
        default = f"{url.removesuffix('/')}/.well-known/jwks.json"
        keys_url = _https(content, "keys_url") if "keys_url" in content else default
        return cls(url, domain, keys_url, _subjects(content.get("subjects")))

    def prefixes(self, subject: str) -> Prefixes:
        """Return the prefixes that a subject may read: those of all patterns that match it.

        Args:
            subject: The token's `sub` claim.
        """
        return union(
            prefixes for pattern, prefixes in self.subjects.items() if matches(pattern, subject)
        )


def _https(content: Mapping[str, object], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not _URL.fullmatch(value) or not urlsplit(value).hostname:
        raise RecordError(f"Its {name} is not an https URL in lower case, without a query.")
    return value


def _subjects(value: object) -> Mapping[str, Prefixes]:
    if not isinstance(value, dict) or not 0 < len(value) <= _MAX_SUBJECTS:
        raise RecordError(f"Its subjects are not an object with 1 to {_MAX_SUBJECTS} members.")
    if any(not pattern or pattern.startswith("*") for pattern in value):
        raise RecordError("One of its subjects is empty, or begins with '*' and matches anybody.")
    return {pattern: Prefixes.parse(prefixes) for pattern, prefixes in value.items()}
