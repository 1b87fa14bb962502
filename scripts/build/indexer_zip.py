"""Build the zip of the indexer function: `lambda_indexer` and its dependencies.

The zip is reproducible, so that a deployment only changes when the code does. It includes a pinned
boto3 with the data of the services that the function uses. The version in Lambda's runtime depends
on the region and the day, and old versions do not support all conditions that the function sets on
its requests. If an interpreter of the runtime's version is available, the zip includes bytecode.
Lambda's file system is read-only, so without bytecode every cold start compiles all modules.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.build.archive import write_archive

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lambda_indexer"
SHARED = ROOT / "cli" / "s3pypi"
# The modules of the command that the function uses.
SHARED_MODULES = ("__init__.py", "distributions", "layout.py", "markers.py", "upstream")
REQUIREMENTS = ROOT / "requirements" / "indexer.txt"
OUTPUT = ROOT / "dist" / "lambda_indexer.zip"
PLATFORMS = ("manylinux2014_aarch64", "manylinux2014_x86_64")
PYTHON_VERSION = "3.13"

SERVICES = ("cloudfront", "dynamodb", "s3", "sqs")
"""The services that the function uses; botocore's data for all others is left out."""

_DATA = "botocore/data/"
# The data that a client needs; the rest is for paginators, waiters and documentation.
_MODELS = ("service-2.json.gz", "service-2.sdk-extras.json", "endpoint-rule-set-1.json.gz")
# The function does not use boto3's resources, time zones, or Powertools' web request routers.
_UNUSED = (
    "aws_lambda_powertools/event_handler/",
    "boto3/data/",
    "boto3/examples/",
    "dateutil/zoneinfo/dateutil-zoneinfo.tar.gz",
)
# importlib.metadata reads METADATA; most other files of a .dist-info are for pip.
_DIST_INFO = ("METADATA", "licenses/", "LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")


class BuildError(Exception):
    """The zip could not be built; the message is for the user."""


def build(
    output: Path = OUTPUT, platform: str = PLATFORMS[0], python_version: str = PYTHON_VERSION
) -> Path:
    """Build the zip.

    The compiled modules are for Lambda's interpreter. Other interpreters ignore them and use the
    pure Python next to them, so the zip also runs locally.

    Args:
        output: The path of the zip; missing directories are created.
        platform: One of `PLATFORMS`.
        python_version: The runtime's Python version, such as "3.13".

    Returns:
        `output`.

    Raises:
        BuildError: The platform is unknown, a dependency cannot be installed, or boto3 is included.
    """
    if platform not in PLATFORMS:
        raise BuildError(f"Unknown platform {platform!r}: choose one of {', '.join(PLATFORMS)}.")
    with tempfile.TemporaryDirectory(prefix="s3pypi-build-") as target:
        _install(Path(target), platform, python_version)
        files = {**dict(_dependencies(Path(target))), **dict(_package())}
        files |= _bytecode(files, Path(target, "bytecode"), python_version)
        write_archive(output, files)
    return output


def _install(target: Path, platform: str, python_version: str) -> None:
    # --no-deps: the file lists all dependencies, and pip would resolve them for the running
    # interpreter and not for the target.
    command = [
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"),
        *("--no-deps", "--no-compile", "--only-binary=:all:", "--require-hashes"),
        *("--implementation", "cp", "--platform", platform, "--python-version", python_version),
        *("--target", str(target), "--requirement", str(REQUIREMENTS)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BuildError(
            f"pip could not install {REQUIREMENTS.relative_to(ROOT)} for {platform} and Python"
            f" {python_version}; is the package registry reachable?\n{done.stderr.strip()}"
        )


def _dependencies(target: Path) -> Iterator[tuple[str, Path]]:
    models = tuple(_models(target))
    for path in _files(target):
        name = path.relative_to(target).as_posix()
        top, _, rest = name.partition("/")
        unneeded = (
            top == "bin"
            or name.startswith(_UNUSED)
            or (top.endswith(".dist-info") and not rest.startswith(_DIST_INFO))
            or (name.startswith(_DATA) and name.count("/") > _DATA.count("/"))
        )
        if not unneeded or name.startswith(models):
            yield name, path


def _models(target: Path) -> Iterator[str]:
    """Yield the paths of the newest botocore models of `SERVICES`."""
    for service in SERVICES:
        versions = sorted((target / _DATA / service).glob("*"))
        for model in _MODELS if versions else ():
            yield f"{_DATA}{service}/{versions[-1].name}/{model}"


def _package() -> Iterator[tuple[str, Path]]:
    for path in _files(PACKAGE):
        yield path.relative_to(PACKAGE.parent).as_posix(), path
    for path in _files(SHARED):
        if path.relative_to(SHARED).parts[0] in SHARED_MODULES:
            yield path.relative_to(SHARED.parent).as_posix(), path


def _bytecode(
    files: dict[str, Path], target: Path, python_version: str
) -> Iterator[tuple[str, Path]]:
    """Yield the compiled modules; nothing if there is no interpreter of this version."""
    interpreter = _interpreter(python_version)
    if interpreter is None:
        return
    for name, path in files.items():
        if name.endswith(".py"):
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    # unchecked-hash: modification times would not be reproducible.
    command = [
        *(interpreter, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"),
        *("-s", str(target), "-p", "/var/task", str(target)),
    ]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}  # for a reproducible order of sets
    subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: S603
    for path in target.rglob("*.pyc"):
        yield path.relative_to(target).as_posix(), path


def _interpreter(python_version: str) -> str | None:
    """Return an interpreter of this version: the running one, or one on the PATH that works."""
    if python_version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(f"python{python_version}")
    # The command may be a placeholder of a version manager.
    if found and not subprocess.run([found, "-V"], capture_output=True, check=False).returncode:  # noqa: S603
        return found
    return None


def _files(directory: Path) -> Iterator[Path]:
    for path in directory.rglob("*"):
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith("."):
            yield path


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; by default, those of the process.

    Returns:
        The exit code: 0 for success, 1 if the zip could not be built.
    """
    parser = argparse.ArgumentParser(prog="indexer_zip", description="Build the function's zip.")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="default: %(default)s")
    parser.add_argument("--platform", choices=PLATFORMS, default=PLATFORMS[0])
    parser.add_argument("--python-version", default=PYTHON_VERSION)
    options = parser.parse_args(argv)
    try:
        output = build(options.output, options.platform, options.python_version)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if _interpreter(options.python_version) is None:
        print(
            f"note: Python {options.python_version} was not found, so the zip has no bytecode, and"
            " each cold start of the function takes longer",
            file=sys.stderr,
        )
    print(output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
