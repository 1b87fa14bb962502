"""A local deployment: an emulated AWS with the real function, and an edge server.

`make local` runs it in the foreground (`command`); tests and the demonstration use `LocalStack`.
"""

import contextlib
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from basic_auth.names import ISSUERS, parameters_path
from basic_auth.parameters import ParameterStore
from basic_auth.readers import TOKEN_USER
from basic_auth.upstream import Upstream
from basic_auth.users import put_user
from scripts.build.indexer_zip import build
from scripts.local.clients import Clients
from scripts.local.edge.origin import Origin
from scripts.local.edge.origin_function import OriginFunction
from scripts.local.edge.run import running_edge
from scripts.local.edge.server import Edge
from scripts.local.edge.viewer_function import DOMAIN, ViewerFunction
from scripts.local.emulator import CREDENTIALS, REGION, Emulator, running_emulator
from scripts.local.identity import ISSUER, SUBJECT, Identity, running_identity
from scripts.local.ports import HOST
from scripts.local.provision import create
from scripts.local.resources import Resources, Settings


class LocalStack:
    """A local deployment; a context manager that removes everything when it exits.

    Attributes:
        emulator: The emulated AWS.
        clients: The boto3 clients.
        resources: The resources of the deployment.
        edge: The edge server.
        prefix: The prefix of the index for clients, without slashes around it.
        identity: The STS for tokens; None without `identity`.
    """

    emulator: Emulator
    clients: Clients
    resources: Resources
    edge: Edge
    prefix: str
    identity: Identity | None = None

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        prefix: str = "",
        port: int = 0,
        edge_port: int = 0,
        zip_path: Path | None = None,
        basic_auth: tuple[str, str] | None = None,
        identity: bool = False,
        upstream: Upstream | None = None,
        record: bool = False,
    ) -> None:
        """Create a deployment without starting it.

        Args:
            settings: The settings of the resources.
            prefix: The prefix of the index for clients; the deployment serves any number of
                indexes.
            port: The emulator's port; 0 for any free port.
            edge_port: The edge server's port; 0 for any free port.
            zip_path: The function's zip; built if None.
            basic_auth: A user name and a password; None for public access.
            identity: Whether to accept tokens of a local STS as passwords.
            upstream: The upstream for missing projects; None for no upstream.
            record: Whether the edge server records its requests in memory.
        """
        self._settings = settings or Settings()
        if upstream:
            environment = {**self._settings.environment, "S3PYPI_UPSTREAM": upstream.url}
            self._settings = replace(self._settings, environment=environment)
        self.prefix = prefix.strip("/")
        self._port = port
        self._edge_port = edge_port
        self._zip_path = zip_path
        self._basic_auth = basic_auth
        self._with_identity = identity
        self._upstream = upstream
        self._record = record
        self._contexts = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as contexts:
            self.emulator = contexts.enter_context(running_emulator(self._port))
            self.clients = contexts.enter_context(contextlib.closing(Clients(self.emulator.url)))
            if self._with_identity:
                self.identity = contexts.enter_context(running_identity())
            self.edge = contexts.enter_context(
                running_edge(
                    Origin(self.clients.s3, self._settings.bucket),
                    self._edge_port,
                    self._viewer_function(),
                    OriginFunction(self._upstream) if self._upstream else None,
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
        """The URL of the index for pip's `--index-url`, including the user and password."""
        url = f"{self.edge.url}/{self.prefix}/" if self.prefix else f"{self.edge.url}/"
        if self.identity:
            url = url.replace(f"//{HOST}:", f"//{DOMAIN}:", 1)  # the audience of tokens
        login = self._basic_auth or ((TOKEN_USER,) if self.identity else ())
        if login:
            text = ":".join(quote(each, safe="") for each in login)
            url = url.replace("://", f"://{text}@", 1)
        return url

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables for clients."""
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
            **(
                {"AWS_ENDPOINT_URL_STS": self.identity.url, "S3PYPI_HOSTS": DOMAIN}
                if self.identity
                else {}
            ),
        }

    def _viewer_function(self) -> ViewerFunction | None:
        if not self._basic_auth and not self.identity:
            return None
        store = ParameterStore(self.clients.ssm, DOMAIN)
        if self._basic_auth:
            put_user(store, *self._basic_auth)
        if not self.identity:
            return ViewerFunction(store)
        issuer = {"issuer": ISSUER, "audience": DOMAIN, "subjects": {SUBJECT: ["/"]}}
        self.clients.ssm.put_parameter(
            Name=f"{parameters_path(DOMAIN)}/{ISSUERS}/local",
            Value=json.dumps(issuer),
            Type="String",
            Overwrite=True,
        )
        return ViewerFunction(store, self.identity.fetch)

    def _code(self) -> bytes:
        if self._zip_path:
            return self._zip_path.read_bytes()
        with tempfile.TemporaryDirectory(prefix="s3pypi-zip-") as directory:
            return build(Path(directory, "lambda_indexer.zip")).read_bytes()
