"""The command: the one place where errors become messages and exit codes."""

import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from s3pypi.arguments import parse
from s3pypi.command_line.output import Report
from s3pypi.errors import S3PyPIError

INTERRUPTED = 130

_log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code, one of those in `arguments.EPILOG`.

    Args:
        argv: The arguments, by default the process's.
    """
    report = Report(sys.stdout, sys.stderr)
    code = _run(sys.argv[1:] if argv is None else argv, report)
    return code if report.close() else code or 1


def _run(argv: Sequence[str], report: Report) -> int:
    try:
        args = parse(argv, os.environ)
    except SystemExit as stop:  # argparse has said why
        return int(stop.code or 0)
    logger = logging.getLogger("s3pypi")
    logger.setLevel(logging.DEBUG if args.verbose else logging.WARNING)
    logger.handlers = [logging.StreamHandler(sys.stderr)] if args.verbose else []
    for option in args.retired:
        report.note(f"note: {option} has no effect: the indexer, a Lambda function, does this now")
    try:
        # Imported only now, because AWS's libraries are slow to import.
        command = import_module(f"s3pypi.commands.{args.command.replace('-', '_')}")
        command.run(args, report)
    except S3PyPIError as error:
        _log.debug("the cause", exc_info=True)
        report.note(f"s3pypi: error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        report.note("s3pypi: interrupted; the same command takes it up again")
        return INTERRUPTED
    return 0
