"""Three deployments by Terraform in one emulated AWS: the root, without locking, and all options.

Terraform waits much and works little, so they are made, and unmade, side by side.
"""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from scripts.local.clients import Clients
from scripts.local.emulator import ACCOUNT, CREDENTIALS, REGION, Emulator, running_emulator
from tests.e2e.conftest import isolated, run
from tests.strict import may_list

from .forwarder import forwarded
from .runner import EMULATOR, Terraform, copy_of_the_source, initialized

KINDS = ("root", "single", "complete")


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Deployment:
    """A deployment as its users see it.

    Attributes:
        terraform: made it.
        left: what a second plan, right after it was made, would still change.
        outputs: of Terraform.
        clients: of the emulated AWS.
        url: of the index, through the distribution.
        environment: for the `s3pypi` command.
        home: a directory for clients.
    """

    terraform: Terraform
    left: list[dict[str, Any]]
    outputs: dict[str, Any]
    clients: Clients
    url: str
    environment: dict[str, str]
    home: Path

    def get(self, path: str = "", **headers: str) -> Answer:
        """Send a request."""
        request = urllib.request.Request(self.url + path, headers=headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def s3pypi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the `s3pypi` command."""
        return run([sys.executable, "-m", "s3pypi", *arguments], self.environment)

    def pip(self, *requirements: str, prefix: str = "") -> str:
        """Install with pip, and return the target directory."""
        target = self.home / f"pip-{'-'.join(requirements)}"
        options = ("--isolated", "--no-cache-dir", "--disable-pip-version-check", "--no-deps")
        run(
            [
                *(sys.executable, "-m", "pip", "install", *options, "--target", str(target)),
                *("--index-url", self.url + prefix, *requirements),
            ]
        )
        return str(target)

    def uv(self, *requirements: str) -> str:
        """Install with uv, and return the target directory."""
        target = self.home / f"uv-{'-'.join(requirements)}"
        run(
            [
                *(sys.executable, "-m", "uv", "pip", "install", "--no-cache", "--no-deps"),
                *("--target", str(target), "--index-url", self.url, *requirements),
            ],
            isolated(self.home),
        )
        return str(target)


class Deployments:
    """All of them.

    Attributes:
        emulator: where they are.
        provider: of Terraform.
        tmp: of this session.
    """

    def __init__(
        self,
        emulator: Emulator,
        provider: Path,
        tmp: Path,
        zips: tuple[Path, ...],
        contexts: ExitStack,
    ) -> None:
        self.emulator, self.provider, self.tmp = emulator, provider, tmp
        self._contexts = contexts
        self._clients = contexts.enter_context(closing(Clients(emulator.url)))
        self._pool = contexts.enter_context(ThreadPoolExecutor(len(KINDS)))
        self._made: dict[str, Deployment] = {}
        (tmp / "dist").mkdir()
        for path in zips:
            (tmp / "dist" / path.name).symlink_to(path)
        self.prepare_account()
        self._applied = {kind: self._pool.submit(self._apply, kind) for kind in KINDS}
        self._destroyed: dict[str, Future[None]] = {}

    def __getitem__(self, kind: str) -> Deployment:
        """Return a deployment when it is ready."""
        terraform, left = self._applied[kind].result()
        if kind not in self._made:
            outputs = terraform.outputs()
            self._admit_the_emulator(outputs["bucket"])
            domain = outputs["distribution_domain"]
            url = self._contexts.enter_context(
                forwarded(
                    self.emulator.port, domain, lambda: may_list(self._clients, outputs["bucket"])
                )
            )
            home = self.tmp / kind / "home"
            home.mkdir()
            environment = {
                "AWS_ENDPOINT_URL": self.emulator.url,
                "AWS_DEFAULT_REGION": REGION,
                **CREDENTIALS,
                "S3PYPI_BUCKET": outputs["bucket"],
                "S3PYPI_FUNCTION": outputs["function_name"],
            }
            self._made[kind] = Deployment(
                terraform, left, outputs, self._clients, url, environment, home
            )
        return self._made[kind]

    def destroy(self) -> dict[str, Future[None]]:
        """Start to destroy all deployments, once."""
        if not self._destroyed:
            self._destroyed = {kind: self._pool.submit(self._destroy, kind) for kind in KINDS}
        return self._destroyed

    def client(self, service: Any) -> Any:
        """Return a client of another service."""
        return boto3.client(
            service,
            endpoint_url=self.emulator.url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(proxies={}),
        )

    def prepare_account(self) -> None:
        """Create the prerequisites: a hosted zone and a certificate for each domain."""
        with closing(self.client("route53")) as route53, closing(self.client("acm")) as acm:
            route53.create_hosted_zone(Name="example.com", CallerReference=ACCOUNT)
            for kind in KINDS:
                acm.request_certificate(DomainName=f"{kind}.example.com")

    def variables(self, kind: str) -> dict[str, Any]:
        """Return the variables of a configuration."""
        given = {"region": REGION, "bucket": f"{kind}-bucket", "domain": f"{kind}.example.com"}
        if kind == "complete":
            return given
        return {**given, "enable_dynamodb_locking": kind != "single", "force_destroy": True}

    def initialized(
        self, kind: str, name: str, variables: Mapping[str, Any]
    ) -> AbstractContextManager[Terraform]:
        """Copy a configuration, with the zips at the paths of `make package`."""
        target = self.tmp / name
        target.mkdir()
        (target / "dist").symlink_to(self.tmp / "dist")
        source = copy_of_the_source(target)
        directory = source / "examples" / "complete" if kind == "complete" else source
        return initialized(directory, self.provider, self.emulator.url, variables)

    def _admit_the_emulator(self, bucket: str) -> None:
        """Allow plain HTTP in a bucket policy, because the emulator uses it."""
        policy = json.loads(self._clients.s3.get_bucket_policy(Bucket=bucket)["Policy"])
        rest = [each for each in policy["Statement"] if each["Sid"] != "RefusePlainHTTP"]
        assert len(rest) == len(policy["Statement"]) - 1
        policy["Statement"] = rest
        self._clients.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    def _apply(self, kind: str) -> tuple[Terraform, list[dict[str, Any]]]:
        terraform = self._contexts.enter_context(self.initialized(kind, kind, self.variables(kind)))
        terraform.run("apply", "-input=false", "-auto-approve")
        return terraform, terraform.changes()

    def _destroy(self, kind: str) -> None:
        terraform, _ = self._applied[kind].result()
        terraform.run("destroy", "-input=false", "-auto-approve", "-refresh=false")


@pytest.fixture(scope="session")
def deployments(
    tmp_path_factory: pytest.TempPathFactory,
    provider: Path,
    function_zip: Path,
    basic_auth_zip: Path,
) -> Iterator[Deployments]:
    """Provide the three deployments; each is awaited when it is used."""
    with ExitStack() as contexts:
        emulator = contexts.enter_context(running_emulator(program=EMULATOR))
        tmp = tmp_path_factory.mktemp("terraform")
        yield Deployments(emulator, provider, tmp, (function_zip, basic_auth_zip), contexts)


@pytest.fixture
def deployment(deployments: Deployments, request: pytest.FixtureRequest) -> Deployment:
    """Provide the deployment that the test names."""
    return deployments[request.param]


@pytest.fixture
def root(deployments: Deployments) -> Deployment:
    """Provide the root configuration with the defaults."""
    return deployments["root"]
