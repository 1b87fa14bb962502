"""Who may issue tokens for an index, and what the tokens' subjects may read; pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from basic_auth.errors import RecordError
from basic_auth.prefixes import Prefixes, union

MAX_ISSUERS = 10
"""How many issuers an index may have: their key sets are read when a container starts."""

_MAX_SUBJECTS = 200
_URL = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer's record.

    Attributes:
        url: The `iss` of its tokens.
        audience: The `aud` that they must have: the index's domain.
        keys_url: Where its key set is.
        subjects: What each subject may read, by the pattern of the subject's name. A `*` stands for
            any characters, slashes and colons included.
    """

    url: str
    audience: str
    keys_url: str
    subjects: Mapping[str, Prefixes]

    @classmethod
    def parse(cls, text: str, domain: str) -> "Issuer":
        """Read a record.

        Args:
            text: The parameter's value, a JSON object: `issuer`, `audience`, `subjects` (an object
                with a list of prefixes for each pattern), and `keys_url` if the key set is not at
                the issuer's `/.well-known/jwks.json`.
            domain: The index's.

        Returns:
            The record.

        Raises:
            RecordError: It is not such an object.
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
        """Give what a subject may read: what all patterns that match it allow together.

        Args:
            subject: The token's `sub`.
        """
        return union(
            prefixes for pattern, prefixes in self.subjects.items() if matches(pattern, subject)
        )


def matches(pattern: str, subject: str) -> bool:
    """Compare a subject with a pattern in linear time, whatever is in them.

    Args:
        pattern: Each `*` in it stands for any characters, or none.
        subject: The subject.
    """
    first, *middle = pattern.split("*")
    if not middle:
        return subject == pattern
    last = middle.pop()
    if not subject.startswith(first):
        return False
    position = len(first)
    for part in middle:
        found = subject.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return len(subject) - len(last) >= position and subject.endswith(last)


def _https(content: Mapping[str, object], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not _URL.fullmatch(value) or not urlsplit(value).hostname:
        raise RecordError(f"Its {name} is not an https URL in lower case, without a query.")
    return value


def _subjects(value: object) -> Mapping[str, Prefixes]:
    if not isinstance(value, dict) or not 0 < len(value) <= _MAX_SUBJECTS:
        raise RecordError(f"Its subjects are not an object with 1 to {_MAX_SUBJECTS} members.")
    if any(not pattern or pattern.startswith("*") for pattern in value):
        raise RecordError("One of its subjects is empty or begins with '*', which is anybody.")
    return {pattern: Prefixes.parse(prefixes) for pattern, prefixes in value.items()}
