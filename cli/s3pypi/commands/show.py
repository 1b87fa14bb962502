"""`s3pypi show`."""

from typing import TYPE_CHECKING, Any

import click

from s3pypi.command_line.command import Command, pass_report
from s3pypi.command_line.options import name_argument, output_options
from s3pypi.command_line.output import Report, printable
from s3pypi.command_line.parameters import VERSION
from s3pypi.command_line.target_options import existing_options
from s3pypi.command_line.targets import BucketTarget

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from s3pypi.pages.model import ListedFile, ProjectPage


@click.command("show", cls=Command)
@name_argument
@click.argument("release", type=VERSION, required=False, metavar="[VERSION]")
@existing_options
@output_options
@pass_report
def command(
    report: Report,
    target: BucketTarget,
    *,
    name: "NormalizedName",
    release: "Version | None",
) -> None:
    """Show the files of a project, or of one of its versions.

    For each file, its size, upload time, SHA-256 digest, Requires-Python and yank are shown, then
    the files that the index refuses, with the reason. The command reads the project's page
    and only needs the permission s3:GetObject.

    \b
    Examples:
      s3pypi show my-package --bucket my-bucket
      s3pypi show my-package 1.2.3 --json --bucket my-bucket
    """
    from s3pypi.errors import S3PyPIError
    from s3pypi.pages.reading import read_project

    page = read_project(target.open(), target.prefix, name)
    files = [each for each in page.files if release in {None, each.version}]
    if release and not files:
        there = ", ".join(map(str, page.versions)) or "no version"
        raise S3PyPIError(f"{name} {release} is not on the index; there is {there}")
    refused = [] if release else page.refused
    report.document(
        {
            "name": name,
            "status": page.status.value,
            **({"reason": page.reason} if page.reason else {}),
            "files": [_fields(each, target, name) for each in files],
            "not-offered": [{"filename": e.filename, "reason": e.reason} for e in refused],
        }
    )
    if not report.json:
        _print(report, page, files)
        if refused:
            report.line("refused:")
        for each in refused:
            report.line(f"  {printable(each.filename)}: {printable(each.reason)}")


def _fields(file: "ListedFile", target: BucketTarget, name: "NormalizedName") -> dict[str, Any]:
    """Return a file for JSON, with the Simple API's names; unknown values are left out."""
    from s3pypi.layout import file_key

    fields = {
        "filename": file.filename,
        "version": None if file.version is None else str(file.version),
        "url": target.url(file_key(target.prefix, name, file.filename)),
        "size": file.size,
        "sha256": file.sha256 or None,
        "upload-time": file.uploaded and file.uploaded.isoformat().replace("+00:00", "Z"),
        "requires-python": file.requires_python,
        "yanked": None if file.yanked is None else (file.yanked or True),
        "uploader": file.uploader,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _print(report: Report, page: "ProjectPage", files: "list[ListedFile]") -> None:
    from itertools import groupby

    why = f": {printable(page.reason)}" if page.reason else ""
    report.line(f"{page.name}, {page.status}{why}")
    for version, several in groupby(files, lambda file: file.version):
        report.line(f"{version or 'unknown version'}:")
        for each in several:
            when = f"{each.uploaded:%Y-%m-%d %H:%M} UTC" if each.uploaded else "unknown time"
            size = "unknown size" if each.size is None else f"{each.size:,} bytes"
            python = f", Python {printable(each.requires_python)}" if each.requires_python else ""
            report.line(f"  {printable(each.filename)}")
            report.line(f"    {size}, {when}{python}")
            if each.uploader:
                report.line(f"    uploaded by {printable(each.uploader)}")
            if each.yanked is not None:
                report.line(f"    yanked: {printable(each.yanked) or 'no reason given'}")
            report.line(f"    sha256 {printable(each.sha256) or 'unknown'}")
