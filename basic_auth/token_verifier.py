"""Verify tokens, and return what their bearers may read."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping

from basic_auth.errors import TokenError
from basic_auth.issuers import Issuer
from basic_auth.key_sets import KeySets
from basic_auth.lru_cache import LruCache
from basic_auth.prefixes import Prefixes
from basic_auth.tokens import Identity, Token


class TokenVerifier:
    """Verifies tokens; one instance serves a container for its lifetime.

    Verified identities are cached by a keyed hash (HMAC-SHA-256) of the token. The key is random
    and never leaves the container. The lifetime, the issuer and the rules for the subject are
    checked each time, so that removing a rule takes effect at once.
    """

    def __init__(
        self,
        issuers: Callable[[], Mapping[str, Issuer]],
        key_sets: KeySets,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Create a verifier.

        Args:
            issuers: Returns the issuers by URL, such as `Directory.issuers`.
            key_sets: The issuers' keys.
            clock: Returns epoch seconds.
        """
        self._issuers = issuers
        self._key_sets = key_sets
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._verified: LruCache[Identity] = LruCache()

    def prefixes(self, text: str) -> Prefixes:
        """Verify a token.

        Args:
            text: The token.

        Returns:
            The prefixes that its bearer may read; `NOTHING` if no rule matches its subject.

        Raises:
            TokenError: The token is rejected.
            UnavailableError: The token cannot be verified at the moment.
        """
        issuers = self._issuers()
        cache_key = hmac.digest(self._secret, text.encode(), hashlib.sha256)
        identity = self._verified.get(cache_key)
        if identity is None:
            identity = self._verify(text, issuers)
            self._verified.add(cache_key, identity)
        identity.check_time(self._clock())
        return _issuer(issuers, identity.issuer).prefixes(identity.subject)

    def _verify(self, text: str, issuers: Mapping[str, Issuer]) -> Identity:
        token = Token.parse(text)
        issuer = _issuer(issuers, token.issuer)
        key = self._key_sets.find(issuer.keys_url, token.key_id)
        if key is None:
            raise TokenError("its issuer has no such key")
        identity = token.verified(key, issuer.audience)
        identity.check_time(self._clock())  # before the identity is cached
        return identity


def _issuer(issuers: Mapping[str, Issuer], url: str) -> Issuer:
    try:
        return issuers[url]
    except KeyError:
        raise TokenError("its issuer is not configured for this index") from None
