"""The emulator of AWS: ministack, as one subprocess on loopback.

Only this module and `guarded_emulator` know which emulator it is. Another one can take its place if
it speaks the AWS API on one port and runs Lambda functions from a zip.
"""

import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
REGION = "us-east-1"
# An access key of twelve digits is an account's number to ministack; this is its default account,
# the one that functions run in.
ACCOUNT = "000000000000"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "local"}

# -P: beside the script are modules that are not for ministack to import.
GUARDED = ("-P", str(Path(__file__).with_name("guarded_emulator.py")))

_START_SECONDS = 30.0
_STOP_SECONDS = 5.0
_POLL_SECONDS = 0.05
_PORTS = range(20_000, 32_000)  # Linux chooses from 32768 on, macOS and Windows from 49152


class EmulatorError(Exception):
    """The local AWS cannot start or has died; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator.

    Attributes:
        port: Where on loopback it listens.
        log: Its log file, gone after it has stopped.
        process: It; its number is also that of the process group with the functions' workers in it.
    """

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """The endpoint of every AWS service."""
        return f"http://{HOST}:{self.port}"

    def check(self) -> None:
        """See that it is alive.

        Raises:
            EmulatorError: It has died; the message ends with the end of its log.
        """
        if self.process.poll() is not None:
            raise EmulatorError(f"The local AWS has died. The end of its log:\n{self.log_tail()}")

    def log_tail(self, lines: int = 15) -> str:
        """Give the end of its log.

        Args:
            lines: How many lines.

        Returns:
            The lines, indented.
        """
        text = self.log.read_text(errors="replace")
        return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])


@contextlib.contextmanager
def running_emulator(
    port: int = 0, *, log_level: str = "INFO", program: Sequence[str] = GUARDED
) -> Iterator[Emulator]:
    """Run an emulator for as long as the context lasts; it leaves no process and no file behind.

    Args:
        port: Where to listen on loopback; 0 for any free port.
        log_level: How much its log says.
        program: What Python runs, if not ministack behind its guard.

    Yields:
        The emulator, ready for requests.

    Raises:
        EmulatorError: The port is taken, or it died or did not answer while starting.
    """
    port = usable_port(port, "--port")
    with tempfile.TemporaryDirectory(prefix="s3pypi-emulator-", ignore_cleanup_errors=True) as home:
        log = Path(home, "emulator.log")
        temporary = Path(home, "tmp")
        temporary.mkdir()
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - the emulator, as the caller names it
                [sys.executable, *program],
                cwd=temporary,
                env={**_environment(temporary), "GATEWAY_PORT": str(port), "LOG_LEVEL": log_level},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal then reaches us alone, and we stop it in order.
                start_new_session=True,
            )
        try:
            emulator = Emulator(port, log, process)
            _wait_until_ready(emulator)
            yield emulator
        finally:
            _stop(process)


def usable_port(port: int, option: str) -> int:
    """Find a port of the loopback interface on which nobody listens.

    Args:
        port: The one wanted; 0 for any.
        option: The option that chooses another, for the message.

    Returns:
        The port's number. When any would do, it is reserved for this process and its children.

    Raises:
        EmulatorError: The one wanted is taken, or this user may not have it.
    """
    if port == 0:
        return _reserved_port(option)
    try:
        _try_port(port)
    except (OSError, OverflowError) as error:
        raise EmulatorError(
            f"Port {port} of {HOST} cannot be used ({getattr(error, 'strerror', error)}):"
            f" stop the program that has it, or choose another with {option} (0: any)."
        ) from error
    return port


def _reserved_port(option: str) -> int:
    """Find a free port that stays free until a child of ours listens on it.

    A port that the kernel chooses is taken again by whoever asks the kernel next. These are below
    those that it chooses from, and a UDP socket of the same number tells other processes like this
    one that the port has an owner.
    """
    for port in random.sample(_PORTS, len(_PORTS)):
        reservation = socket.socket(type=socket.SOCK_DGRAM)
        try:
            reservation.bind((HOST, port))
            _try_port(port)
        except OSError:
            reservation.close()
        else:
            reservation.detach()  # it stays open for as long as this process lives
            return port
    raise EmulatorError(f"No port of {HOST} is free: choose one with {option}.")


def _try_port(port: int) -> None:
    with socket.socket() as probe:
        # As servers do: connections that are dying after the last run are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))


def _environment(temporary: Path) -> dict[str, str]:
    """Give all that it may know of this machine, for the functions' workers inherit it."""
    return {
        **{key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ},
        **CREDENTIALS,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "BIND_HOST": HOST,
        # We need no containers, and its sweep for old ones could take somebody else's.
        "DOCKER_HOST": f"unix://{temporary}/no-docker.sock",
        "HOME": str(temporary),
        # Both would listen on a fixed port.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "PYTHONUNBUFFERED": "1",
        "S3_DATA_DIR": str(temporary / "s3"),
        "STATE_DIR": str(temporary / "state"),
        "TMPDIR": str(temporary),
    }


def _wait_until_ready(emulator: Emulator) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        emulator.check()
        if _answers(emulator.port):
            return
        time.sleep(_POLL_SECONDS)
    raise EmulatorError(
        f"The local AWS did not answer within {_START_SECONDS:.0f} s. The end of its log:\n"
        f"{emulator.log_tail()}"
    )


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    _signal_group(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    # Whatever of the group is still there, workers included; they are orphans by now, so that it
    # is for init to collect them, which may take it a moment.
    deadline = time.monotonic() + _STOP_SECONDS
    while _signal_group(process, signal.SIGKILL) and time.monotonic() < deadline:
        process.poll()
        time.sleep(_POLL_SECONDS)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> bool:
    """Send a signal to whom it may still concern; False when nobody is left."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):  # EPERM: on macOS, only zombies are left
        return False
    return True
