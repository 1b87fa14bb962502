"""How every command and option of `s3pypi` behaves, beyond what Click does by itself."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from s3pypi.command_line.output import Report

F = TypeVar("F", bound=Callable[..., Any])

pass_report = click.make_pass_decorator(Report)


class Option(click.Option):
    """An option that can be set by a variable; an error names the one that the user has set."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return the option's name or its variable's, whichever was set; both if none was."""
        source = ctx.get_parameter_source(self.name or "") if ctx else None
        if source is ParameterSource.ENVIRONMENT:
            return f"'{self.envvar}'"
        if source is ParameterSource.COMMANDLINE:
            return click.Parameter.get_error_hint(self, ctx)
        return super().get_error_hint(ctx)


def option(*flags: str, **attributes: Any) -> Callable[[F], F]:
    """Add an option to a command, and its variable: `S3PYPI_S3_PUT_ARGS` for `--s3-put-args`.

    An empty variable counts as unset. The command line takes precedence over variables.

    Args:
        flags: Such as `-b`, `--bucket`; the longest names the variable.
        attributes: As those of `click.option`.
    """
    name = max(flags, key=len).strip("-").replace("-", "_")
    variable = f"S3PYPI_{name.upper()}"
    return click.option(*flags, cls=Option, envvar=variable, show_envvar=True, **attributes)


def exclusive(context: click.Context, *names: str) -> str | None:
    """Return the one that is set among flags that exclude each other.

    Flags on the command line take precedence over variables.

    Raises:
        click.UsageError: Two flags are set on the command line, or two variables.
    """
    for source in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT):
        given = [
            each
            for each in context.command.params
            if each.name in names
            and context.params[each.name]
            and context.get_parameter_source(each.name) is source
        ]
        if len(given) > 1:
            both = " and ".join(each.get_error_hint(context) for each in given)
            raise click.UsageError(f"{both} cannot be used together.", context)
        if given:
            return given[0].name
    return None


class Command(click.Command):
    """A command that prints its help through its `Report`, like everything else that it prints."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option `--help`."""
        found = super().get_help_option(ctx)
        if found is not None:
            found.help = "Show this help and exit."
            found.callback = _show_help
        return found


class Group(Command, click.Group):
    """A command with subcommands."""


def _show_help(context: click.Context, _option: click.Parameter, value: object) -> None:
    report = context.find_object(Report)
    if value and report and not context.resilient_parsing:
        report.line(context.get_help())
        context.exit()
