"""What the bearer of a token may read."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping

from basic_auth.errors import TokenError
from basic_auth.issuers import Issuer
from basic_auth.key_sets import KeySets
from basic_auth.prefixes import Prefixes
from basic_auth.recent import Recent
from basic_auth.tokens import Identity, Token


class TokenVerifier:
    """Checks tokens, for the life of a container.

    What a token proves is remembered by a keyed hash (HMAC-SHA-256) of the token; the key is random
    and never leaves the container. The token's lifetime, its issuer and the rules about its subject
    are checked each time, so that a rule that is removed ends what it allowed.
    """

    def __init__(
        self,
        issuers: Callable[[], Mapping[str, Issuer]],
        key_sets: KeySets,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Describe the check.

        Args:
            issuers: Gives the issuers, by their URLs, such as `Directory.issuers`.
            key_sets: The issuers' keys.
            clock: Epoch seconds.
        """
        self._issuers = issuers
        self._key_sets = key_sets
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._proved: Recent[Identity] = Recent()

    def prefixes(self, text: str) -> Prefixes:
        """Check a token.

        Args:
            text: The token.

        Returns:
            What its bearer may read; nothing if no rule is about its subject.

        Raises:
            TokenError: The token is refused.
            UnavailableError: It cannot be known at present.
        """
        issuers = self._issuers()
        mark = hmac.digest(self._secret, text.encode(), hashlib.sha256)
        identity = self._proved.get(mark)
        if identity is None:
            identity = self._prove(text, issuers)
            self._proved.add(mark, identity)
        identity.check_time(self._clock())
        return _issuer(issuers, identity.issuer).prefixes(identity.subject)

    def _prove(self, text: str, issuers: Mapping[str, Issuer]) -> Identity:
        token = Token.parse(text)
        issuer = _issuer(issuers, token.issuer)
        key = self._key_sets.find(issuer.keys_url, token.key_id)
        if key is None:
            raise TokenError("its issuer has no such key")
        identity = token.verified(key, issuer.audience)
        identity.check_time(self._clock())  # what has expired is not remembered
        return identity


def _issuer(issuers: Mapping[str, Issuer], url: str) -> Issuer:
    try:
        return issuers[url]
    except KeyError:
        raise TokenError("its issuer is not one of this index's") from None
