import socket
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.local.emulator import Emulator
from scripts.local.errors import EmulatorError
from scripts.local.ports import HOST, usable_port


def test_free_port() -> None:
    """The default port is any free one."""
    port = usable_port(0, "--port")

    assert usable_port(port, "--port") == port


def test_a_free_port_is_nobody_elses() -> None:
    """A free port stays reserved until it is used."""
    port = usable_port(0, "--port")
    command = "import socket; socket.socket(type=socket.SOCK_DGRAM).bind(('127.0.0.1', %d))"
    other = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", command % port], capture_output=True, text=True, check=False
    )
    assert "Address already in use" in other.stderr
    assert port < 32_768
    assert len({usable_port(0, "--port") for _ in range(50)} | {port}) == 51


def test_port_taken() -> None:
    """The message names the port and the option, in one line."""
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(EmulatorError, match=rf"^Port {port} .*in use.*--edge-port.*$"):
            usable_port(port, "--edge-port")


@pytest.mark.parametrize("port", [-1, 65536])
def test_no_such_port(port: int) -> None:
    """An invalid port is refused in the same way."""
    with pytest.raises(EmulatorError, match=f"Port {port} "):
        usable_port(port, "--port")


def test_death_shows_the_log(tmp_path: Path) -> None:
    """If an emulator ends, the error has the end of its log."""
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(100)))
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    with pytest.raises(EmulatorError, match=r"(?s)has exited.*\n  line 85\n.*  line 99$"):
        Emulator(0, log, process).check()
