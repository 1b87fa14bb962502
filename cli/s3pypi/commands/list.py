"""`s3pypi list`."""

from typing import TYPE_CHECKING

import click

from s3pypi.command_line.command import Command, option, pass_report
from s3pypi.command_line.options import output_options
from s3pypi.command_line.output import Report
from s3pypi.command_line.target_options import existing_options
from s3pypi.command_line.targets import BucketTarget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.utils import NormalizedName

    from s3pypi.bucket import Bucket

JOBS = 16


@click.command("list", cls=Command)
@click.argument("pattern", required=False, metavar="[PATTERN]")
@option("--versions", is_flag=True, help="Show the versions of each project, newest first.")
@existing_options
@output_options
@pass_report
def command(report: Report, target: BucketTarget, *, pattern: str | None, versions: bool) -> None:
    """List the projects of the index.

    PATTERN limits this to matching names; * matches any characters. The command reads the index's
    pages and only needs the permission s3:GetObject.

    \b
    Examples:
      s3pypi list --bucket my-bucket
      s3pypi list "my-*" --versions --bucket my-bucket
    """
    from s3pypi.projects.choice import matching_projects

    bucket = target.open(connections=JOBS)
    with report.waiting("reading the index"):
        names = matching_projects(bucket, target.prefix, pattern)
        found = _versions(bucket, target.prefix, names) if versions else [[] for _name in names]
    entries = list(zip(names, found, strict=True))
    report.document(
        {
            "projects": [
                {"name": name, **({"versions": several} if versions else {})}
                for name, several in entries
            ]
        }
    )
    if not report.json:
        for name, several in entries:
            report.line(f"{name} {', '.join(several)}".rstrip())


def _versions(bucket: "Bucket", prefix: str, names: "Sequence[NormalizedName]") -> list[list[str]]:
    """Return the versions of each project, in the order of the projects."""
    from s3pypi.pages.reading import read_project
    from s3pypi.workers import workers

    def read(name: "NormalizedName") -> list[str]:
        return [str(version) for version in read_project(bucket, prefix, name).versions]

    with workers(JOBS) as pool:
        return list(pool.map(read, names))
