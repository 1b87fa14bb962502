"""The arguments and options that several commands share."""

import functools
import logging
from collections.abc import Callable
from typing import Any

import click

from s3pypi.command_line.command import F, option
from s3pypi.command_line.deployment import function_name
from s3pypi.command_line.output import Report
from s3pypi.command_line.parameters import (
    BUCKET,
    FILENAME,
    PREFIX,
    PROJECT,
    PUT_ARGS,
    REASON,
    REQUIRED,
    VERSION,
)
from s3pypi.command_line.targets import Account, BucketTarget, IndexerTarget

_VERBOSE = f"{__name__}.verbose"
"""The key in a context's `meta` that says that `-v` was given."""


def _several(*decorators: Callable[[Any], Any]) -> Callable[[F], F]:
    """Return a decorator that applies several, the first one outermost."""

    def decorate(command: F) -> F:
        return functools.reduce(lambda done, each: each(done), reversed(decorators), command)

    return decorate


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
        report.note(f"note: {retired.opts[0]} has no effect: the indexer does this now")


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

output_options = _several(json_option, quiet_option, verbose_option)
"""What every command has."""

dry_run_option = option(
    "--dry-run", is_flag=True, help="Change nothing, and print what would change."
)

name_argument = click.argument("name", type=PROJECT, metavar="NAME")

names_argument = click.argument("names", type=PROJECT, nargs=-1, metavar="[NAME]...")

release_arguments = _several(
    name_argument, click.argument("release", type=VERSION, metavar="VERSION")
)

reason_option = option(
    "--reason",
    type=REASON,
    metavar="TEXT",
    help="The reason that people are shown: one line, at most 512 characters.",
)

file_option = option(
    "--file",
    type=FILENAME,
    multiple=True,
    metavar="FILE",
    help="One of the version's files; repeat the option for several. Default: all files.",
)

retired_options = _several(
    _retired("--index.html", "index_html", is_flag=True),
    _retired("--put-root-index", "put_root_index", is_flag=True),
    _retired("--lock-indexes", "lock_indexes", is_flag=True),
    _retired("--locks-table", "locks_table", metavar="TABLE"),
)
"""What s3pypi 2.x had: accepted without effect, and without variables."""

_account = _several(
    option("--profile", metavar="NAME", help="The profile in the AWS configuration."),
    option("--region", metavar="REGION", help="The AWS region."),
)
_prefix = option(
    "--prefix", type=PREFIX, metavar="PREFIX", help="The index's prefix in the bucket."
)
_index = _several(
    option("-b", "--bucket", type=BUCKET, required=True, help="The S3 bucket.", metavar="NAME"),
    _prefix,
)
_endpoint = option("--endpoint-url", metavar="URL", help="Use this URL instead of AWS's.")
_sign = option("--no-sign-request", is_flag=True, help="Send no credentials.")
_s3_endpoint = option(
    "--endpoint-url",
    old=["--s3-endpoint-url"],
    metavar="URL",
    help="Use an S3-compatible service at this URL.",
)
_put_args = option(
    "--s3-put-args",
    type=PUT_ARGS,
    metavar="K=V,...",
    help="More parameters of PutObject, such as "
    "ServerSideEncryption=aws:kms,SSEKMSKeyId=alias/pypi.",
)
_function = option(
    "--function",
    type=REQUIRED,
    metavar="NAME",
    help="The name or ARN of the indexer's Lambda function. Default: as Terraform names it.",
)


def account_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command that uses AWS without a bucket, and pass an `account`."""

    @functools.wraps(command)
    def with_account(
        *args: Any, profile: str | None, region: str | None, endpoint_url: str | None, **others: Any
    ) -> Any:
        return command(*args, account=Account(profile, region, endpoint_url), **others)

    return _several(_account, _endpoint)(with_account)


def lock_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command that uses the table of locks, and pass an `account`."""
    bucket = option("-b", "--bucket", type=BUCKET, help="The S3 bucket.", metavar="NAME")
    table = option(
        "--table",
        metavar="NAME",
        help="The DynamoDB table of the locks. Default: as Terraform names it.",
    )
    return _several(bucket, _prefix, table)(account_options(command))


def bucket_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command that uses the bucket, and pass a `target`."""

    @functools.wraps(command)
    def with_target(
        *args: Any,
        bucket: str,
        prefix: str | None,
        profile: str | None,
        region: str | None,
        no_sign_request: bool,
        endpoint_url: str | None,
        s3_put_args: dict[str, str | int | bool] | None,
        **others: Any,
    ) -> Any:
        target = BucketTarget(
            account=Account(profile, region, endpoint_url),
            bucket=bucket,
            prefix=prefix or "",
            sign=not no_sign_request,
            put_args=s3_put_args or {},
        )
        return command(*args, target=target, **others)

    return _several(_index, _account, _sign, _s3_endpoint, _put_args)(with_target)


def indexer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command that asks the indexer, and pass a `target`."""

    @functools.wraps(command)
    def with_target(
        *args: Any,
        function: str | None,
        bucket: str,
        prefix: str | None,
        profile: str | None,
        region: str | None,
        endpoint_url: str | None,
        **others: Any,
    ) -> Any:
        account = Account(profile, region, endpoint_url)
        target = IndexerTarget(account, function or function_name(bucket), bucket, prefix or "")
        return command(*args, target=target, **others)

    return _several(_function, _index, _account, _endpoint)(with_target)
