"""Run a function's zip with Lambda's Runtime Interface Emulator.

The emulator (a binary in the wheel of aws-sam-cli) and the AWS runtime client for Python
(awslambdaric) are in `.venv-runtime`, with boto3 and nothing else. They run the zip as Lambda does,
except that Python is this machine's, and that the processor is not throttled as for small
functions. The `INIT REPORT` in the log is a measurement; the figures of the `REPORT` lines are not.
"""

import contextlib
import json
import os
import platform
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.local.ports import HOST, usable_port

VENV = Path(__file__).resolve().parents[2] / ".venv-runtime"

_BINARIES = {"x86_64": "aws-lambda-rie-x86_64", "aarch64": "aws-lambda-rie-arm64"}
_INIT_REPORT = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)\)")
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_START_SECONDS = 15.0
_STOP_SECONDS = 5.0
_POLL_SECONDS = 0.02


class RuntimeEmulatorError(Exception):
    """The runtime cannot start, or the function raised; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A function that can be invoked; see `running_runtime`.

    Attributes:
        port: The port on loopback.
        log: The log file of the runtime and the function, which is removed when it stops.
        process: The emulator; the function's interpreter is its only child.
    """

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    def invoke(self, event: object) -> Any:  # noqa: ANN401 - JSON
        """Invoke the function; the first invocation begins with the init phase.

        Args:
            event: The event, which must be serializable as JSON.

        Returns:
            The function's response, parsed from JSON.

        Raises:
            RuntimeEmulatorError: The function raised, its module could not be imported, or it took
                longer than its timeout.
        """
        url = f"http://{HOST}:{self.port}/2015-03-31/functions/function/invocations"
        with urllib.request.urlopen(url, json.dumps(event).encode()) as response:
            body = response.read().decode()
        try:
            answer = json.loads(body)
        except ValueError:  # the format of a timeout
            answer = {"errorMessage": body, "errorType": "Unhandled"}
        if isinstance(answer, dict) and {"errorMessage", "errorType"} <= answer.keys():
            raise RuntimeEmulatorError(
                f"{answer['errorType']}: {answer['errorMessage']}\nThe log:\n{self.log.read_text()}"
            )
        return answer

    @property
    def init_milliseconds(self) -> float:
        """Return the duration of the last init phase, including the start of the interpreter.

        Raises:
            RuntimeEmulatorError: The function has not been invoked yet.
        """
        found = _INIT_REPORT.findall(self.log.read_text())
        if not found:
            raise RuntimeEmulatorError("The function has not been invoked yet: invoke it first.")
        return float(found[-1])

    @property
    def peak_memory(self) -> int:
        """Return the peak resident memory of the function's interpreter, in bytes (Linux only)."""
        pid = self.process.pid
        children = "".join(
            path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")
        )
        peaks = [
            _PEAK.findall(Path(f"/proc/{child}/status").read_text()) for child in children.split()
        ]
        return max(int(peak) * 1024 for found in peaks for peak in found)


@contextlib.contextmanager
def running_runtime(
    zip_path: Path,
    handler: str,
    *,
    name: str = "function",
    environment: Mapping[str, str] | None = None,
    memory: int = 128,
    timeout: int = 5,
    python: Path | None = None,
) -> Iterator[Runtime]:
    """Run a function while the context is active; remove all its processes and files afterwards.

    Args:
        zip_path: The function's zip.
        handler: The handler, such as "package.module.handler".
        name: The function's name.
        environment: Environment variables, in addition to Lambda's.
        memory: The configured memory in MB. It is not enforced; see `peak_memory`.
        timeout: The timeout of an invocation, in seconds.
        python: An interpreter with awslambdaric; by default, that of `.venv-runtime`.

    Yields:
        The function. Its init phase begins with the first invocation.

    Raises:
        RuntimeEmulatorError: The environment is missing or outdated, or the emulator did not start.
    """
    command = [
        *(str(_binary()), "--log-level", "info"),
        *("--runtime-api-address", f"{HOST}:{usable_port(0, 'the port of the runtime')}"),
    ]
    with tempfile.TemporaryDirectory(prefix="s3pypi-runtime-") as home:
        task, log = Path(home, "task"), Path(home, "runtime.log")
        with zipfile.ZipFile(zip_path) as archive:
            archive.extractall(task)
        port = usable_port(0, "the port of the function")
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - installed by `make`
                [
                    *(*command, "--runtime-interface-emulator-address", f"{HOST}:{port}"),
                    *(str(python or VENV / "bin" / "python"), "-m", "awslambdaric", handler),
                ],
                cwd=task,
                env={
                    "PATH": os.environ.get("PATH", os.defpath),
                    "AWS_EC2_METADATA_DISABLED": "true",
                    **(environment or {}),
                    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
                    "AWS_LAMBDA_FUNCTION_NAME": name,
                    "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
                    "LAMBDA_TASK_ROOT": str(task),
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait_until_ready(process, port, log)
            yield Runtime(port, log, process)
        finally:
            _stop(process)


def _binary() -> Path:
    name = _BINARIES.get(platform.machine(), "")
    for path in VENV.glob(f"lib/python*/site-packages/samcli/local/rapid/{name or '-'}"):
        return path
    raise RuntimeEmulatorError(
        f"There is no runtime emulator for this machine ({platform.machine()}) in {VENV.name}:"
        " `make test` installs it there, for x86_64 and aarch64."
    )


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}/", timeout=1).close()
        except urllib.error.HTTPError as error:
            error.close()  # it responds, even if only with an error
            return
        except OSError:
            time.sleep(_POLL_SECONDS)
        else:
            return
    raise RuntimeEmulatorError(f"The runtime emulator did not start. Its log:\n{log.read_text()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()  # stops the interpreter first
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
