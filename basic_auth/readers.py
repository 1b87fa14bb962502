"""Who may read what: by a token as the password of one reserved user, by a password otherwise."""

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
"""The user whose password may be a token. A password that is no token is checked as any other."""


class Readers:
    """The readers of one index, for the life of a container."""

    def __init__(
        self,
        store: Store,
        domain: str,
        fetch: Callable[[str], bytes],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Describe the readers; nothing is read yet.

        Args:
            store: Where the users and issuers are kept.
            domain: The index's.
            fetch: Gets an issuer's key set, such as `key_fetch.fetch`.
            clock: Epoch seconds.
        """
        self._directory = Directory(store, domain, clock)
        self._key_sets = KeySets(fetch, clock)
        self._passwords = Authenticator(self._directory.user)
        self._tokens = TokenVerifier(self._directory.issuers, self._key_sets, clock)

    def start(self) -> None:
        """Read what the first request will need; never fails."""
        with contextlib.suppress(UnavailableError):
            issuers = self._directory.issuers().values()
            self._key_sets.start(issuer.keys_url for issuer in issuers)

    def prefixes(self, credentials: Credentials) -> Prefixes | None:
        """Check credentials.

        Args:
            credentials: What the client sent.

        Returns:
            What the reader may read; None if the password is wrong or there is no such user.

        Raises:
            TokenError: The token is refused.
            UnavailableError: It cannot be known at present.
        """
        if credentials.user == TOKEN_USER and looks_like_token(credentials.password):
            return self._tokens.prefixes(credentials.password)
        return self._passwords.prefixes(credentials)
