"""The option `--wait`, whose number is optional."""

import itertools

import click

from s3pypi.command_line.command import Command, option
from s3pypi.command_line.parameters import SECONDS, is_number

WAIT = "120"

wait_option = option(
    "--wait",
    type=SECONDS,
    is_flag=False,
    flag_value=WAIT,
    metavar="[SECONDS]",
    help=f"Wait until the index lists the files, at most {WAIT} seconds by default.",
)


class WaitCommand(Command):
    """A command with `wait_option`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; in `--wait dist/*`, do not take a file for the number of seconds."""
        end = args.index("--") if "--" in args else len(args)
        options = [
            f"--wait={WAIT}" if each == "--wait" and not is_number(after) else each
            for each, after in itertools.pairwise([*args[:end], ""])
        ]
        return super().parse_args(ctx, options + args[end:])
