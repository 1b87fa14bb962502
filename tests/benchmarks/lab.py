"""The environment of the benchmarks: the local AWS, two proxies, and the other tools."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scripts.build.indexer_zip import build
from scripts.local.clients import Clients
from scripts.local.emulator import CREDENTIALS, REGION
from scripts.local.ports import usable_port
from scripts.local.proxy.fates import Tally
from scripts.local.proxy.server import Proxy, running_proxy
from scripts.local.resources import Settings
from scripts.local.stack import LocalStack
from tests.benchmarks.latency import Latencies

PEERS = Path(__file__).resolve().parents[2] / ".venv-peers"
PEER_BUCKET = "peer"
TIMEOUT = 900


@dataclass
class Site:
    """A local deployment with latencies.

    Attributes:
        stack: The deployment; its own clients reach it without any latency.
        clients: The proxy that the command, and the peers, talk through.
        function: The proxy that the function talks through.
    """

    stack: LocalStack
    clients: Proxy
    function: Proxy

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of a process that uses the clients' proxy."""
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            **CREDENTIALS,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.clients.url,
        }

    def put(self, key: str, content: bytes, bucket: str = "") -> None:
        """Put an object as a client does.

        Args:
            key: The object's.
            content: Its bytes.
            bucket: One to put it into without latency; by default the deployment's own, with it.
        """
        clients = self.stack.clients if bucket else self.slow
        bucket = bucket or self.stack.resources.bucket
        clients.s3.put_object(Bucket=bucket, Key=key, Body=content)

    def listed(self, directory: str) -> set[str]:
        """Return the files on a project's page in the deployment's bucket."""
        s3, bucket = self.stack.clients.s3, self.stack.resources.bucket
        try:
            answer = s3.get_object(Bucket=bucket, Key=f"{directory}index.json")
        except s3.exceptions.NoSuchKey:
            return set()
        return {file["filename"] for file in json.load(answer["Body"])["files"]}

    @cached_property
    def slow(self) -> Clients:
        """Return clients that use the clients' proxy."""
        return Clients(self.clients.url)

    def forget(self) -> None:
        """Reset the counters."""
        self.clients.tally, self.function.tally = Tally(), Tally()


@dataclass
class Lab:
    """The environment of all benchmarks.

    Attributes:
        latencies: Of the calls.
        quick: Whether to be done in a minute rather than to be exact.
        home: A directory for files, gone afterwards.
    """

    latencies: Latencies
    quick: bool
    home: Path

    def runs(self, number: int) -> int:
        """Return how often to repeat a measurement."""
        return 1 if self.quick else number

    def size(self, full: int, quick: int) -> int:
        """Return a size, which is smaller in quick runs."""
        return quick if self.quick else full

    @cached_property
    def zip(self) -> Path:
        """Return the function's zip, with bytecode for the interpreter of the emulator."""
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return build(self.home / "function.zip", python_version=version)

    @contextlib.contextmanager
    def site(self, settings: Settings | None = None) -> Iterator[Site]:
        """Run a deployment while the context is active.

        Args:
            settings: How to set it up; the proxies' addresses are added for the function.
        """
        port = usable_port(0, "")
        settings = settings or Settings()
        with (
            running_proxy(port, self.latencies.decide) as clients,
            running_proxy(port, self.latencies.decide) as function,
        ):
            # Those of one service win over the address that the emulator gives a function.
            through = {
                f"AWS_ENDPOINT_URL_{service}": function.url for service in ("S3", "DYNAMODB", "SQS")
            }
            environment = {**settings.environment, **through}
            with LocalStack(
                Settings(**{**vars(settings), "environment": environment}),
                port=port,
                zip_path=self.zip,
            ) as stack:
                _make_peer_bucket(stack)
                site = Site(stack, clients, function)
                yield site
                site.slow.close()

    def ours(self, site: Site, *arguments: str | Path) -> None:
        """Run our command with a deployment."""
        self.run([sys.executable, "-m", "s3pypi", *arguments], site)

    def peer(self, site: Site, *arguments: str | Path) -> None:
        """Run s3pypi 2.0.1 with a deployment."""
        self.run([PEERS / "bin" / "python", "-m", "s3pypi", *arguments], site)

    def run(self, command: Sequence[str | Path], site: Site) -> None:
        """Run a command that uses the clients' proxy.

        Raises:
            CalledProcessError: It failed.
        """
        subprocess.run(  # noqa: S603
            command, env=site.environment, check=True, capture_output=True, timeout=TIMEOUT
        )


def _make_peer_bucket(stack: LocalStack) -> None:
    """Create a bucket without notifications, with the lock table that s3pypi 2.0.1 expects."""
    stack.clients.s3.create_bucket(Bucket=PEER_BUCKET)
    stack.clients.dynamodb.create_table(
        TableName=f"{PEER_BUCKET}-locks",
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


@contextlib.contextmanager
def open_lab(latencies: Latencies, *, quick: bool) -> Iterator[Lab]:
    """Provide the environment, and clean it up."""
    with tempfile.TemporaryDirectory(prefix="s3pypi-benchmark-") as home:
        yield Lab(latencies, quick, Path(home))
