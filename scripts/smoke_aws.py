"""Check a deployed index and the behavior of AWS that it relies on, and print a table.

The checks use a scratch prefix in the bucket, which is removed at the end. They need the
credentials of an administrator of the deployment.
"""

import argparse
import re
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError  # noqa: TID251 - there is no adapter here

from scripts.smoke import account, edge, operations, pages, storage
from scripts.smoke.check import HEAD, outcomes, row
from scripts.smoke.stack import Stack, StackError
from scripts.smoke.world import World

CHECKS = (
    *account.CHECKS,
    *storage.CHECKS,
    *pages.CHECKS,
    *edge.CHECKS,
    *operations.CHECKS,
)


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0 if every check passed or was skipped, 1 if one failed, 2 for a usage error.
    """
    options = _parser().parse_args(argv)
    try:
        stack = Stack.read(options.stack)
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    world = World(
        stack=stack,
        endpoint=options.endpoint_url,
        edge=(options.edge_url or stack.index_url).rstrip("/"),
        uploads=options.uploads,
        login=options.login,
        terraform=options.terraform,
    )
    print(HEAD, flush=True)
    failed = 0
    try:
        chosen = [each for each in CHECKS if re.search(options.only, each.name)]
        for outcome in outcomes(chosen, world):
            print(row(outcome), flush=True)
            failed += outcome.result == "fail"
    finally:
        failed += not _clean_up(world)
    return 1 if failed else 0


def _clean_up(world: World) -> bool:
    try:
        print(f"\nRemoved {world.clean_up()} objects below {world.prefix}/.", flush=True)
    except (BotoCoreError, ClientError) as error:
        print(
            f"error: {world.prefix}/ in {world.stack.bucket} could not be removed: {error}\n"
            f"Remove it with: aws s3 rm --recursive s3://{world.stack.bucket}/{world.prefix}/",
            file=sys.stderr,
        )
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="smoke_aws", description=__doc__)
    add = parser.add_argument
    add(
        "--stack",
        type=Path,
        default=Path("terraform-outputs.json"),
        help="output of `terraform output -json` (default: %(default)s)",
    )
    add("--uploads", type=_positive, default=20, help="uploads to time (default: %(default)s)")
    add("--only", default="", metavar="REGEX", help="run only checks whose name matches")
    add(
        "--terraform",
        type=Path,
        default=Path("terraform"),
        metavar="DIRECTORY",
        help="where Terraform was run (default: %(default)s)",
    )
    add("--login", metavar="USER:PASSWORD", help="a reader's login, if the index has basic auth")
    add("--endpoint-url", metavar="URL", help="URL of an emulated AWS; skips checks that need AWS")
    add("--edge-url", metavar="URL", help="use this URL instead of the domain")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
