"""The command line: what can be asked."""

import argparse
import itertools
import math
import sys
from collections.abc import Mapping, Sequence

from s3pypi import __version__
from s3pypi.environment import fill
from s3pypi.errors import UsageError
from s3pypi.markers import MEANINGS
from s3pypi.options import (
    add_account,
    add_bucket,
    add_endpoint,
    add_file,
    add_function,
    add_name,
    add_reason,
    add_release,
    add_retired,
    flag,
)

WAIT = 120
EPILOG = """\
Every option can come from the environment: --s3-put-args from S3PYPI_S3_PUT_ARGS, --strict from
S3PYPI_STRICT=1. The command line wins.

exit codes:
  0    done
  1    a problem; what was done and what was not is said; of verify also: there are differences
  2    the command line or a variable makes no sense; nothing was done
  3    --wait did not see each file on the index with its own content
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
    verbose = flag(parser, "-v", "--verbose", what="say more about what goes wrong")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (what, add) in COMMANDS.items():
        command = _styled(commands.add_parser(name, help=what, description=what))
        command.set_defaults(parser=command, options=[verbose, *add(command)], retired=())
        # Without a default, or it would undo a `-v` that stands before the command.
        flag(command, "-v", "--verbose", default=argparse.SUPPRESS, what="the same")
    args = parser.parse_args(_with_bare_wait(argv))
    if args.command == "status" and args.reason is not None and not args.status:
        args.parser.error("argument --reason: it goes with a STATUS to set")
    try:
        fill(args, args.options, environ)
    except UsageError as error:
        args.parser.error(str(error))
    for flags, name in (("-b/--bucket", "bucket"), ("--function", "function")):
        if not getattr(args, name, "not asked for"):
            variable = f"S3PYPI_{name.upper()}"
            args.parser.error(f"the following arguments are required: {flags} (or {variable})")
    return args


def _styled(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.allow_abbrev = False
    return parser


class _Version(argparse.Action):
    """Print the version; argparse's own action would look it up for every command."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        # As argparse prints its help: without an error where there is no output.
        parser._print_message(f"s3pypi {__version__}\n", sys.stdout)  # noqa: SLF001
        parser.exit()


def _add_upload(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    add = parser.add_argument
    add("dist", nargs="+", metavar="DIST", help="a wheel or sdist; usually dist/*")
    taken = parser.add_mutually_exclusive_group()
    add_retired(parser)
    return [
        *add_bucket(parser),
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
        add("-j", "--jobs", type=_count, metavar="N", help="requests at a time (default: 16)"),
    ]


def _add_delete(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    add_release(parser)
    add_retired(parser)
    return add_bucket(parser)


def _add_yank(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    parser.description = (
        "Yank the files of a version: they stay where they are, and installers take them only\n"
        "when asked for exactly this version. Yanking again replaces the reason."
    )
    add_release(parser)
    return [*add_bucket(parser), add_reason(parser), add_file(parser)]


def _add_unyank(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    add_release(parser)
    return [*add_bucket(parser), add_file(parser)]


def _add_status(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    meanings = "".join(f"  {status:<12} {meaning}\n" for status, meaning in MEANINGS.items())
    parser.description = (
        f"Show a project's status, or set it to one of these (PEP 792):\n\n{meanings}\n"
        "The status is on the project's page; only quarantined changes what can be installed."
    )
    add_name(parser)
    parser.add_argument(
        "status", nargs="?", choices=[*MEANINGS], metavar="STATUS", help="to set; or it is shown"
    )
    return [*add_bucket(parser), add_reason(parser)]


def _add_verify(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    parser.description = (
        "Have the indexer compare its pages with the files in the bucket, and print each\n"
        "difference. Nothing is changed. It needs lambda:InvokeFunction, and no access to S3."
    )
    return [
        *add_function(parser),
        flag(parser, "--json", what="print the function's answer as JSON"),
    ]


def _add_rebuild(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    parser.description = (
        "Have the indexer write its pages anew from the files in the bucket, and wait until it is\n"
        "done. Uploads may go on. It needs lambda:InvokeFunction, and no access to S3."
    )
    return [
        *add_function(parser),
        flag(parser, "--fresh", what="look into every file again, also into those that are known"),
        flag(parser, "--no-wait", what="return when the work is in the queue"),
    ]


def _add_force_unlock(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    add = parser.add_argument
    add("table", metavar="TABLE", help="the DynamoDB table of the leases")
    add("lock_id", metavar="LOCK_ID", help="such as bucket/prefix/project")
    return [*add_account(parser), add_endpoint(parser)]


COMMANDS = {
    "upload": ("Upload distributions.", _add_upload),
    "delete": ("Delete all files of a version.", _add_delete),
    "yank": ("Keep installers from choosing a version.", _add_yank),
    "unyank": ("Undo `yank`.", _add_unyank),
    "status": ("Show or set a project's status.", _add_status),
    "verify": ("Compare the index with the bucket.", _add_verify),
    "rebuild": ("Regenerate the index from the bucket.", _add_rebuild),
    "force-unlock": ("Release a stuck lease.", _add_force_unlock),
}


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
