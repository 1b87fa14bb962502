"""`s3pypi rebuild`."""

import argparse

from s3pypi.command_line.connections import open_indexer
from s3pypi.command_line.findings import counted, tell
from s3pypi.command_line.output import Report
from s3pypi.indexer.watcher import Watcher


def run(args: argparse.Namespace, report: Report) -> None:
    """Have the function regenerate projects; say what was wrong, and wait until it is done.

    Raises:
        S3PyPIError: The function cannot be asked, or a part of the work has failed for good.
    """
    indexer = open_indexer(args)
    before = None if args.no_wait else indexer.queue()
    rebuild = indexer.rebuild(args.names, fresh=bool(args.fresh))
    report.note(f"found: {tell(rebuild.findings, report)}")
    report.line(f"regenerating: {counted(rebuild.regenerated, 'project')}")
    if before is None or not rebuild.messages:
        return
    report.note("waiting until the queue is empty; to interrupt this does not stop the rebuild")
    with report.progress(rebuild.messages, "done", "messages") as advance:
        Watcher(indexer, advance).wait(rebuild.messages, before)
    report.note("done; `s3pypi verify` tells whether all is right now")
