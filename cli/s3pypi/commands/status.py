"""`s3pypi status`."""

import argparse

from s3pypi.command_line.connections import open_bucket
from s3pypi.command_line.output import Report, printable
from s3pypi.layout import project_directory
from s3pypi.markers import Status, StatusMarker
from s3pypi.projects.status import ProjectStatus


def run(args: argparse.Namespace, report: Report) -> None:
    """Print a project's status, or set it and say so.

    Raises:
        S3PyPIError: There is no such project, its marker cannot be understood, or AWS refuses.
    """
    prefix = args.prefix or ""
    project = ProjectStatus(open_bucket(args), args.name, prefix)
    if not args.status:
        found = project.read()
        report.line(found.status + (f": {printable(found.reason)}" if found.reason else ""))
        return
    status = StatusMarker(Status(args.status), args.reason or "")
    project.check(status)
    done = f"set to {status.status}: s3://{args.bucket}/{project_directory(prefix, args.name)}"
    if args.dry_run:
        report.line(f"would be {done}")
    else:
        project.write(status)
        report.line(done)
