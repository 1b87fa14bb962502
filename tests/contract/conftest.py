"""Each contract is run by the fake and by the real adapter, on an emulated AWS."""

from collections.abc import Iterator

import pytest

from scripts.clients import Clients
from scripts.emulator import running_emulator


@pytest.fixture(scope="session")
def clients() -> Iterator[Clients]:
    """Clients of an emulated AWS with nothing in it."""
    with running_emulator() as emulator:
        clients = Clients(emulator.url)
        yield clients
        clients.close()
