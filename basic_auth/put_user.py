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
    # As a script. Remove its own directory, whose modules could shadow others of the same names.
    _HERE = Path(__file__).resolve().parent
    _others = [each for each in sys.path if Path(each).resolve() != _HERE]
    sys.path[:] = [str(_HERE.parent), *_others]
if find_spec("boto3") is None:
    sys.exit("error: boto3 is not installed for this Python: pip install boto3")

from basic_auth.errors import AuthError, RecordError, UserExistsError
from basic_auth.names import is_domain, is_user
from basic_auth.parameters import ParameterStore
from basic_auth.passwords import MAX_SALT_BYTES, MIN_SALT_BYTES, SALT_BYTES
from basic_auth.prefixes import Prefixes, union
from basic_auth.users import MAX_USERS, PasswordError, current_prefixes, describe, put_user

_SHORT = 15


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; by default, those of the process.

    Returns:
        The exit code: 0 for success, 1 for an error, 2 for a usage error.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    if not is_domain(options.domain):
        parser.error(f"{options.domain!r} is not a domain name in lower case")
    if (options.user is None) != options.list:
        parser.error("name a user, or use --list without a user")
    if options.user is not None and not is_user(options.user):
        parser.error(
            f"{options.user!r} is not a valid user name: use 1 to 128 letters, digits, dots,"
            " hyphens and underscores"
        )
    if options.delete and (options.overwrite or options.password_stdin or options.random_password):
        parser.error("--delete cannot be used with a password option or --overwrite")
    if options.prefix and (options.delete or options.list):
        parser.error("--prefix can only be used to add or change a user")
    try:
        return _run(options)
    except UserExistsError:
        return _fail(f"User {options.user} already exists; --overwrite replaces the password.")
    except (AuthError, EOFError, UnicodeError) as error:
        return _fail(str(error) or "Standard input contains no password.")
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    store = ParameterStore.connect(options.domain, profile=options.profile)
    if options.list:
        for user, text in sorted(store.users().items()):
            print(f"{user}\t{describe(text)}")  # noqa: T201 - the command's output
        return 0
    if options.delete:
        store.delete(options.user)
        _say(f"Removed {options.user}; the password stops working within a minute.")
        return 0
    users = store.users()
    if options.user not in users and len(users) >= MAX_USERS:
        return _fail(
            f"There are already {len(users)} users, which is the limit. Remove users that are no"
            " longer needed, or share one user among machines of the same kind."
        )
    prefixes = union(options.prefix or [current_prefixes(users.get(options.user))])
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
        _say(f"warning: fewer than {_SHORT} characters; consider --random-password")
    if max(password) > "\xff":
        _say("warning: pip only supports ISO-8859-1 in passwords, so it fails with this one")
    _say(f"Stored {options.user}; a previous password stops working within a minute.")
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


def _prefix(text: str) -> Prefixes:
    try:
        return Prefixes.parse([text])
    except RecordError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _number(minimum: int, maximum: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not minimum <= int(text) <= maximum:
            raise argparse.ArgumentTypeError(f"use a number from {minimum} to {maximum}")
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
    parser.add_argument("domain", help="the domain of the index, such as pypi.example.com")
    parser.add_argument("user", nargs="?", help="the user name")
    password = parser.add_mutually_exclusive_group()
    password.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input"
    )
    password.add_argument(
        "--random-password",
        metavar="N",
        type=_number(8, 512),
        help="generate a password of N random bytes and print it; 24 are enough",
    )
    parser.add_argument(
        "--salt-nbytes",
        metavar="N",
        type=_number(MIN_SALT_BYTES, MAX_SALT_BYTES),
        default=SALT_BYTES,
        help="the number of random bytes in the salt (default: %(default)s)",
    )
    parser.add_argument(
        "--prefix",
        metavar="PREFIX",
        type=_prefix,
        action="append",
        help="a prefix that the user may read, such as team/; / is the whole index; repeatable",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an existing user")
    parser.add_argument("--delete", action="store_true", help="remove the user")
    parser.add_argument(
        "--list", action="store_true", help="list all users and their records' formats"
    )
    parser.add_argument("--profile", help="the profile in the AWS configuration")
    return parser


if __name__ == "__main__":
    sys.exit(main())
