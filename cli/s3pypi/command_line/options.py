"""Arguments and options that several commands share, except those of the target."""

import logging
from collections.abc import Callable
from typing import Any

import click

from s3pypi.command_line.command import F, combined, option
from s3pypi.command_line.output import Report
from s3pypi.command_line.parameters import (
    FILENAME,
    PROJECT,
    REASON,
    VERSION,
)

_VERBOSE = f"{__name__}.verbose"
"""The key in a context's `meta` that is set if `-v` was given."""


def _log_to_stderr(context: click.Context, _option: click.Parameter, value: object) -> None:
    root = context.find_root()
    if not value or context.resilient_parsing or root.meta.get(_VERBOSE):
        return
    root.meta[_VERBOSE] = True
    logger = logging.getLogger("s3pypi")
    handler, level = logging.StreamHandler(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)

    def stop() -> None:
        logger.removeHandler(handler)
        logger.setLevel(level)

    root.call_on_close(stop)


def _note_retired(context: click.Context, retired: click.Parameter, value: object) -> None:
    report = context.find_object(Report)
    if value and report and not context.resilient_parsing:
        report.note(f"note: {retired.opts[0]} has no effect, because the indexer does this now")


def _retired(flag: str, name: str, **attributes: Any) -> Callable[[F], F]:
    return click.option(
        flag, name, hidden=True, expose_value=False, callback=_note_retired, **attributes
    )


verbose_option = option(
    *("-v", "--verbose"),
    is_flag=True,
    expose_value=False,
    callback=_log_to_stderr,
    help="Show each request, and the causes of errors.",
)
"""Accepted before and after the command's name."""


def _set_json(context: click.Context, _option: click.Parameter, value: object) -> None:
    report = context.find_object(Report)
    if value and report:
        report.json = True


def _set_quiet(context: click.Context, _option: click.Parameter, value: object) -> None:
    report = context.find_object(Report)
    if value and report:
        report.quiet = True


json_option = option(
    "--json",
    is_flag=True,
    expose_value=False,
    callback=_set_json,
    help="Print the results as one JSON document.",
)

quiet_option = option(
    *("-q", "--quiet"),
    is_flag=True,
    expose_value=False,
    callback=_set_quiet,
    help="Print only results, warnings and errors.",
)

output_options = combined(json_option, quiet_option, verbose_option)
"""The options of every command."""

dry_run_option = option(
    "--dry-run", is_flag=True, help="Change nothing, and print what would change."
)

name_argument = click.argument("name", type=PROJECT, metavar="NAME")

names_argument = click.argument("names", type=PROJECT, nargs=-1, metavar="[NAME]...")

release_arguments = combined(
    name_argument, click.argument("release", type=VERSION, metavar="VERSION")
)

reason_option = option(
    "--reason",
    type=REASON,
    metavar="TEXT",
    help="The reason that installers show: one line, at most 512 characters.",
)

file_option = option(
    "--file",
    type=FILENAME,
    multiple=True,
    metavar="FILE",
    help="One of the version's files; repeat the option for several. Default: all files.",
)

retired_options = combined(
    _retired("--index.html", "index_html", is_flag=True),
    _retired("--put-root-index", "put_root_index", is_flag=True),
    _retired("--lock-indexes", "lock_indexes", is_flag=True),
    _retired("--locks-table", "locks_table", metavar="TABLE"),
)
"""Options of s3pypi 2.x: accepted without effect, and without variables."""
