"""The `s3pypi` command: run the subcommand, and convert errors to messages and exit codes."""

import io
import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from s3pypi import __version__
from s3pypi.command_line.command import Group
from s3pypi.command_line.options import verbose_option
from s3pypi.command_line.output import Report, printable
from s3pypi.command_line.settings import read_settings
from s3pypi.errors import S3PyPIError, is_interrupt

INTERRUPTED = 130

COMMANDS = (
    "upload",
    "list",
    "show",
    "promote",
    "delete",
    "prune",
    "restore",
    "yank",
    "unyank",
    "status",
    "verify",
    "rebuild",
    "config",
    "names",
    "forget",
    "force-unlock",
    "token",
)
"""The subcommands in the order of the help; each is `command` in a module of `commands/`."""

_log = logging.getLogger(__name__)


class Failure(click.ClickException):
    """The error of a command, with its exit code."""

    def __init__(self, error: S3PyPIError) -> None:
        super().__init__(str(error))
        self.exit_code = error.exit_code  # type: ignore[misc]  # Click uses the instance's

    def show(self, file: Any = None) -> None:
        """Print the message."""
        click.echo(f"s3pypi: error: {self.message}", file=file, err=file is None)


class Application(Group):
    """The group of all subcommands, which imports a subcommand when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"s3pypi.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name; suggest similar names if it is unknown."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.NoSuchCommand(name, possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Parse the command line; print to the standard streams if `obj` has no `Report`."""
        extra.setdefault("obj", Report(sys.stdout, sys.stderr))
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        Raises:
            Failure: The command failed.
            KeyboardInterrupt: The command was interrupted.
        """
        try:
            settings = read_settings(Path.cwd())
            ctx.default_map = dict.fromkeys(COMMANDS, settings)
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if is_interrupt(error):
                raise KeyboardInterrupt from error
            # Only `--verbose` shows the traceback.
            _log.debug("the cause", exc_info=True)
            if isinstance(error, S3PyPIError):
                raise Failure(error) from error
            what = f"unexpected {type(error).__name__}: {printable(str(error))}"
            raise Failure(
                S3PyPIError(
                    f"{what}; this is a bug of s3pypi. Run the command again with --verbose, and "
                    "report what it prints"
                )
            ) from error


def _show_version(context: click.Context, _option: click.Parameter, value: object) -> None:
    report = context.find_object(Report)
    if value and report and not context.resilient_parsing:
        report.line(f"s3pypi {__version__}")
        context.exit()


@click.group(
    cls=Application,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\
    Run `s3pypi COMMAND --help` for the options of a command. Most options can also be set by the
    variable that is shown beside them; options take precedence over variables.

    \b
    Exit codes:
      0    Success.
      1    Failure; the message says what was done and what was not.
           Also if `verify` finds differences, or `names` a name that is taken.
      2    Usage error; nothing was done.
      3    `upload --wait`: not all files were listed in time.
      4    `upload --wait`: the index refuses a file.
      130  Interrupted.
    """,
)
@click.option(
    *("-V", "--version"),
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@verbose_option
def app() -> None:
    """Publish Python packages in a private index in an S3 bucket.

    The commands upload, mark and delete files in the bucket. The indexer, a Lambda function, then
    updates the pages of the index.

    \b
    Examples:
      s3pypi upload dist/* --bucket my-bucket
      s3pypi yank my-package 1.2.3 --bucket my-bucket
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Args:
        argv: The arguments; by default the process's.
    """
    report = Report(sys.stdout, sys.stderr)
    code = _run(list(sys.argv[1:] if argv is None else argv), report)
    return code if report.close() else code or 1


def _run(argv: list[str], report: Report) -> int:
    try:
        with app.make_context("s3pypi", argv, obj=report) as context:
            app.invoke(context)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        message = io.StringIO()
        error.show(message)
        report.error(message.getvalue().rstrip("\n"))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        report.error("s3pypi: interrupted; run the same command again to continue")
        return INTERRUPTED
    return 0
