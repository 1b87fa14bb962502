"""The deployment on this machine: an emulated AWS with the real function, and an edge server.

`make local` runs it in the foreground; tests and the demonstration use `LocalStack`.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from basic_auth.errors import AuthError
from basic_auth.names import is_user
from basic_auth.parameters import ParameterStore
from basic_auth.put_user import put_user
from scripts.build_lambda import BuildError, build
from scripts.clients import Clients
from scripts.edge import Edge, running_edge
from scripts.emulator import CREDENTIALS, REGION, Emulator, EmulatorError, running_emulator
from scripts.origin import Origin
from scripts.resources import Resources, Settings, create
from scripts.signals import Stopped, signals_stop
from scripts.viewer_function import DOMAIN, ViewerFunction

_WATCH_SECONDS = 0.5


class LocalStack:
    """A local deployment; as a context manager it ends without a trace.

    Attributes:
        emulator: The emulated AWS.
        clients: boto3's clients for it.
        resources: The deployment's resources in it.
        edge: The server in front of the bucket.
    """

    emulator: Emulator
    clients: Clients
    resources: Resources
    edge: Edge

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        prefix: str = "",
        port: int = 0,
        edge_port: int = 0,
        zip_path: Path | None = None,
        basic_auth: tuple[str, str] | None = None,
        record: bool = False,
    ) -> None:
        """Describe a deployment; nothing is started yet.

        Args:
            settings: How to set up the resources.
            prefix: The index to point clients at; the deployment itself serves any number.
            port: The emulator's port; 0 for any free one.
            edge_port: The edge server's port; 0 for any free one.
            zip_path: The function's zip; None builds it.
            basic_auth: The name and the password of a user; None lets everybody read.
            record: Whether the edge server keeps its requests in memory.
        """
        self._settings = settings or Settings()
        self._prefix = prefix.strip("/")
        self._port = port
        self._edge_port = edge_port
        self._zip_path = zip_path
        self._basic_auth = basic_auth
        self._record = record
        self._contexts = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as contexts:
            self.emulator = contexts.enter_context(running_emulator(self._port))
            self.clients = contexts.enter_context(contextlib.closing(Clients(self.emulator.url)))
            self.edge = contexts.enter_context(
                running_edge(
                    Origin(self.clients.s3, self._settings.bucket),
                    self._edge_port,
                    self._viewer_function(),
                    record=self._record,
                )
            )
            self.resources = create(self.clients, self._settings, self._code())
            self._contexts = contexts.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._contexts.close()

    @property
    def index_url(self) -> str:
        """The index's address, for pip's `--index-url`, with its user and password if any."""
        url = f"{self.edge.url}/{self._prefix}/" if self._prefix else f"{self.edge.url}/"
        if self._basic_auth:
            login = ":".join(quote(each, safe="") for each in self._basic_auth)
            url = url.replace("://", f"://{login}@", 1)
        return url

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs to know, as environment variables."""
        return {
            "AWS_ENDPOINT_URL": self.emulator.url,
            **CREDENTIALS,
            "AWS_DEFAULT_REGION": REGION,
            "S3PYPI_BUCKET": self.resources.bucket,
            "S3PYPI_INDEX_URL": self.index_url,
            "S3PYPI_FUNCTION": self.resources.function,
            "S3PYPI_LOCKS_TABLE": self.resources.table,
            "S3PYPI_QUEUE_URL": self.resources.queue_url,
            "S3PYPI_DLQ_URL": self.resources.dlq_url,
        }

    def _viewer_function(self) -> ViewerFunction | None:
        if not self._basic_auth:
            return None
        store = ParameterStore(self.clients.ssm, DOMAIN)
        put_user(store, *self._basic_auth)
        return ViewerFunction(store)

    def _code(self) -> bytes:
        if self._zip_path:
            return self._zip_path.read_bytes()
        with tempfile.TemporaryDirectory(prefix="s3pypi-zip-") as directory:
            return build(Path(directory, "lambda_indexer.zip")).read_bytes()


@contextlib.contextmanager
def _env_file(path: Path | None, text: str) -> Iterator[None]:
    """Have a file there, whole from its first moment, for as long as the context lasts."""
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
            if path.read_text() == text:  # and not that of another stack by now
                path.unlink()


def main(argv: list[str] | None = None) -> int:
    """Run the command, in the foreground until a signal comes.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0 when it was stopped once it ran, 130 when it was stopped before that, 1
        when it could not start or has died.
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
            ) as stack,
        ):
            text = "".join(f"{name}={value}\n" for name, value in stack.environment.items())
            with _env_file(options.env_file, text):
                ready = True
                print(text, end="", flush=True)
                print(f"Ready; Ctrl-C stops it. Log: {stack.emulator.log}", file=sys.stderr)
                while True:
                    stack.emulator.check()
                    time.sleep(_WATCH_SECONDS)
    except Stopped:
        return 0 if ready else 130
    except (EmulatorError, BuildError, AuthError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local_stack", description="Run the deployment on this machine, in the foreground."
    )
    parser.add_argument("--port", type=int, default=0, help="of the emulated AWS (0: any)")
    parser.add_argument("--edge-port", type=int, default=0, help="of the index (0: any)")
    parser.add_argument("--bucket", default=Settings.bucket, help="default: %(default)s")
    parser.add_argument("--prefix", default="", help="of the index in the address that is shown")
    parser.add_argument("--env-file", type=Path, help="where to write the KEY=value lines")
    parser.add_argument("--zip", type=Path, help="the function's zip; built when not given")
    parser.add_argument(
        "--basic-auth",
        type=_login,
        metavar="USER:PASSWORD",
        help="have the edge ask for a password, by the function that a deployment has there",
    )
    return parser


def _login(text: str) -> tuple[str, str]:
    user, colon, password = text.partition(":")
    if not colon or not is_user(user):
        raise argparse.ArgumentTypeError(
            "give a name of letters, digits, dots, hyphens and underscores, a colon, a password"
        )
    return user, password


if __name__ == "__main__":
    sys.exit(main())
