"""The steps of the demo: upload packages, wait for their pages, install them with pip.

A second index in the same bucket plays the public one, and is the upstream of the first.
"""

import contextlib
import json
import os
import sys
import venv
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from basic_auth.upstream import Upstream
from scripts.build.indexer_zip import build
from scripts.demo.clients import DemoError, call, get_page, wait_for_file
from scripts.demo.steps import Steps
from scripts.local.edge.origin import Origin
from scripts.local.edge.run import running_edge
from scripts.local.packages import Packages, build_wheel, get_packages
from scripts.local.ports import usable_port
from scripts.local.stack import LocalStack

_LOG_LINES = 20
_PUBLIC = "public"
_FAKE = "99.0"


def demonstrate(directory: Path) -> None:
    """Run all steps, and print a line for each.

    Args:
        directory: An empty working directory.

    Raises:
        DemoError: A step failed; the message ends with the state of the queue and the function's
            log.
        BuildError: The function's zip could not be built.
        EmulatorError: The local AWS did not start.
    """
    steps = Steps()
    with steps.step("Build the function's zip"):
        zip_path = build(directory / "lambda_indexer.zip")
    with steps.step("Get a few packages"):
        (directory / "packages").mkdir()
        packages = get_packages(directory / "packages", os.environ)
    print(f"   {len(packages.files)} files, {packages.origin}")
    with contextlib.ExitStack() as contexts:
        with steps.step("Start a local AWS with the index"):
            port = usable_port(0, "")
            url = f"http://localhost:{port}/{_PUBLIC}/"
            upstream = Upstream(url, ("private-*",), frozenset({_PUBLIC}))
            stack = contexts.enter_context(LocalStack(zip_path=zip_path, upstream=upstream))
            origin = Origin(stack.clients.s3, stack.resources.bucket)
            contexts.enter_context(running_edge(origin, port))
        print(f"   Index: {stack.index_url}")
        try:
            _upload(steps, stack, packages)
            _install(steps, stack, packages, directory / "venv")
            _publish(steps, stack, url, packages, directory)
            _install_both(steps, stack, url, packages, directory / "venv")
            _show(steps, stack, packages)
        except (DemoError, OSError) as error:
            raise DemoError(f"{error}\n\n{_evidence(stack)}") from error


def _upload(steps: Steps, stack: LocalStack, packages: Packages) -> None:
    *most, last = packages.files
    with steps.step(f"Upload {len(most)} files with `s3pypi upload`, and wait for their pages"):
        options = ("--bucket", stack.resources.bucket, "--wait", "60")
        command = (sys.executable, "-m", "s3pypi", "upload", *map(str, most), *options)
        call(command, stack.environment)
    with steps.step("Upload a wheel as `aws s3 cp` does, and wait for its page"):
        _put(stack, last, "", stack.index_url)


def _put(stack: LocalStack, file: Path, prefix: str, url: str) -> None:
    """Put a file into an index, whose root page is at a URL, and wait for its page."""
    stack.clients.s3.put_object(
        Bucket=stack.resources.bucket, Key=prefix + file.name, Body=file.read_bytes()
    )
    project = canonicalize_name(file.name.partition("-")[0])
    wait_for_file(f"{url}{project}/", file.name)


def _install(steps: Steps, stack: LocalStack, packages: Packages, home: Path) -> None:
    wanted = sorted(packages.modules)
    with steps.step(f"Install {len(wanted)} packages with pip from this index alone"):
        venv.create(home, with_pip=False)
        _pip_install(stack, home, *wanted)
    with steps.step(f"Import {', '.join(wanted)}"):
        _python(home, f"import {', '.join(packages.modules[each] for each in wanted)}")


def _pip_install(stack: LocalStack, home: Path, *arguments: str) -> None:
    pip = ("-m", "pip", "--python", str(home), "--isolated", "--disable-pip-version-check")
    options = ("--quiet", "--no-cache-dir", "--index-url", stack.index_url)
    call((sys.executable, *pip, "install", *options, *arguments))


def _python(home: Path, code: str) -> str:
    return call((str(home / "bin" / "python"), "-I", "-c", code))


def _publish(
    steps: Steps, stack: LocalStack, url: str, packages: Packages, directory: Path
) -> None:
    """Fill the index that plays the public one, with a package and with a fake of one of ours."""
    with steps.step(f"Publish demo-public, and a fake {packages.shown} {_FAKE}, on a public index"):
        for name, version in (("demo_public", "1.0"), (packages.shown.replace("-", "_"), _FAKE)):
            requires = (packages.shown,) if name == "demo_public" else ()
            wheel = build_wheel(directory, name, version, requires)
            _put(stack, wheel, f"{_PUBLIC}/{canonicalize_name(name)}/", url)


def _install_both(
    steps: Steps, stack: LocalStack, url: str, packages: Packages, home: Path
) -> None:
    shown = packages.shown
    with steps.step("Install both with the one URL; only demo-public is redirected"):
        _pip_install(stack, home, "--upgrade", "demo-public", shown)
        code = f"from importlib.metadata import version; print(version({shown!r}))"
        installed = _python(home, code).strip()
    print(f"   demo-public 1.0 from {url}, {shown} {installed} from this index")
    if installed == _FAKE:
        raise DemoError(f"{shown} {_FAKE} is the fake of the public index.")


def _show(steps: Steps, stack: LocalStack, packages: Packages) -> None:
    with steps.step(f"Read the page of {packages.shown}, in JSON as pip and uv do"):
        page = json.loads(get_page(f"{stack.index_url}{packages.shown}/"))
    print(json.dumps(summary(page), indent=2))


def summary(page: dict[str, Any]) -> dict[str, Any]:
    """Return a summary of a project's page.

    Args:
        page: The JSON page (PEP 691).

    Returns:
        The project's name and versions, and each file's name, size in bytes and upload time.
    """
    kept = ("filename", "size", "upload-time")
    files = [{key: file[key] for key in kept if key in file} for file in page["files"]]
    return {"name": page["name"], "versions": page["versions"], "files": files}


def _evidence(stack: LocalStack) -> str:
    dead = stack.resources.messages(stack.resources.dlq_url)
    waiting = stack.resources.messages(stack.resources.queue_url)
    log = "\n".join(f"  {line}" for line in stack.resources.function_log()[-_LOG_LINES:])
    return (
        f"Messages in the queue: {waiting}, in the dead-letter queue: {dead}."
        f" The end of the function's log:\n{log or '  (empty)'}"
    )
