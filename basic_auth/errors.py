"""What can go wrong at the edge: one tree. No message has a password, a hash or a token in it."""


class AuthError(Exception):
    """The root of all errors that the functions at the edge raise themselves."""


class DeploymentError(AuthError):
    """The function's name does not say whose users it checks; every answer is 503 until it does."""


class RecordError(AuthError):
    """The record of a user or an issuer cannot be used; the others can."""


class TokenError(AuthError):
    """A token is refused. The message says why, and has no part of the token in it."""


class KeySetError(AuthError):
    """An issuer's key set cannot be read."""


class StoreError(AuthError):
    """The Parameter Store refused or failed. Nothing may be concluded about any user."""


class UserExistsError(StoreError):
    """There is a user of this name already."""


class UserMissingError(StoreError):
    """There is no user of this name."""


class UnavailableError(AuthError):
    """It cannot be known at present who may read: neither "let in" nor "wrong password".

    Attributes:
        retry_seconds: When to try again.
    """

    def __init__(self, message: str, retry_seconds: int = 2) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class UsersUnavailableError(UnavailableError):
    """The users and issuers cannot be read."""


class KeysUnavailableError(UnavailableError):
    """A token names a key that is not known, and the issuer's key set cannot be read."""


class UpstreamError(AuthError):
    """The settings of the upstream cannot be used; no request is redirected."""
