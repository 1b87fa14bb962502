"""The exceptions of the edge functions. No message contains a password, a hash or a token."""


class AuthError(Exception):
    """The base class of all exceptions of the edge functions."""


class DeploymentError(AuthError):
    """The function's name does not contain a domain; until it does, every response is 503."""


class RecordError(AuthError):
    """The stored record of a user or an issuer is invalid; other records are not affected."""


class TokenError(AuthError):
    """A token is rejected. The message gives the reason without quoting the token."""


class KeySetError(AuthError):
    """An issuer's key set cannot be read."""


class StoreError(AuthError):
    """A request to Parameter Store failed."""


class UserExistsError(StoreError):
    """The user already exists."""


class UserMissingError(StoreError):
    """The user does not exist."""


class UnavailableError(AuthError):
    """Credentials cannot be checked at the moment, so access is neither granted nor denied.

    Attributes:
        retry_seconds: How long the client should wait before it retries.
    """

    def __init__(self, message: str, retry_seconds: int = 2) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class UsersUnavailableError(UnavailableError):
    """The users and issuers cannot be read."""


class KeysUnavailableError(UnavailableError):
    """A token's signing key is unknown, and the issuer's key set cannot be read."""


class UpstreamError(AuthError):
    """The settings of the upstream are invalid; no request is redirected."""
