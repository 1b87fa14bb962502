"""`s3pypi token`."""

import os

import click

from s3pypi.command_line.command import Command, option, pass_report
from s3pypi.command_line.options import output_options
from s3pypi.command_line.output import Report
from s3pypi.command_line.parameters import HOST
from s3pypi.command_line.target_options import account_options
from s3pypi.command_line.targets import Account
from s3pypi.errors import UsageError
from s3pypi.hosts import configured_hosts


@click.command("token", cls=Command)
@option(
    "--host",
    type=HOST,
    metavar="HOST",
    help="The index's host, such as pypi.example.com. Default: the one in S3PYPI_HOSTS.",
)
@account_options
@output_options
@pass_report
def command(report: Report, account: Account, *, host: str | None) -> None:
    """Print a token for reading the index.

    The token is the password of the user `aws`, and is valid for at most an hour. Only the token is
    printed. Keep it out of logs.

    \b
    Example:
      s3pypi token --host pypi.example.com
    """
    from datetime import UTC, datetime

    token = account.token(host or _only_host())
    expires = datetime.fromtimestamp(token.expires, UTC).isoformat()
    report.document({"token": token.text, "expires": expires.replace("+00:00", "Z")})
    if not report.json:
        report.line(token.text)


def _only_host() -> str:
    hosts = configured_hosts(os.environ)
    if len(hosts) != 1:
        raise UsageError("name the index with --host, or a single one in S3PYPI_HOSTS")
    return hosts[0]
