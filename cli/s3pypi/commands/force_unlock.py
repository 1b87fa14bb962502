"""`s3pypi force-unlock`."""

import click

from s3pypi.command_line.command import Command, pass_report
from s3pypi.command_line.options import account_options, verbose_option
from s3pypi.command_line.output import Report
from s3pypi.command_line.targets import Account


@click.command("force-unlock", cls=Command)
@click.argument("table", metavar="TABLE")
@click.argument("lock_id", metavar="LOCK_ID")
@account_options
@verbose_option
@pass_report
def command(report: Report, account: Account, *, table: str, lock_id: str) -> None:
    """Release a stuck lock.

    Locks expire by themselves, so this is rarely needed. TABLE is the DynamoDB table of the locks.
    LOCK_ID is BUCKET/PREFIX/PROJECT for a project, and BUCKET/PREFIX/ for a root page. The command
    prints the previous owner.

    \b
    Example:
      s3pypi force-unlock s3pypi-locks my-bucket/my-package
    """
    lease = account.lock_table(table).force_unlock(lock_id)
    since = lease.acquired.isoformat() if lease.acquired else "an unknown time"
    until = lease.expires.isoformat() if lease.expires else "an unknown time"
    report.line(f"released: {lock_id}, held by {lease.owner} from {since} until {until}")
