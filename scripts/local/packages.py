"""Sample packages: fetched with pip, or built here if there is no network."""

import base64
import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Small pure Python packages; flit-core is the build backend of the two sdists.
_WHEELS = ("six==1.17.0", "iniconfig==2.1.0", "packaging==25.0", "flit-core==3.12.0")
_SDISTS = ("idna==3.10", "packaging==25.0")


@dataclass(frozen=True)
class Packages:
    """The packages that the demo uploads and installs.

    Attributes:
        origin: Where the files come from, for people.
        files: The wheels and sdists; the last one is uploaded with a plain PUT.
        modules: The requirements to install, with the module of each.
        shown: The project whose page is shown.
    """

    origin: str
    files: tuple[Path, ...]
    modules: Mapping[str, str]
    shown: str


def get_packages(directory: Path, environment: Mapping[str, str]) -> Packages:
    """Fetch the packages with pip, or build packages if that fails.

    Args:
        directory: An empty directory for the files.
        environment: The environment of pip, which determines the registry.

    Returns:
        The packages.
    """
    return _fetch(directory, environment) or build_packages(directory)


def _fetch(directory: Path, environment: Mapping[str, str]) -> Packages | None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet")
    patient = ("--retries", "1", "--timeout", "10", "--no-deps", "--dest", str(directory))
    for form, names in (("--only-binary", _WHEELS), ("--no-binary", _SDISTS)):
        command = [*pip, *patient, form, ":all:", *names]
        done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603
        if done.returncode:
            return None
    files = sorted(directory.iterdir(), key=lambda path: path.name.startswith("iniconfig"))
    modules = {"six": "six", "iniconfig": "iniconfig", "packaging": "packaging", "idna": "idna"}
    return Packages("fetched with pip", tuple(files), modules, "packaging")


def build_packages(directory: Path) -> Packages:
    """Build small packages without a network.

    Args:
        directory: The directory for the files; existing content is deleted.

    Returns:
        The packages.
    """
    for left in directory.iterdir():
        left.unlink()
    files = (
        build_wheel(directory, "demo_spam", "1.0", requires=("demo-eggs>=2",)),
        build_wheel(directory, "demo_eggs", "2.0"),
        build_wheel(directory, "demo_eggs", "2.1+local"),
        _sdist(directory, "demo_eggs", "2.0"),
        build_wheel(directory, "demo_ham", "3.0"),
    )
    modules = {"demo-spam": "demo_spam", "demo-ham": "demo_ham"}
    return Packages("built here, because pip could not fetch any", files, modules, "demo-eggs")


def _metadata(name: str, version: str, requires: tuple[str, ...] = ()) -> bytes:
    lines = ["Metadata-Version: 2.2", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    return "\n".join([*lines, ""]).encode()


def build_wheel(directory: Path, name: str, version: str, requires: tuple[str, ...] = ()) -> Path:
    """Build a wheel of one module, whose VERSION is that of the wheel.

    Args:
        directory: Where to put it.
        name: The project's, in letters, digits and underscores.
        version: The version.
        requires: Requirements.
    """
    info = f"{name}-{version}.dist-info"
    members = {
        f"{name}.py": f'VERSION = "{version}"\n'.encode(),
        f"{info}/METADATA": _metadata(name, version, requires),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: demo\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n",
    }
    record = [
        f"{member},sha256={_digest(content)},{len(content)}\n"
        for member, content in members.items()
    ]
    path = directory / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
        archive.writestr(f"{info}/RECORD", "".join([*record, f"{info}/RECORD,,\n"]))
    return path


def _digest(content: bytes) -> str:
    digest = hashlib.sha256(content).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _sdist(directory: Path, name: str, version: str) -> Path:
    path = directory / f"{name}-{version}.tar.gz"
    top = f"{name}-{version}"
    members = {
        f"{top}/PKG-INFO": _metadata(name, version),
        f"{top}/pyproject.toml": f'[project]\nname = "{name}"\nversion = "{version}"\n'.encode(),
        f"{top}/{name}.py": f'VERSION = "{version}"\n'.encode(),
    }
    with tarfile.open(path, "w:gz") as archive:
        for member, content in members.items():
            entry = tarfile.TarInfo(member)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path
