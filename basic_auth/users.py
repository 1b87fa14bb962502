"""Create and describe the records of users, for `put_user.py`. Not part of the edge functions."""

from basic_auth.credentials import is_control
from basic_auth.errors import AuthError, RecordError
from basic_auth.parameters import ParameterStore
from basic_auth.passwords import SALT_BYTES, Record, hash_password
from basic_auth.prefixes import EVERYTHING, Prefixes

MAX_USERS = 100
"""The maximum number of users: the edge function reads all records twice a minute, in tens."""

_MAX_LENGTH = 1024


class PasswordError(AuthError):
    """The password cannot be used."""


def put_user(
    store: ParameterStore,
    user: str,
    password: str,
    *,
    overwrite: bool = False,
    salt_bytes: int = SALT_BYTES,
    prefixes: Prefixes = EVERYTHING,
) -> None:
    """Store a user's record.

    Args:
        store: The store to write to.
        user: A user name that `names.is_user` accepts.
        password: The password.
        overwrite: Whether to replace an existing user.
        salt_bytes: The number of random bytes in the salt.
        prefixes: The prefixes that the user may read.

    Raises:
        PasswordError: The password is empty, too long or has control characters.
        UserExistsError: The user exists, and `overwrite` is false.
        StoreError: The record cannot be written.
    """
    if not password or len(password) > _MAX_LENGTH or any(map(is_control, password)):
        raise PasswordError(
            f"A password has 1 to {_MAX_LENGTH} characters and no control characters (RFC 7617)."
        )
    record = hash_password(password, salt_bytes, prefixes)
    store.put(user, record.to_json(), overwrite=overwrite)


def current_prefixes(record: str | None) -> Prefixes:
    """Return the prefixes of a stored record, which a new password keeps by default.

    Args:
        record: The stored record; None for a new user, who may read the whole index.

    Raises:
        RecordError: The record is invalid.
    """
    if record is None:
        return EVERYTHING
    try:
        return Record.parse(record).prefixes
    except RecordError as error:
        raise RecordError(
            f"The user's record is invalid, so the user's prefixes are unknown. {error}"
            " Set them with --prefix; --prefix / is the whole index."
        ) from error


def describe(record: str) -> str:
    """Return a one-line description of a stored record, without the hash."""
    try:
        parsed = Record.parse(record)
    except RecordError as error:
        return f"invalid: {error} Replace it with --overwrite."
    kind = "old (salted SHA-1): replace it with --overwrite" if parsed.is_old else "scrypt"
    if parsed.prefixes == EVERYTHING:
        return kind
    return f"{kind}\t{' '.join(parsed.prefixes.to_json())}"
