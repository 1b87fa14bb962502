"""What can go wrong at the edge: one tree. No message has a password, a salt or a hash in it."""


class AuthError(Exception):
    """The root of all errors that the functions at the edge raise themselves."""


class DeploymentError(AuthError):
    """The function's name does not say whose users it checks; every answer is 503 until it does."""


class RecordError(AuthError):
    """A user's record cannot be used; this user cannot log in, the others can."""


class StoreError(AuthError):
    """The Parameter Store refused or failed. Nothing may be concluded about any user."""


class UserExistsError(StoreError):
    """There is a user of this name already."""


class UserMissingError(StoreError):
    """There is no user of this name."""


class UsersUnavailableError(AuthError):
    """Nobody can say at present who may come in: neither "let in" nor "wrong password"."""


class UpstreamError(AuthError):
    """The settings of the upstream cannot be used; no request is redirected."""
