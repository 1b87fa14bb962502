"""Run small functions in Lambda's runtime."""

import sys
import zipfile
from pathlib import Path

import pytest

from scripts.local.runtime import RuntimeEmulatorError, running_runtime

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the emulator of Lambda's runtime is a Linux program"
)

CODE = """
import os

ballast = b"x" * int(os.environ.get("BALLAST", "0"))

def handler(event, context):
    if event == "raise":
        raise ValueError("as asked")
    greeting = os.environ["GREETING"]
    return [event, os.getpid(), context.function_name, context.memory_limit_in_mb, greeting]
"""


@pytest.fixture
def zip_path(tmp_path: Path) -> Path:
    """Build a function that returns its environment."""
    path = tmp_path / "function.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("package/module.py", CODE)
    return path


def test_runs_a_zip(zip_path: Path) -> None:
    """One interpreter handles all invocations, with the given name and environment."""
    with running_runtime(
        zip_path, "package.module.handler", name="some", environment={"GREETING": "hi"}
    ) as runtime:
        first = runtime.invoke({"a": ["ü"]})
        second = runtime.invoke(None)

        assert first[0] == {"a": ["ü"]}
        assert second[0] is None
        assert first[1:] == second[1:]
        assert first[2:] == ["some", "128", "hi"]
        assert runtime.init_milliseconds > 0
        pid = first[1]
    assert not Path(f"/proc/{pid}").exists()


def test_says_what_a_function_raised(zip_path: Path) -> None:
    """An exception fails the invocation, and the function continues."""
    with running_runtime(
        zip_path, "package.module.handler", environment={"GREETING": "hi"}
    ) as runtime:
        with pytest.raises(RuntimeEmulatorError, match="ValueError: as asked"):
            runtime.invoke("raise")

        assert runtime.invoke(1)[0] == 1


def test_says_what_a_function_has_in_memory(zip_path: Path) -> None:
    """The peak is that of the function's interpreter, not of the emulator."""
    environment = {"GREETING": "hi", "BALLAST": str(100 << 20)}
    with running_runtime(zip_path, "package.module.handler", environment=environment) as runtime:
        runtime.invoke(1)

        assert 100 << 20 < runtime.peak_memory < 200 << 20


def test_init_is_unknown_before_the_first_invocation(zip_path: Path) -> None:
    """Reading the init time too early is an error."""
    with (
        running_runtime(zip_path, "package.module.handler") as runtime,
        pytest.raises(RuntimeEmulatorError, match="invoke it first"),
    ):
        _ = runtime.init_milliseconds
