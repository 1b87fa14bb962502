"""The command line: what can be asked."""

import argparse
import itertools
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from s3pypi import version
from s3pypi.environment import fill
from s3pypi.errors import UsageError

WAIT = 120
EPILOG = """\
Every option can come from the environment: --s3-put-args from S3PYPI_S3_PUT_ARGS, --strict from
S3PYPI_STRICT=1. The command line wins.

exit codes:
  0    done
  1    a problem; what was done and what was not is said
  2    the command line or a variable makes no sense; nothing was done
  3    uploaded, but --wait did not see it on the index
  4    uploaded, but --wait saw that the index refuses it
  130  interrupted
"""


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> argparse.Namespace:
    """Return the command and its options; what neither `argv` nor `environ` sets is None.

    Raises:
        SystemExit: With 2 when they make no sense, with 0 after `--help` and `--version`.
    """
    what = "Put Python packages into an S3 bucket that a Lambda function indexes."
    parser = _styled(argparse.ArgumentParser(prog="s3pypi", description=what))
    parser.add_argument("-V", "--version", action=_Version, nargs=0, help="print the version")
    verbose = _flag(parser, "-v", "--verbose", what="say more about what goes wrong")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (what, add) in COMMANDS.items():
        command = _styled(commands.add_parser(name, help=what, description=what))
        command.set_defaults(parser=command, options=[verbose, *add(command)], retired=())
        # Without a default, or it would undo a `-v` that stands before the command.
        _flag(command, "-v", "--verbose", default=argparse.SUPPRESS, what="the same")
    args = parser.parse_args(_with_bare_wait(argv))
    try:
        fill(args, args.options, environ)
    except UsageError as error:
        args.parser.error(str(error))
    if not getattr(args, "bucket", "not asked for"):
        args.parser.error("the following arguments are required: -b/--bucket (or S3PYPI_BUCKET)")
    return args


def _styled(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.allow_abbrev = False
    return parser


class _Version(argparse.Action):
    """Print the version; argparse's own action would look it up for every command."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        sys.stdout.write(f"s3pypi {version()}\n")
        parser.exit()


class _Retired(argparse.Action):
    """Note an option that 2.x had, so that the user can be told who does this now."""

    def __call__(
        self, _parser: argparse.ArgumentParser, namespace: argparse.Namespace, *_: object
    ) -> None:
        namespace.retired = [*namespace.retired, self.option_strings[0]]


def _add_upload(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    add = parser.add_argument
    add("dist", nargs="+", metavar="DIST", help="a wheel or sdist; usually dist/*")
    taken = parser.add_mutually_exclusive_group()
    return [
        *_add_bucket(parser),
        taken.add_argument(
            "--strict",
            action="store_const",
            dest="existing",
            const="strict",
            help="fail if a file is there already with other content; by default it is skipped",
        ),
        taken.add_argument(
            *("-f", "--force"),
            action="store_const",
            dest="existing",
            const="force",
            help="replace files that are there already",
        ),
        add(
            "--wait",
            type=_seconds,
            nargs="?",
            const=WAIT,
            metavar="SECONDS",
            help=f"return when the index lists the files, fail after SECONDS (default: {WAIT})",
        ),
        add("-j", "--jobs", type=_count, metavar="N", help="requests at a time (default: 8)"),
    ]


def _add_delete(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    name, release = _by("filenames", "parse_project"), _by("filenames", "parse_version")
    parser.add_argument("name", type=name, metavar="NAME", help="the project's name")
    parser.add_argument("release", type=release, metavar="VERSION", help="the version")
    return _add_bucket(parser)


def _add_force_unlock(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    add = parser.add_argument
    add("table", metavar="TABLE", help="the DynamoDB table of the leases")
    add("lock_id", metavar="LOCK_ID", help="such as bucket/prefix/project")
    return [
        *_add_account(parser),
        add("--endpoint-url", metavar="URL", help="of a service that is not AWS's"),
    ]


COMMANDS = {
    "upload": ("Upload distributions.", _add_upload),
    "delete": ("Delete all files of a version.", _add_delete),
    "force-unlock": ("Release a stuck lease.", _add_force_unlock),
}


def _add_account(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [
        parser.add_argument("--profile", help="the profile of the AWS configuration to use"),
        parser.add_argument("--region", help="the AWS region"),
    ]


def _add_bucket(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Add what all commands that touch the bucket have."""
    add = parser.add_argument
    options = [
        add("-b", "--bucket", help="the S3 bucket; required"),
        add("--prefix", type=_by("layout", "parse_prefix"), help="of the index in the bucket"),
        *_add_account(parser),
        _flag(parser, "--no-sign-request", what="send no credentials"),
        add("--s3-endpoint-url", metavar="URL", help="of a service that is not AWS's"),
        add(
            "--s3-put-args",
            type=_by("put_args", "parse_put_args"),
            metavar="K=V,...",
            help="more parameters of PutObject: ServerSideEncryption=aws:kms,SSEKMSKeyId=1234",
        ),
        _flag(parser, "--dry-run", what="change nothing, say what would happen"),
    ]
    retired = parser.add_argument_group("options of 2.x, without effect: the indexer does this now")
    for flag in ("--index.html", "--put-root-index", "--lock-indexes"):
        retired.add_argument(flag, action=_Retired, nargs=0)
    retired.add_argument("--locks-table", action=_Retired, metavar="TABLE")
    return options


def _flag(
    parser: argparse.ArgumentParser, *flags: str, what: str, default: str | None = None
) -> argparse.Action:
    """Add an option without a value; None, not False, when it is not given."""
    return parser.add_argument(*flags, action="store_true", default=default, help=what)


def _by(module: str, function: str) -> Callable[[str], object]:
    """Return a type for argparse whose module is imported when it is needed."""

    def convert(text: str) -> object:
        try:
            return getattr(import_module(f"s3pypi.{module}"), function)(text)
        except UsageError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert


def _seconds(text: str) -> float:
    if not _is_number(text) or not 0 < float(text) < math.inf:
        raise argparse.ArgumentTypeError(f"not a number of seconds: {text!r}")
    return float(text)


def _count(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"not a count: {text!r}")
    return int(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _with_bare_wait(argv: Sequence[str]) -> list[str]:
    """Keep argparse from taking a file for the seconds in `--wait dist/*`."""
    return [
        f"--wait={WAIT}" if argument == "--wait" and not _is_number(after) else argument
        for argument, after in itertools.pairwise([*argv, ""])
    ]
