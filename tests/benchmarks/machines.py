"""Run the command `s3pypi` in many forked processes at once, as on many machines.

It runs in our environment as in the peers', so it imports nothing of this project. The fork comes
after the imports, for fifty machines have fifty processors to import with and this one has two.
"""

import contextlib
import importlib
import json
import os
import sys
import time
from typing import Any

TRIES = 40


def main() -> None:
    """Run the command lines in standard input; print the duration and the number of failures."""
    module, *imports = sys.argv[1:]
    command: Any = importlib.import_module(module)
    for name in imports:
        importlib.import_module(name)
    _read_descriptions_once()
    started, failures = time.time(), 0
    children = [_fork(command, line) for line in json.load(sys.stdin)]
    for child in children:
        _, status = os.waitpid(child, 0)
        failures += os.waitstatus_to_exitcode(status)
    print(json.dumps({"started": started, "seconds": time.time() - started, "failures": failures}))


def _read_descriptions_once() -> None:
    """Load the service descriptions before forking, so that the forks share them."""
    import boto3  # noqa: PLC0415 - it is the command's
    import botocore.loaders  # noqa: PLC0415 - as above
    import botocore.session  # noqa: PLC0415 - as above

    loader = botocore.loaders.create_loader()
    botocore.session.create_loader = lambda *_: loader
    botocore.loaders.create_loader = lambda *_: loader
    for service in ("s3", "dynamodb"):
        boto3.Session().client(service)


def _fork(command: Any, line: list[str]) -> int:
    child = os.fork()
    if child:
        return child
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123 - no imports
        for failures in range(TRIES):
            try:
                code = command.main(*line) if "__main__" in command.__name__ else command.main(line)
            except SystemExit as stop:
                code = stop.code
            if not code:
                os._exit(failures)
    os._exit(TRIES)


if __name__ == "__main__":
    main()
