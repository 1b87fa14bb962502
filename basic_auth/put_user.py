#!/usr/bin/env python3
"""Add, change, remove and list the users of an index; see docs/users.md.

Run it from a checkout, with boto3 installed: `basic_auth/put_user.py pypi.example.com alice`.
"""

import argparse
import getpass
import secrets
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - the system's Python may be older
    sys.exit("error: put_user.py needs Python 3.11 or later")
if not __package__:
    # As a script. Its own directory goes: its modules could hide others of the same names.
    _HERE = Path(__file__).resolve().parent
    _others = [each for each in sys.path if Path(each).resolve() != _HERE]
    sys.path[:] = [str(_HERE.parent), *_others]
if find_spec("boto3") is None:
    sys.exit("error: boto3 is not installed for this Python: pip install boto3")

from basic_auth.credentials import is_control
from basic_auth.errors import AuthError, RecordError, UserExistsError
from basic_auth.names import is_domain, is_user
from basic_auth.parameters import ParameterStore
from basic_auth.passwords import (
    MAX_SALT_BYTES,
    MIN_SALT_BYTES,
    SALT_BYTES,
    Record,
    hash_password,
)
from basic_auth.prefixes import EVERYTHING, Prefixes, union

MAX_USERS = 100
"""The function at the edge reads all of them twice a minute, ten by each request."""

_SHORT = 15
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
    """Store a user.

    Args:
        store: Where.
        user: A name that `names.is_user` accepts.
        password: The password.
        overwrite: Whether there may be such a user already.
        salt_bytes: How many random bytes to make the salt of.
        prefixes: What the user may read.

    Raises:
        PasswordError: No client could send this password.
        UserExistsError: There is such a user already.
        StoreError: It cannot be stored.
    """
    if not password or len(password) > _MAX_LENGTH or any(map(is_control, password)):
        raise PasswordError(
            f"A password has 1 to {_MAX_LENGTH} characters and no control characters (RFC 7617)."
        )
    record = hash_password(password, salt_bytes, prefixes)
    store.put(user, record.to_json(), overwrite=overwrite)


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0 when it is done, 1 when it could not be, 2 for wrong arguments.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    if not is_domain(options.domain):
        parser.error(f"{options.domain!r} is no domain: give its name in lower case")
    if (options.user is None) != options.list:
        parser.error("give the name of a user, or --list without one")
    if options.user is not None and not is_user(options.user):
        parser.error(
            f"{options.user!r} cannot be a user's name: it has 1 to 128 letters, digits, dots,"
            " hyphens and underscores"
        )
    if options.delete and (options.overwrite or options.password_stdin or options.random_password):
        parser.error("--delete takes no password and overwrites nothing")
    if options.prefix and (options.delete or options.list):
        parser.error("--prefix is for adding or changing a user")
    try:
        return _run(options)
    except UserExistsError:
        return _fail(f"There is a user {options.user} already; --overwrite replaces the password.")
    except (AuthError, EOFError, UnicodeError) as error:
        return _fail(str(error) or "There is no password on the standard input.")
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    store = ParameterStore.connect(options.domain, profile=options.profile)
    if options.list:
        for user, text in sorted(store.users().items()):
            print(f"{user}\t{_kind(text)}")  # noqa: T201 - the command's output
        return 0
    if options.delete:
        store.delete(options.user)
        _say(f"Removed {options.user}; the password is refused within a minute.")
        return 0
    users = store.users()
    if options.user not in users and len(users) >= MAX_USERS:
        return _fail(
            f"There are {len(users)} users already, and the function at the edge reads all of them"
            " twice a minute: remove some, or share one among those who share their fate."
        )
    prefixes = union(options.prefix or [_prefixes(users.get(options.user))])
    password = _password(options)
    put_user(
        store,
        options.user,
        password,
        overwrite=options.overwrite,
        salt_bytes=options.salt_nbytes,
        prefixes=prefixes,
    )
    if options.random_password:
        print(password)  # noqa: T201 - the command's output
    elif len(password) < _SHORT:
        _say(f"warning: fewer than {_SHORT} characters; --random-password makes a better one")
    if max(password) > "\xff":
        _say("warning: pip sends only characters of ISO-8859-1, and fails with this password")
    _say(f"Stored {options.user}; an older password is refused within a minute.")
    return 0


def _password(options: argparse.Namespace) -> str:
    if options.random_password:
        return secrets.token_urlsafe(options.random_password)
    if options.password_stdin:
        return sys.stdin.read().removesuffix("\n").removesuffix("\r")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise PasswordError("The two passwords differ; nothing was stored.")
    return password


def _prefixes(record: str | None) -> Prefixes:
    """What a new password may read when nothing is said: what the old one could."""
    if record is None:
        return EVERYTHING
    try:
        return Record.parse(record).prefixes
    except RecordError as error:
        raise RecordError(
            f"The user's record is unusable, so that it does not say what they may read. {error}"
            " Say it with --prefix; --prefix / is the whole index."
        ) from error


def _kind(text: str) -> str:
    try:
        record = Record.parse(text)
    except RecordError as error:
        return f"unusable: {error} Replace it with --overwrite."
    kind = "old (salted SHA-1): replace it with --overwrite" if record.is_old else "scrypt"
    if record.prefixes == EVERYTHING:
        return kind
    return f"{kind}\t{' '.join(record.prefixes.to_json())}"


def _prefix(text: str) -> Prefixes:
    try:
        return Prefixes.parse([text])
    except RecordError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _number(minimum: int, maximum: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not minimum <= int(text) <= maximum:
            raise argparse.ArgumentTypeError(f"give a number from {minimum} to {maximum}")
        return int(text)

    return number


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - the command's output


def _fail(text: str) -> int:
    _say(f"error: {text}")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="put_user.py", description="Add, change, remove and list the users of an index."
    )
    parser.add_argument("domain", help="the index's, such as pypi.example.com")
    parser.add_argument("user", nargs="?", help="the user's name")
    password = parser.add_mutually_exclusive_group()
    password.add_argument(
        "--password-stdin", action="store_true", help="read the password from the standard input"
    )
    password.add_argument(
        "--random-password",
        metavar="N",
        type=_number(8, 512),
        help="make a password of N random bytes and print it; 24 are plenty",
    )
    parser.add_argument(
        "--salt-nbytes",
        metavar="N",
        type=_number(MIN_SALT_BYTES, MAX_SALT_BYTES),
        default=SALT_BYTES,
        help="how many random bytes to make the salt of (default: %(default)s)",
    )
    parser.add_argument(
        "--prefix",
        metavar="PREFIX",
        type=_prefix,
        action="append",
        help="what the user may read, such as team/; / is the whole index; may be repeated",
    )
    parser.add_argument("--overwrite", action="store_true", help="change a user who is there")
    parser.add_argument("--delete", action="store_true", help="remove the user")
    parser.add_argument("--list", action="store_true", help="list the users, and old records")
    parser.add_argument("--profile", help="of AWS's configuration files")
    return parser


if __name__ == "__main__":
    sys.exit(main())
