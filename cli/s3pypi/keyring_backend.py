"""A keyring backend that gives pip, uv and poetry an AWS token as the password of the user `aws`.

It is registered by the entry point `keyring.backends`. It responds for the hosts in S3PYPI_HOSTS,
and for any other host if the user is `aws`. Only the host is compared, because some clients pass
the URL of the index and others that of a file.
"""

import os
import sys
import time
from typing import Final, Never

from keyring.backend import KeyringBackend
from keyring.credentials import SimpleCredential
from keyring.errors import PasswordDeleteError, PasswordSetError

from s3pypi.command_line.targets import Account
from s3pypi.errors import S3PyPIError, UsageError
from s3pypi.hosts import configured_hosts, parse_host

USER: Final = "aws"
"""The user whose password is a token."""

_SPARE_SECONDS = 60
"""A token that expires within this time is replaced."""

_AWS = ".amazonaws.com"
"""The domain of CodeArtifact, which uses the same user name with other tokens."""


class TokenBackend(KeyringBackend):
    """Returns AWS tokens as passwords, and caches them in the process."""

    priority = 9.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._known: dict[str, tuple[str, float]] = {}
        self._failed: set[str] = set()

    def get_password(self, service: str, username: str | None) -> str | None:
        """Return a token, if the service is an index.

        Args:
            service: A URL, or a host with or without a port.
            username: The user name; None if the client does not have one.

        Returns:
            The token; None if the service is another one, or if AWS refuses to issue a token.
            The reason is printed once.
        """
        try:
            host = parse_host(service)
            if not _serves(host, username):
                return None
        except UsageError:
            return None
        if host in self._failed:
            return None
        token, expires = self._known.get(host, ("", 0.0))
        if expires - time.time() < _SPARE_SECONDS:
            try:
                found = Account(None, None, None).token(host)
            except S3PyPIError as error:
                self._failed.add(host)
                sys.stderr.write(f"s3pypi: error: {error}\n")
                return None
            token, expires = found.text, found.expires
            self._known[host] = token, expires
        return token

    def get_credential(self, service: str, username: str | None) -> SimpleCredential | None:
        """Return the user `aws` and a token; see `get_password`."""
        token = self.get_password(service, username)
        return SimpleCredential(USER, token) if token else None

    def set_password(self, service: str, username: str, password: str) -> Never:  # noqa: ARG002
        """Refuse to store a password, so that keyring uses the next backend."""
        raise PasswordSetError("AWS tokens are not stored")

    def delete_password(self, service: str, username: str) -> Never:  # noqa: ARG002
        """Refuse to delete a password, because none is stored."""
        raise PasswordDeleteError("AWS tokens are not stored")


def _serves(host: str, username: str | None) -> bool:
    if username not in {None, USER} or host.endswith(_AWS):
        return False
    return username == USER or host in configured_hosts(os.environ)
