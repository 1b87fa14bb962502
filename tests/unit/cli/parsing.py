"""Parse a command line without running it."""

import io
import logging
from dataclasses import dataclass
from typing import Any

import click
import pytest

from s3pypi.cli import app
from s3pypi.command_line.output import Report


@dataclass(frozen=True)
class Parsed:
    """A parsed command line, with an attribute for each option and argument.

    Attributes:
        context: Of the subcommand.
        verbose: Whether causes are shown.
        notes: The lines that are printed meanwhile on the standard error.
    """

    context: click.Context
    verbose: bool
    notes: list[str]

    def __getattr__(self, name: str) -> Any:
        return self.context.params[name]


def parsed(*argv: str, **environ: str) -> Parsed:
    """Parse a command line in an environment.

    Raises:
        click.UsageError: It is invalid.
    """
    notes = io.StringIO()
    seen: list[tuple[click.Context, bool]] = []

    def see(_command: click.Command, context: click.Context) -> None:
        seen.append((context, logging.getLogger("s3pypi").isEnabledFor(logging.DEBUG)))

    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        patch.setattr(click.Command, "invoke", see)
        with app.make_context("s3pypi", list(argv), obj=Report(io.StringIO(), notes)) as context:
            app.invoke(context)
    return Parsed(*seen[-1], notes.getvalue().splitlines())
