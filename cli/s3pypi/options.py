"""The arguments and options that several commands share."""

import argparse
from collections.abc import Callable
from importlib import import_module

from s3pypi.errors import UsageError
from s3pypi.markers import MAX_REASON


class _Retired(argparse.Action):
    """Note an option that 2.x had, so that the user can be told who does this now."""

    def __call__(
        self, _parser: argparse.ArgumentParser, namespace: argparse.Namespace, *_: object
    ) -> None:
        namespace.retired = [*namespace.retired, self.option_strings[0]]


def add_name(parser: argparse.ArgumentParser) -> None:
    """Add the project."""
    name = _by("values", "parse_project")
    parser.add_argument("name", type=name, metavar="NAME", help="the project's name")


def add_release(parser: argparse.ArgumentParser) -> None:
    """Add the project and its version."""
    add_name(parser)
    release = _by("values", "parse_version")
    parser.add_argument("release", type=release, metavar="VERSION", help="the version")


def add_reason(parser: argparse.ArgumentParser) -> argparse.Action:
    """Add why a marker is put."""
    return parser.add_argument(
        "--reason",
        type=_by("values", "parse_reason"),
        help=f"for people, in one line of at most {MAX_REASON} characters",
    )


def add_file(parser: argparse.ArgumentParser) -> argparse.Action:
    """Add which of a version's files are meant."""
    return parser.add_argument(
        "--file",
        action="extend",
        dest="filenames",
        metavar="FILE",
        # A list, so that the variable of this option makes one too.
        type=lambda text: [text],
        help="the name of one of the version's files, by default all; may be given several times",
    )


def add_account(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Add what all commands that touch AWS have."""
    return [
        parser.add_argument("--profile", help="the profile of the AWS configuration to use"),
        parser.add_argument("--region", help="the AWS region"),
    ]


def add_endpoint(parser: argparse.ArgumentParser) -> argparse.Action:
    """Add where the one service is that a command uses, which is not S3."""
    what = "of a service that is not AWS's"
    return parser.add_argument("--endpoint-url", metavar="URL", help=what)


def add_index(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Add what all commands that are about an index have."""
    add = parser.add_argument
    return [
        add("-b", "--bucket", help="the S3 bucket; required"),
        add("--prefix", type=_by("values", "parse_prefix"), help="of the index in the bucket"),
        *add_account(parser),
    ]


def add_function(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Add what all commands that the indexer carries out have."""
    parser.add_argument(
        "names",
        nargs="*",
        type=_by("values", "parse_project"),
        metavar="NAME",
        help="a project of the index; by default all, and the indexes below the prefix as well",
    )
    what = "the indexer's Lambda function, such as s3pypi-indexer; required"
    return [
        parser.add_argument("--function", metavar="FUNCTION", help=what),
        *add_index(parser),
        add_endpoint(parser),
    ]


def add_bucket(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Add what all commands that touch the bucket have."""
    add = parser.add_argument
    return [
        *add_index(parser),
        flag(parser, "--no-sign-request", what="send no credentials"),
        add("--s3-endpoint-url", metavar="URL", help="of a service that is not AWS's"),
        add(
            "--s3-put-args",
            type=_by("aws.put_args", "parse_put_args"),
            metavar="K=V,...",
            help="more parameters of PutObject: ServerSideEncryption=aws:kms,SSEKMSKeyId=1234",
        ),
        flag(parser, "--dry-run", what="change nothing, say what would happen"),
    ]


def add_retired(parser: argparse.ArgumentParser) -> None:
    """Add what the commands of 2.x had."""
    retired = parser.add_argument_group("options of 2.x, without effect: the indexer does this now")
    for each in ("--index.html", "--put-root-index", "--lock-indexes"):
        retired.add_argument(each, action=_Retired, nargs=0)
    retired.add_argument("--locks-table", action=_Retired, metavar="TABLE")


def flag(
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
