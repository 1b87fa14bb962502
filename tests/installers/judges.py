"""Ask pip and uv whether they would install a wheel or an sdist."""

import io
import logging
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from packaging.utils import NormalizedName
from packaging.version import Version
from pip._internal.index.package_finder import LinkEvaluator, LinkType
from pip._internal.metadata.importlib import Distribution
from pip._internal.models.link import Link
from pip._internal.models.target_python import TargetPython
from pip._vendor.packaging import utils as vendored

from tests.factories import wheel

UV = Path(sys.executable).with_name("uv")
FALLBACK = "0.dev0"
"""The version of each project that uv chooses if it refuses the other one."""

logging.getLogger("pip").setLevel(logging.CRITICAL)


class _Wheel:
    """A wheel in memory, as pip's readers want it."""

    def __init__(self, content: bytes) -> None:
        self.location = "memory"
        self._content = content

    def as_zipfile(self) -> zipfile.ZipFile:
        """Open it."""
        return zipfile.ZipFile(io.BytesIO(self._content))


def pip_version(filename: str, project: NormalizedName) -> str | None:
    """Return the version that pip finds in a link; "?" if it is for other machines.

    Returns:
        None if pip passes over it.
    """
    link = Link(Path("/", filename).as_uri())
    name = vendored.NormalizedName(project)
    judge = LinkEvaluator(
        name, name, frozenset({"binary", "source"}), TargetPython(), allow_yanked=True
    )
    try:
        kind, detail = judge.evaluate_link(link)
        if kind is LinkType.platform_mismatch:
            return "?"
        return str(Version(detail)) if kind is LinkType.candidate else None
    except ValueError:
        return None


def pip_installs(content: bytes, project: NormalizedName, version: Version) -> bool:
    """Return whether pip accepts the content of a wheel."""
    try:
        found = Distribution.from_wheel(_Wheel(content), project)
        found.requires_python  # noqa: B018 - it reads
        found.read_text("RECORD")
        return (str(found.canonical_name), str(found.version)) == (str(project), str(version))
    except Exception:  # noqa: BLE001 - whatever it is, pip ends with it
        return False


def put(directory: Path, project: NormalizedName, filename: str, content: bytes) -> None:
    """Put a file into an index in a directory, beside a valid version of its project."""
    place = directory / project
    place.mkdir()
    made = wheel(project, FALLBACK)
    for name, body in ((made.filename, made.content), (filename, content)):
        (place / name).write_bytes(body)
        (directory / name).symlink_to(place / name)
    links = [f'<a href="{quote(name)}">{escape(name)}</a>' for name in (made.filename, filename)]
    (place / "index.html").write_text(f"<!doctype html>{''.join(links)}")


def uv_versions(directory: Path, projects: Sequence[str], *, pages: bool) -> dict[str, str]:
    """Return the version that uv selects of each project in an index in a directory.

    Args:
        directory: what `put` has filled.
        projects: the projects.
        pages: whether uv reads the pages, and thereby knows the files' projects; it is quicker
            with the names of the files.
    """
    requirements = directory.with_suffix(".in")
    requirements.write_text("\n".join(projects))
    command = [str(UV), "pip", "compile", str(requirements)]
    if pages:
        command += ["--default-index", directory.as_uri()]
    else:
        command += ["--no-index", "--find-links", str(directory)]
    options = ["--no-cache", "--no-header", "--no-annotate", "--quiet"]
    options += ["--prerelease", "allow", "--python", sys.executable]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == 0:
        return dict(line.split("==") for line in done.stdout.split() if "==" in line)
    if len(projects) == 1:
        return {projects[0]: FALLBACK}  # it gives up at this file
    middle = len(projects) // 2
    halves = (projects[:middle], projects[middle:])
    return {k: v for half in halves for k, v in uv_versions(directory, half, pages=pages).items()}


def uv_installs(wheels: Sequence[Path], target: Path) -> set[Path]:
    """Return which wheels uv installs, with few calls if it installs all."""
    command = [str(UV), "pip", "install", "--no-deps", "--no-index", "--no-cache", "--quiet"]
    options = ["--python", sys.executable, "--target", str(target)]
    done = subprocess.run([*command, *options, *wheels], capture_output=True, check=False)  # noqa: S603
    if done.returncode == 0:
        return set(wheels)
    if len(wheels) == 1:
        return set()
    middle = len(wheels) // 2
    return uv_installs(wheels[:middle], target) | uv_installs(wheels[middle:], target)
