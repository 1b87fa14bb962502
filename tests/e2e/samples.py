"""The sample projects of the judges, with every case that an index must handle."""

import hashlib
import json
from dataclasses import dataclass, replace

from packaging.utils import canonicalize_name

from tests.factories import Distribution, archive_zip, sdist, wheel

REASON = "\"broken\" on <3.9 & 'later': naïve Grüße, 日本語"


@dataclass(frozen=True)
class Sample:
    """A file in the bucket, and the expected entry on its page.

    Attributes:
        distribution: the file.
        version: as `versions` shows it; None when the file cannot be offered.
        requires_python: as the page must show it.
        yanked: the body of its marker; None without a marker.
    """

    distribution: Distribution
    version: str | None = "1.0"
    requires_python: str | None = None
    yanked: str | None = None

    @property
    def filename(self) -> str:
        """The file's name."""
        return self.distribution.filename

    @property
    def sha256(self) -> str:
        """The file's digest."""
        return hashlib.sha256(self.distribution.content).hexdigest()

    @property
    def metadata_sha256(self) -> str | None:
        """The digest of the sidecar; wheels alone have one."""
        if not self.filename.endswith(".whl"):
            return None
        return hashlib.sha256(self.distribution.metadata).hexdigest()


def renamed(distribution: Distribution, filename: str) -> Distribution:
    """The same bytes under another name."""
    return replace(distribution, filename=filename)


def wheel_without_metadata(name: str, version: str) -> Distribution:
    """Return a readable archive without a dist-info directory."""
    content = archive_zip({f"{name}.py": b""})
    return Distribution(f"{name}-{version}-py3-none-any.whl", content, b"")


_PLATFORM = "cp311.cp312-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64"
_LEGACY = sdist("legacy-beta", "1.0b0", filename="legacy-beta-1.0-beta.tar.gz")

PROJECTS: dict[str, tuple[Sample, ...]] = {
    "local-version": (Sample(wheel("local_version", "1.0+local.1"), "1.0+local.1"),),
    "epoch": (
        Sample(wheel("epoch", "1!2.0"), "1!2.0"),
        Sample(wheel("epoch", "2026.1"), "2026.1"),
    ),
    "build-tag": (
        Sample(wheel("build_tag", build="1abc")),
        Sample(wheel("build_tag", build="2")),
    ),
    "multi-tag": (
        Sample(wheel("multi_tag", tag="py2.py3-none-any")),
        Sample(wheel("multi_tag", tag=_PLATFORM)),
    ),
    "foo-bar": (Sample(wheel("Foo.Bar")), Sample(wheel("foo_bar", "1.1"), "1.1")),
    "legacy-beta": (Sample(_LEGACY, "1.0b0"),),
    "formats": tuple(
        Sample(sdist("formats", f"{number}.0", extension=extension), f"{number}.0")
        for number, extension in enumerate((".tar.gz", ".zip", ".tar.bz2", ".tar.xz"), start=1)
    ),
    "both": (Sample(wheel("both")), Sample(sdist("both"))),
    "requires": (
        Sample(wheel("requires", "1.0", "Requires-Python: >=3.8,<4"), requires_python=">=3.8,<4"),
        Sample(wheel("requires", "2.0", "Requires-Python: >=99"), "2.0", ">=99"),
        Sample(sdist("requires", "1.0", "Requires-Python: >=3.8"), requires_python=">=3.8"),
        Sample(wheel("requires", "0.1", "Requires-Python: quite new"), None),
    ),
    "yanked": (
        Sample(wheel("yanked", "1.0")),
        Sample(wheel("yanked", "2.0"), "2.0", yanked=""),
        Sample(wheel("yanked", "3.0"), "3.0", yanked=REASON),
        Sample(sdist("yanked", "3.0"), "3.0"),
    ),
    "no-metadata": (
        Sample(wheel("no_metadata")),
        Sample(wheel_without_metadata("no_metadata", "2.0"), None),
    ),
    "mismatch": (Sample(renamed(wheel("other"), "mismatch-1.0-py3-none-any.whl"), None),),
    "status-active": (Sample(wheel("status_active")),),
    "status-archived": (Sample(wheel("status_archived")),),
    "status-deprecated": (Sample(wheel("status_deprecated")),),
    "status-quarantined": (Sample(wheel("status_quarantined")),),
}
"""The files of each project."""

STATUSES: dict[str, dict[str, str]] = {
    "status-active": {"status": "active"},
    "status-archived": {"status": "archived", "reason": REASON},
    "status-deprecated": {"status": "deprecated", "reason": "use another"},
    "status-quarantined": {"status": "quarantined"},
}
"""What a project's `.project-status` marker says."""

NAMES = tuple(PROJECTS)


def offered(project: str) -> dict[str, Sample]:
    """Return the files that a project's page must list, by name.

    A project that is quarantined as a whole lists none (PEP 792).
    """
    if STATUSES.get(project, {}).get("status") == "quarantined":
        return {}
    return {one.filename: one for one in PROJECTS[project] if one.version is not None}


def objects() -> dict[str, bytes]:
    """Return all keys and bodies that clients put, markers first.

    In this order the first page that lists a file says already what its marker says.
    """
    markers = {
        f"{project}/.project-status": json.dumps(status).encode()
        for project, status in STATUSES.items()
    }
    for project, samples in PROJECTS.items():
        assert project == canonicalize_name(project)
        markers |= {
            f"{project}/{one.filename}.yanked": one.yanked.encode()
            for one in samples
            if one.yanked is not None
        }
    files = {
        f"{project}/{one.filename}": one.distribution.content
        for project, samples in PROJECTS.items()
        for one in samples
    }
    return markers | files
