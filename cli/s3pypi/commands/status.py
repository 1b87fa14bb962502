"""`s3pypi status`."""

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from s3pypi.command_line.command import Command, pass_report
from s3pypi.command_line.options import dry_run_option, name_argument, output_options, reason_option
from s3pypi.command_line.output import Report, printable
from s3pypi.command_line.target_options import bucket_options
from s3pypi.command_line.targets import BucketTarget
from s3pypi.markers import MEANINGS, Status, StatusMarker

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

_STATUS = click.Choice([each.value for each in Status])
_MEANINGS = "\n".join(f"  {status:<11}  {meaning}" for status, meaning in MEANINGS.items())
_HELP = f"""Show a project's status, or set it.

Without STATUS, the current status and its reason are printed. With STATUS, the project's page
shows the new status (PEP 792):

\b
{_MEANINGS}

\b
Examples:
  s3pypi status my-package --bucket my-bucket
  s3pypi status my-package archived --reason "see new-package" -b my-bucket
"""


@click.command("status", cls=Command, help=_HELP)
@name_argument
@click.argument("status", type=_STATUS, required=False, metavar="[STATUS]")
@reason_option
@bucket_options
@dry_run_option
@output_options
@click.pass_context
@pass_report
def command(
    report: Report,
    context: click.Context,
    target: BucketTarget,
    *,
    name: "NormalizedName",
    status: str | None,
    reason: str | None,
    dry_run: bool,
) -> None:
    """Show a project's status, or set it."""
    if not status:
        # A variable may be set for other commands.
        if context.get_parameter_source("reason") is ParameterSource.COMMANDLINE:
            raise click.UsageError("'--reason' requires a STATUS to set.", context)
        _show(report, target, name)
        return

    from s3pypi.layout import project_directory
    from s3pypi.projects.status import ProjectStatus

    project = ProjectStatus(target.open(), name, target.prefix)
    marker = StatusMarker(Status(status), reason or "")
    project.check(marker)
    done, url = f"set to {status}", target.url(project_directory(target.prefix, name))
    if dry_run:
        report.done(f"would be {done}", url, reason=marker.reason)
    else:
        project.write(marker)
        report.done(done, url, reason=marker.reason)


def _show(report: Report, target: BucketTarget, name: "NormalizedName") -> None:
    from s3pypi.projects.status import ProjectStatus

    found = ProjectStatus(target.open(), name, target.prefix).read()
    report.document({"name": name, "status": found.status.value, "reason": found.reason})
    if not report.json:
        report.line(found.status + (f": {printable(found.reason)}" if found.reason else ""))
