"""The Authorization header of HTTP's basic authentication (RFC 7617); pure."""

import base64
import binascii
from dataclasses import dataclass, field

# Base64 of a token's `tokens.MAX_LENGTH` bytes, with the name before it.
_MAX_LENGTH = 8192


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who somebody says that they are.

    Attributes:
        user: The name, without a colon.
        password: As it was decoded; it may contain colons, but no control characters.
    """

    user: str
    password: str = field(repr=False)

    @classmethod
    def parse(cls, header: str) -> "Credentials | None":
        """Read a header's value.

        We ask for UTF-8 by `charset` in the challenge. What is not UTF-8 is taken for ISO-8859-1,
        which is what pip sends for all that fits into it; no text has both readings.

        Args:
            header: The value, such as `Basic YWxpY2U6c2VjcmV0`. The scheme's case is of no matter.

        Returns:
            The credentials; None if the header is of another scheme, malformed, too long, or has
            control characters, which RFC 7617 forbids in names and passwords (section 2).
        """
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "basic" or len(token) > _MAX_LENGTH:
            return None
        try:
            content = base64.b64decode(token.strip(" "), validate=True)
        except (binascii.Error, ValueError):  # the latter for a token that is not ASCII
            return None
        try:
            text = content.decode()
        except UnicodeDecodeError:
            text = content.decode("iso-8859-1")
        user, colon, password = text.partition(":")
        if not colon or any(map(is_control, text)):
            return None
        return cls(user, password)


def is_control(character: str) -> bool:
    """Whether this is a control character of ASCII or ISO-8859-1."""
    return character < " " or "\x7f" <= character <= "\x9f"
