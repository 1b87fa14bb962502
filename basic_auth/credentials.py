"""The Authorization header of HTTP's basic authentication (RFC 7617); pure."""

import base64
import binascii
from dataclasses import dataclass, field

# Base64 of a token's `tokens.MAX_LENGTH` bytes, with the name before it.
_MAX_LENGTH = 8192


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and a password, not yet checked.

    Attributes:
        user: The user name; contains no colon.
        password: The decoded password; may contain colons, but no control characters.
    """

    user: str
    password: str = field(repr=False)

    @classmethod
    def parse(cls, header: str) -> "Credentials | None":
        """Parse the value of an Authorization header.

        The challenge asks for UTF-8 (`charset`). Bytes that are not valid UTF-8 are decoded as
        ISO-8859-1, because pip sends ISO-8859-1 whenever it can.

        Args:
            header: The value, such as `Basic YWxpY2U6c2VjcmV0`. The scheme is case-insensitive.

        Returns:
            The credentials; None if the header uses another scheme, is malformed or too long, or
            contains control characters, which RFC 7617 (section 2) forbids.
        """
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "basic" or len(token) > _MAX_LENGTH:
            return None
        try:
            content = base64.b64decode(token.strip(" "), validate=True)
        except (binascii.Error, ValueError):  # ValueError if it is not ASCII
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
    """Return whether a character is a control character of ASCII or ISO-8859-1."""
    return character < " " or "\x7f" <= character <= "\x9f"
