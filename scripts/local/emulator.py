"""Run the AWS emulator, ministack, as a subprocess on loopback.

Only this module and `guarded_emulator` depend on ministack. An emulator that serves the AWS API on
one port and runs Lambda functions from a zip can replace it.
"""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.local.errors import EmulatorError
from scripts.local.ports import HOST, usable_port

REGION = "us-east-1"
# ministack takes an access key of twelve digits for an account ID; this is its default account, in
# which functions run.
ACCOUNT = "000000000000"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "local"}

# -P: ministack must not import the modules next to the script.
GUARDED = ("-P", str(Path(__file__).with_name("guarded_emulator.py")))

_START_SECONDS = 30.0
_STOP_SECONDS = 5.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator.

    Attributes:
        port: The port on loopback.
        log: The log file, which is removed when the emulator stops.
        process: The process, which leads the process group of the functions' workers.
    """

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """The endpoint of every AWS service."""
        return f"http://{HOST}:{self.port}"

    def check(self) -> None:
        """Check that the emulator is running.

        Raises:
            EmulatorError: It has exited; the message ends with the end of its log.
        """
        if self.process.poll() is not None:
            raise EmulatorError(f"The local AWS has exited. The end of its log:\n{self.log_tail()}")

    def log_tail(self, lines: int = 15) -> str:
        """Return the last lines of the log, indented.

        Args:
            lines: The number of lines.
        """
        text = self.log.read_text(errors="replace")
        return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])


@contextlib.contextmanager
def running_emulator(
    port: int = 0, *, log_level: str = "INFO", program: Sequence[str] = GUARDED
) -> Iterator[Emulator]:
    """Run an emulator while the context is active; remove all its processes and files afterwards.

    Args:
        port: The port on loopback; 0 for any free port.
        log_level: The log level.
        program: The arguments of the Python interpreter; by default, ministack with its guard.

    Yields:
        The emulator, ready for requests.

    Raises:
        EmulatorError: The port is taken, or the emulator did not start.
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
                # Ctrl-C then only reaches this process, which stops the emulator.
                start_new_session=True,
            )
        try:
            emulator = Emulator(port, log, process)
            _wait_until_ready(emulator)
            yield emulator
        finally:
            _stop(process)


def _environment(temporary: Path) -> dict[str, str]:
    """Return a minimal environment, because the functions' workers inherit it."""
    return {
        **{key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ},
        **CREDENTIALS,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "BIND_HOST": HOST,
        # Keep ministack from removing containers of other programs.
        "DOCKER_HOST": f"unix://{temporary}/no-docker.sock",
        "HOME": str(temporary),
        # Both would listen on fixed ports.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "PYTHONUNBUFFERED": "1",
        "S3_DATA_DIR": str(temporary / "s3"),
        "STATE_DIR": str(temporary / "state"),
        "TMPDIR": str(temporary),
        # Tests set it, so that their emulators unpack the same zip once.
        "UNPACKED_FUNCTIONS": os.environ.get("UNPACKED_FUNCTIONS", str(temporary)),
    }


def _wait_until_ready(emulator: Emulator) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        emulator.check()
        if _answers(emulator.port):
            return
        time.sleep(_POLL_SECONDS)
    raise EmulatorError(
        f"The local AWS did not respond within {_START_SECONDS:.0f} s. The end of its log:\n"
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
    # Kill the rest of the group, such as workers. They are orphans, which init reaps after a
    # moment.
    deadline = time.monotonic() + _STOP_SECONDS
    while _signal_group(process, signal.SIGKILL) and time.monotonic() < deadline:
        process.poll()
        time.sleep(_POLL_SECONDS)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> bool:
    """Send a signal to the process group; return False if it has no processes left."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):  # EPERM: on macOS, only zombies are left
        return False
    return True
