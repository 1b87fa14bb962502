"""Run each contract with the fake, and with the real adapter on two emulators of AWS."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from moto.server import ThreadedMotoServer

from scripts.local.clients import Clients
from scripts.local.emulator import Emulator
from scripts.local.ports import HOST
from scripts.local.proxy.server import running_proxy
from tests.strict import Strict


@pytest.fixture(scope="session")
def clients(emulator: Emulator) -> Iterator[Clients]:
    """Provide clients of an emulated AWS that is as strict as AWS."""
    with (
        closing(Clients(emulator.url)) as direct,
        running_proxy(emulator.port, Strict(direct)) as proxy,
        closing(Clients(proxy.url)) as clients,
    ):
        yield clients


@pytest.fixture(scope="session")
def moto_clients() -> Iterator[Clients]:
    """Provide clients of moto, which is stricter in some respects."""
    server = ThreadedMotoServer(HOST, 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    clients = Clients(f"http://{HOST}:{port}")
    yield clients
    clients.close()
    server.stop()
