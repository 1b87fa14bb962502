"""The classes of the commands and options of `s3pypi`, based on Click's."""

import functools
import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from s3pypi.command_line.output import Report
from s3pypi.errors import CredentialsError

F = TypeVar("F", bound=Callable[..., Any])

_NO_BREAK: Final = "\N{NO-BREAK SPACE}"

pass_report = click.make_pass_decorator(Report)


class Option(click.Option):
    """An option with an environment variable; errors name whichever of the two was set.

    Args:
        declarations: The flags.
        old: Flags of earlier versions, hidden from the help.
        attributes: The attributes of `click.Option`.
    """

    def __init__(
        self, declarations: Sequence[str], *, old: Sequence[str] = (), **attributes: Any
    ) -> None:
        super().__init__([*declarations, *old], **attributes)
        self._old = old

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option's line in the help, without old flags and variables."""
        flags, variables = self.opts, self.envvar
        self.opts = [flag for flag in flags if flag not in self._old]
        self.envvar = self._variable
        try:
            record = super().get_help_record(ctx)
        finally:
            self.opts, self.envvar = flags, variables
        # Keep the variable on one line; `Command.get_help` removes these characters again.
        joined = f"[env{_NO_BREAK}var:{_NO_BREAK}"
        return record and (record[0], record[1].replace("[env var: ", joined))

    @property
    def _variable(self) -> str | None:
        """The current variable, which comes after those of old flags."""
        several = self.envvar
        return several if several is None or isinstance(several, str) else several[-1]

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return the flag or the variable, whichever was set; both if neither was."""
        source = ctx.get_parameter_source(self.name or "") if ctx else None
        if source is ParameterSource.ENVIRONMENT:
            several = [self.envvar] if isinstance(self.envvar, str) else self.envvar or ()
            return f"'{next((each for each in several if os.environ.get(each)), self._variable)}'"
        if source is ParameterSource.DEFAULT_MAP:
            return f"'{(self.name or '').replace('_', '-')}' in a settings file"
        flags = " / ".join(f"'{each}'" for each in self.opts if each not in self._old)
        if source is ParameterSource.COMMANDLINE:
            return flags
        return f"{flags} (env var: '{self._variable}')"


def option(*flags: str, old: Sequence[str] = (), **attributes: Any) -> Callable[[F], F]:
    """Add an option to a command, with a variable such as `S3PYPI_BUCKET` for `--bucket`.

    An empty variable counts as unset. The command line takes precedence over variables.

    Args:
        flags: The flags, such as `-b`, `--bucket`; the longest determines the variable.
        old: Flags of earlier versions, hidden from the help; their variables work, too.
        attributes: The attributes of `click.option`.
    """
    name = max(flags, key=len)
    variables = [_variable(each) for each in (*old, name)]
    if old:  # name the parameter; Click's default is the longest flag
        flags = (name.strip("-").replace("-", "_"), *flags)
    return click.option(
        *flags,
        cls=Option,
        old=old,
        envvar=variables if old else variables[0],
        show_envvar=True,
        **attributes,
    )


def combined(*decorators: Callable[[Any], Any]) -> Callable[[F], F]:
    """Return a decorator that applies several decorators, the first one outermost."""

    def decorate(command: F) -> F:
        return functools.reduce(lambda done, each: each(done), reversed(decorators), command)

    return decorate


def _variable(flag: str) -> str:
    return f"S3PYPI_{flag.strip('-').replace('-', '_').upper()}"


def exclusive(context: click.Context, *names: str) -> str | None:
    """Return which of several mutually exclusive flags is set; None if none is.

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
    """A command that prints all its output, including the help, through its `Report`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        A terminal shows that the command still works whenever it prints nothing else.

        Raises:
            CredentialsError: AWS rejects the credentials; the message says how to sign in.
        """
        report = None if isinstance(self, click.Group) else ctx.find_object(Report)
        try:
            with report.waiting("working") if report else nullcontext():
                return super().invoke(ctx)
        except CredentialsError as error:
            profile = ctx.params.get("profile") or os.environ.get("AWS_PROFILE")
            login = f"aws sso login --profile {profile}" if profile else "aws sso login"
            raise CredentialsError(
                f"{error}: run `{login}`, or check --profile, AWS_PROFILE and AWS_ACCESS_KEY_ID"
            ) from error

    def get_help(self, ctx: click.Context) -> str:
        """Return the help text."""
        return super().get_help(ctx).replace(_NO_BREAK, " ")

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
