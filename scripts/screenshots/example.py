"""A local index of well-known packages, for the screenshots."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scripts.local.resources import Settings
from scripts.local.stack import LocalStack

_PACKAGES: Final = Path(__file__).with_name("packages.txt")
_PLATFORMS: Final = (
    "manylinux_2_17_x86_64",
    "manylinux_2_17_aarch64",
    "macosx_11_0_arm64",
    "win_amd64",
)
_OLDER: Final = ("requests==2.31.0", "requests==2.32.2", "requests==2.32.3", "rich==13.9.4")


def fetch(directory: Path) -> list[Path]:
    """Fetch the packages with pip, from the registry that it is configured for.

    Args:
        directory: Where to keep them; what is there already is not fetched again.

    Raises:
        subprocess.CalledProcessError: pip could not fetch them.
    """
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet")
    options = ("--no-deps", "--only-binary", ":all:", "--dest", str(directory))
    runs: list[tuple[str, ...]] = [("--requirement", str(_PACKAGES)), *((each,) for each in _OLDER)]
    runs += [("--platform", each, "--python-version", "3.13", "markupsafe") for each in _PLATFORMS]
    for run in runs:
        subprocess.run([*pip, *options, *run], check=True)  # noqa: S603 - our own command
    return sorted(directory.glob("*.whl"))


@contextmanager
def running_index(packages: list[Path]) -> Iterator[LocalStack]:
    """Serve an index of packages for as long as the context lasts; the function makes its pages.

    Args:
        packages: What to upload.
    """
    environment = {"S3PYPI_PREFIXES": "team,team/stable", "S3PYPI_DOMAIN": "packages.example.com"}
    with LocalStack(Settings(environment=environment)) as stack:
        s3pypi = (sys.executable, "-m", "s3pypi")
        bucket = ("--bucket", stack.resources.bucket)

        def run(*arguments: str) -> None:
            environment = {**os.environ, **stack.environment}
            subprocess.run([*s3pypi, *arguments, *bucket], env=environment, check=True)  # noqa: S603

        run("upload", *map(str, packages), "--wait", "300")
        run(
            "yank",
            "requests",
            "2.32.2",
            "--reason",
            "its certificates are not checked in a session",
        )
        run("status", "pytz", "deprecated", "--reason", "use zoneinfo, which is part of Python")
        broken = "markupsafe/markupsafe-9.9-cp313-cp313-win_arm64.whl"
        content = packages[0].read_bytes()[:4096]
        stack.clients.s3.put_object(Bucket=stack.resources.bucket, Key=broken, Body=content)
        run("rebuild")
        yield stack
