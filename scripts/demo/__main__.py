"""The whole line, end to end: upload packages, wait for their pages, install them with pip.

`make demo` runs it: the local AWS with the real function, the real command, the real pip.
"""

import argparse
import contextlib
import http
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.error import HTTPError

from basic_auth.negotiation import HTML, JSON
from scripts.build.indexer_zip import BuildError, build
from scripts.demo.packages import Packages, get_packages
from scripts.local.emulator import HOST, EmulatorError
from scripts.local.signals import Stopped, signals_stop
from scripts.local.stack import LocalStack

_PAGE_SECONDS = 30.0
_POLL_SECONDS = 0.05
_LOG_LINES = 20


class DemoError(Exception):
    """A step failed; the message says what was seen."""


def main(argv: list[str] | None = None) -> int:
    """Run the demonstration.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0 when everything was seen working, otherwise 1.
    """
    argparse.ArgumentParser(
        prog="demo", description="Upload a few packages to a local AWS and install them with pip."
    ).parse_args(argv)
    try:
        with signals_stop(), tempfile.TemporaryDirectory(prefix="s3pypi-demo-") as directory:
            _run(Path(directory))
    except (DemoError, BuildError, EmulatorError, OSError) as error:
        print(f"\nFAILED: {error}", file=sys.stderr)
        return 1
    except Stopped:
        return 130
    print("\nSUCCESS: uploaded, indexed, installed and imported.")
    return 0


class _Steps:
    """Numbered steps for people, and how long they took."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}
        self._number = 0

    @contextlib.contextmanager
    def step(self, title: str, timing: str = "") -> Iterator[None]:
        self._number += 1
        print(f"\n{self._number}. {title}", flush=True)
        started = time.monotonic()
        yield
        if timing:
            self.timings[timing] = time.monotonic() - started


def _run(directory: Path) -> None:
    steps = _Steps()
    with steps.step("Build the function's zip, as it would be deployed"):
        zip_path = build(directory / "lambda_indexer.zip")
        print(f"   {zip_path.name}: {zip_path.stat().st_size:,} bytes")
    with steps.step("Get some packages"):
        (directory / "packages").mkdir()
        packages = get_packages(directory / "packages", os.environ)
        print(f"   {packages.origin}:")
        for path in packages.files:
            print(f"   {path.name}")
    with contextlib.ExitStack() as contexts:
        with steps.step("Start a local AWS: bucket, queue, function, lock table, edge server"):
            stack = contexts.enter_context(LocalStack(zip_path=zip_path))
            print(f"   AWS:   {stack.emulator.url}\n   index: {stack.index_url}")
        try:
            _upload(steps, stack, packages)
            _install(steps, stack, packages, directory / "venv")
            _show(steps, stack, packages)
        except (DemoError, OSError) as error:
            raise DemoError(f"{error}\n\n{_evidence(stack)}") from error


def _upload(steps: _Steps, stack: LocalStack, packages: Packages) -> None:
    *most, last = packages.files
    environment = _clean_environment() | stack.environment
    with steps.step("Upload all but one with s3pypi", f"upload of {len(most)}, with their pages"):
        command = ("upload", *map(str, most), "--bucket", stack.resources.bucket, "--wait", "60")
        shown = " ".join(Path(word).name for word in command)
        print(f"   $ s3pypi {shown}", flush=True)
        _call([sys.executable, "-m", "s3pypi", *command], environment, quiet=False)
    with steps.step(
        f"Put {last.name} at the bucket's root, as aws s3 cp does", "plain upload to page"
    ):
        stack.clients.s3.put_object(
            Bucket=stack.resources.bucket, Key=last.name, Body=last.read_bytes()
        )
        project = last.name.partition("-")[0].replace("_", "-").lower()
        _wait_for_page(f"{stack.index_url}{project}/", last.name)
        print(f"   filed and listed on {stack.index_url}{project}/")


def _install(steps: _Steps, stack: LocalStack, packages: Packages, home: Path) -> None:
    environment = _clean_environment()
    python = str(home / "bin" / "python")
    with steps.step("Install from that index alone, into a fresh environment", "pip install"):
        venv.create(home, with_pip=False)
        wanted = sorted(packages.modules)
        pip = ("-m", "pip", "--python", python, "--isolated", "--disable-pip-version-check")
        options = ("--quiet", "--no-cache-dir", "--index-url", stack.index_url)
        print(f"   $ pip install --index-url {stack.index_url} {' '.join(wanted)}", flush=True)
        _call([sys.executable, *pip, "install", *options, *wanted], environment)
    with steps.step("Import them there"):
        modules = ", ".join(packages.modules[name] for name in wanted)
        code = f"import {modules}\nfor module in ({modules},): print('  ', module.__file__)"
        print(_call([python, "-I", "-c", code], environment), end="")


def _show(steps: _Steps, stack: LocalStack, packages: Packages) -> None:
    page = f"{stack.index_url}{packages.shown}/"
    with steps.step("The root page, as browsers see it"):
        _print_indented(_get(stack.index_url, HTML))
    with steps.step(f"The page of {packages.shown}, as browsers see it"):
        _print_indented(_get(page, HTML))
    with steps.step(f"The page of {packages.shown}, as pip and uv see it"):
        document = json.loads(_get(page, JSON))
        print(f"   versions {document['versions']}, api-version {document['meta']['api-version']}")
        for file in document["files"]:
            print(f"   {file['filename']}: {file['size']:,} bytes")
            print(f"     sha256 {file['hashes']['sha256']}")
            print(f"     uploaded {file.get('upload-time')}")
    with steps.step("Timings"):
        for name, seconds in steps.timings.items():
            print(f"   {name:<30}{seconds:6.2f} s")


def _wait_for_page(url: str, filename: str) -> None:
    deadline = time.monotonic() + _PAGE_SECONDS
    while filename not in _get(url, JSON):
        if time.monotonic() > deadline:
            raise DemoError(f"{filename} did not appear on {url} within {_PAGE_SECONDS:.0f} s.")
        time.sleep(_POLL_SECONDS)


def _get(url: str, accept: str) -> str:
    """Get a page; empty as long as there is none."""
    request = urllib.request.Request(url, headers={"Accept": accept})  # noqa: S310 - our own server
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return str(answer.read().decode())
    except HTTPError as error:
        error.close()
        if error.status == http.HTTPStatus.NOT_FOUND:
            return ""
        raise


def _call(command: Sequence[str], environment: Mapping[str, str], *, quiet: bool = True) -> str:
    done = subprocess.run(  # noqa: S603 - our own commands
        command,
        env=environment,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DemoError(f"Exit code {done.returncode} of: {' '.join(command)}\n{done.stdout or ''}")
    return done.stdout or ""


def _clean_environment() -> dict[str, str]:
    """Give this process's variables without those of another AWS account, index or proxy."""
    other = ("AWS_", "PIP_", "S3PYPI_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(other)}
    return {
        **kept,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": HOST,
        "no_proxy": HOST,
        "PIP_CONFIG_FILE": os.devnull,
    }


def _evidence(stack: LocalStack) -> str:
    dead = stack.resources.messages(stack.resources.dlq_url)
    waiting = stack.resources.messages(stack.resources.queue_url)
    log = "\n".join(f"  {line}" for line in stack.resources.function_log()[-_LOG_LINES:])
    return (
        f"Messages in the queue: {waiting}, dead letters: {dead}."
        f" The end of the function's log:\n{log or '  (empty)'}"
    )


def _print_indented(text: str) -> None:
    for line in text.splitlines():
        print(f"   {line}")


if __name__ == "__main__":
    sys.exit(main())
