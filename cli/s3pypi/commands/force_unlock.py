"""`s3pypi force-unlock`."""

import click

from s3pypi.command_line.command import Command, pass_report
from s3pypi.command_line.deployment import table_name
from s3pypi.command_line.options import output_options
from s3pypi.command_line.output import Report
from s3pypi.command_line.parameters import PROJECT
from s3pypi.command_line.target_options import lock_options
from s3pypi.command_line.targets import Account


@click.command("force-unlock", cls=Command)
@click.argument("names", nargs=-1, metavar="[NAME]")
@lock_options
@output_options
@pass_report
def command(
    report: Report,
    account: Account,
    *,
    names: tuple[str, ...],
    bucket: str | None,
    prefix: str | None,
    table: str | None,
) -> None:
    """Release a stuck lock.

    Locks expire by themselves, so this is rarely needed. NAME is the project whose lock is
    released; without it, the lock of the index's root page is. The command prints the previous
    owner. The form of s3pypi 2.x, `s3pypi force-unlock TABLE LOCK_ID`, is accepted too.

    \b
    Examples:
      s3pypi force-unlock my-package --bucket my-bucket --prefix team
      s3pypi force-unlock my-bucket-locks my-bucket/team/my-package
    """
    table, lock_id = _lock(names, bucket, prefix or "", table)
    lease = account.lock_table(table).force_unlock(lock_id)
    since = lease.acquired.isoformat() if lease.acquired else "an unknown time"
    until = lease.expires.isoformat() if lease.expires else "an unknown time"
    report.document({"released": lock_id, "owner": lease.owner, "from": since, "until": until})
    if not report.json:
        report.line(f"released: {lock_id}, held by {lease.owner} from {since} until {until}")


def _lock(
    names: tuple[str, ...], bucket: str | None, prefix: str, table: str | None
) -> tuple[str, str]:
    """Return the table and the ID of the lock that the command line names."""
    context = click.get_current_context()
    if len(names) > 2:  # noqa: PLR2004 - the old form
        raise click.UsageError("Got too many arguments; name one project.", context)
    if len(names) == 2:  # noqa: PLR2004
        return names
    if not bucket:
        raise click.UsageError("Missing option '-b' / '--bucket'.", context)
    project = PROJECT.convert(names[0], None, context) if names else ""
    index = f"{bucket}/{prefix}/" if prefix else f"{bucket}/"
    return table or table_name(bucket), index + project
