"""Run the local deployment in the foreground: `make local` and `scripts/local_stack.py`."""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from packaging.utils import canonicalize_name

from basic_auth.errors import AuthError
from basic_auth.names import is_user
from basic_auth.upstream import Upstream
from scripts.build.indexer_zip import BuildError
from scripts.local.errors import EmulatorError
from scripts.local.packages import build_packages
from scripts.local.resources import Settings
from scripts.local.signals import Stopped, signals_stop
from scripts.local.stack import LocalStack

_WATCH_SECONDS = 0.5
_INDEX_SECONDS = 60.0
_READY = "Ready. Open S3PYPI_INDEX_URL in a browser; press Ctrl-C to stop."


@contextlib.contextmanager
def _env_file(path: Path | None, text: str) -> Iterator[None]:
    """Write a file atomically, and remove it when the context ends."""
    if path is None:
        yield
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_text(text)
        partial.replace(path)
        yield
    finally:
        partial.unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            if path.read_text() == text:  # another stack may have replaced it
                path.unlink()


def main(argv: list[str] | None = None) -> int:
    """Run the local deployment in the foreground until a signal arrives.

    Args:
        argv: The arguments; by default, those of the process.

    Returns:
        The exit code: 0 if stopped after it was ready, 130 if stopped before, 1 if it could not
        start or exited unexpectedly.
    """
    options = _parser().parse_args(argv)
    ready = False
    try:
        with (
            signals_stop(),
            LocalStack(
                Settings(bucket=options.bucket),
                prefix=options.prefix,
                port=options.port,
                edge_port=options.edge_port,
                zip_path=options.zip,
                basic_auth=options.basic_auth,
                identity=options.identity,
                upstream=_upstream(options),
            ) as stack,
        ):
            if options.samples:
                _upload_samples(stack)
            text = "".join(f"{name}={value}\n" for name, value in stack.environment.items())
            with _env_file(options.env_file, text):
                ready = True
                print(text, end="", flush=True)
                print(f"{_READY} Log: {stack.emulator.log}", file=sys.stderr)
                while True:
                    stack.emulator.check()
                    time.sleep(_WATCH_SECONDS)
    except Stopped:
        return 0 if ready else 130
    except (EmulatorError, BuildError, AuthError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _upload_samples(stack: LocalStack) -> None:
    with tempfile.TemporaryDirectory(prefix="s3pypi-samples-") as directory:
        for path in build_packages(Path(directory)).files:
            project = canonicalize_name(path.name.partition("-")[0])
            key = "/".join(filter(None, (stack.prefix, project, path.name)))
            stack.clients.s3.put_object(
                Bucket=stack.resources.bucket, Key=key, Body=path.read_bytes()
            )
    if not stack.resources.wait_until_idle(_INDEX_SECONDS):
        print("warning: the samples are not indexed yet: see the log", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local_stack", description="Run the deployment on this machine, in the foreground."
    )
    parser.add_argument(
        "--port", type=int, default=0, help="port of the emulated AWS (0: any free port)"
    )
    parser.add_argument(
        "--edge-port", type=int, default=0, help="port of the index (0: any free port)"
    )
    parser.add_argument(
        "--bucket", default=Settings.bucket, help="name of the bucket (default: %(default)s)"
    )
    parser.add_argument("--prefix", default="", help="prefix of the index in the printed URL")
    parser.add_argument("--env-file", type=Path, help="also write the KEY=value lines to this file")
    parser.add_argument("--zip", type=Path, help="zip of the function; built if not given")
    parser.add_argument("--samples", action="store_true", help="upload a few packages first")
    parser.add_argument(
        "--basic-auth",
        type=_login,
        metavar="USER:PASSWORD",
        help="require this user name and password, checked by the real Lambda@Edge function",
    )
    parser.add_argument(
        "--identity",
        action="store_true",
        help="accept tokens of a local STS as passwords; `s3pypi token` prints one",
    )
    parser.add_argument(
        "--upstream",
        metavar="URL",
        help="redirect to this Simple API for projects that the index does not have, with the real"
        " Lambda@Edge function; requires --private-name",
    )
    parser.add_argument(
        "--private-name",
        action="append",
        default=[],
        metavar="NAME",
        help="a project name that is never redirected, such as billing or 'acme-*'; repeatable",
    )
    return parser


def _upstream(options: argparse.Namespace) -> Upstream | None:
    if options.upstream is None and not options.private_name:
        return None
    prefix = options.prefix.strip("/")
    return Upstream(
        options.upstream or "",
        tuple(options.private_name),
        frozenset({prefix} if prefix else ()),
    )


def _login(text: str) -> tuple[str, str]:
    user, colon, password = text.partition(":")
    if not colon or not is_user(user):
        raise argparse.ArgumentTypeError(
            "use USER:PASSWORD; a user name has letters, digits, dots, hyphens and underscores"
        )
    return user, password
