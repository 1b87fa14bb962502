"""`s3pypi delete`."""

from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import Command, option, pass_report
from s3pypi.command_line.confirmation import confirm, yes_option
from s3pypi.command_line.options import (
    dry_run_option,
    name_argument,
    output_options,
    retired_options,
)
from s3pypi.command_line.output import Report, counted
from s3pypi.command_line.parameters import FILENAME, VERSION
from s3pypi.command_line.target_options import existing_options
from s3pypi.command_line.targets import BucketTarget

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from packaging.version import Version


@click.command("delete", cls=Command)
@name_argument
@click.argument("release", type=VERSION, required=False, metavar="[VERSION]")
@option(
    "--file",
    type=FILENAME,
    multiple=True,
    metavar="FILE",
    help="Delete this file, which need not have a valid version; repeat the option for several.",
)
@yes_option
@existing_options
@dry_run_option
@output_options
@retired_options
@pass_report
def command(
    report: Report,
    target: BucketTarget,
    *,
    name: "NormalizedName",
    release: "Version | None",
    file: tuple[str, ...],
    yes: bool,
    dry_run: bool,
) -> None:
    """Delete a version, some files, or a whole project.

    With VERSION, all files of the version are deleted; with --file, only the named files; without
    both, all files of the project. Yank markers are deleted with their files. On a terminal, the
    command asks first. A whole project is only deleted after confirmation or with --yes.

    To keep installers from choosing a version without breaking those that pin it, use
    `s3pypi yank` instead.

    \b
    Examples:
      s3pypi delete my-package 1.2.3 --bucket my-bucket
      s3pypi delete my-package --file my_package-1.2.3.zip --bucket my-bucket
      s3pypi delete my-package --yes --bucket my-bucket
    """
    from s3pypi.projects.deletion import Deleter

    deleter = Deleter(target.open(), target.prefix)
    if file:
        if release:
            raise click.UsageError("VERSION and '--file' cannot be used together.")
        keys = deleter.find_files(name, file)
    else:
        keys = deleter.find(name, release) if release else deleter.find_project(name)
    if dry_run:
        for key in keys:
            report.done("would delete", target.url(key))
    else:
        if not yes:
            urls = [target.url(key) for key in keys]
            question = f"Delete {counted(len(urls), 'object')}?"
            confirm(report, question, urls, required=not release and not file)
        deleter.delete(keys, lambda key: report.done("deleted", target.url(key)))
