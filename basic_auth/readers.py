"""Check the credentials of readers: a token for the user `aws`, a password for all others."""

import contextlib
import time
from collections.abc import Callable
from typing import Final

from basic_auth.authenticator import Authenticator
from basic_auth.credentials import Credentials
from basic_auth.directory import Directory, Store
from basic_auth.errors import UnavailableError
from basic_auth.key_sets import KeySets
from basic_auth.prefixes import Prefixes
from basic_auth.token_verifier import TokenVerifier
from basic_auth.tokens import looks_like_token

TOKEN_USER: Final = "aws"  # noqa: S105 - a name, not a secret
"""The user whose password may be a token. Other passwords of this user are checked as usual."""


class Readers:
    """The readers of one index; one instance serves a container for its lifetime."""

    def __init__(
        self,
        store: Store,
        domain: str,
        fetch: Callable[[str], bytes],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Create the readers without reading anything.

        Args:
            store: Where the users and issuers are stored.
            domain: The domain of the index.
            fetch: Fetches an issuer's key set, such as `key_fetch.fetch`.
            clock: Returns epoch seconds.
        """
        self._directory = Directory(store, domain, clock)
        self._key_sets = KeySets(fetch, clock)
        self._passwords = Authenticator(self._directory.user)
        self._tokens = TokenVerifier(self._directory.issuers, self._key_sets, clock)

    def start(self) -> None:
        """Read the users, the issuers and their key sets; failures are not raised."""
        with contextlib.suppress(UnavailableError):
            issuers = self._directory.issuers().values()
            self._key_sets.start(issuer.keys_url for issuer in issuers)

    def prefixes(self, credentials: Credentials) -> Prefixes | None:
        """Check credentials.

        Args:
            credentials: The credentials that the client sent.

        Returns:
            The prefixes that the reader may read; None if the password is wrong or the user
            unknown.

        Raises:
            TokenError: The token is rejected.
            UnavailableError: The credentials cannot be checked at the moment.
        """
        if credentials.user == TOKEN_USER and looks_like_token(credentials.password):
            return self._tokens.prefixes(credentials.password)
        return self._passwords.prefixes(credentials)
