"""Upload real distributions, old and new, and compare the pages with other readers.

Half of them go in by `s3pypi upload`, half by a bare PUT. Digests are hashlib's, the metadata are
read by pkginfo, and the sidecars are compared with what zipfile finds in the wheels.
"""

import hashlib
import json
import re
import subprocess
import sys
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pkginfo
import pytest
from packaging.metadata import parse_email
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from scripts.local.stack import LocalStack
from tests.e2e.conftest import HTML, Index, new_index
from tests.e2e.real_files import NoNetworkError, fetch

_MANYLINUX = "manylinux_2_17_x86_64.manylinux2014_x86_64"
_OLD_MAC = (
    "macosx_10_6_intel.macosx_10_9_intel.macosx_10_9_x86_64.macosx_10_10_intel.macosx_10_10_x86_64"
)

WANTED: dict[str, list[str]] = {
    # versions from before PEP 440, metadata 1.0 and 1.1
    "setuptools": [
        "setuptools-0.6b1.zip",
        "setuptools-0.6c11.tar.gz",
        "setuptools-40.6.3.zip",
        "setuptools-65.5.0-py3-none-any.whl",
        "setuptools-80.6.0.tar.gz",
    ],
    # says that its Requires-Python is dynamic, as setuptools does; in a wheel it is final
    "h11": ["h11-0.16.0-py3-none-any.whl"],
    "pytz": [
        "pytz-2004b.tar.gz",
        "pytz-2013b.zip",
        "pytz-2013.9.tar.bz2",
        "pytz-2024.1-py2.py3-none-any.whl",
    ],
    "docutils": ["docutils-0.3.tar.gz", "docutils-0.16b0.dev0-py2.py3-none-any.whl"],
    # a hyphen in the name, of sdists in three formats
    "python-dateutil": [
        "python-dateutil-1.4.tar.gz",
        "python-dateutil-2.4.1.tar.bz2",
        "python-dateutil-2.5.0.zip",
        "python_dateutil-2.3-py2.py3-none-any.whl",
    ],
    # a dot in the name
    "zope-interface": ["zope.interface-3.6.1.tar.gz", "zope.interface-3.6.7.zip"],
    # capitals
    "django": ["Django-1.1.3.tar.gz"],
    "pyyaml": [
        "PyYAML-3.10.zip",
        "PyYAML-3.13-cp27-cp27m-win32.whl",
        "PyYAML-6.0.1-cp311-cp311-manylinux_2_17_s390x.manylinux2014_s390x.whl",
        "PyYAML-6.0.1.tar.gz",
    ],
    "six": ["six-0.9.0.tar.gz", "six-1.0b1.tar.gz", "six-1.16.0-py2.py3-none-any.whl"],
    "typing-extensions": [
        "typing_extensions-3.10.0.0-py2-none-any.whl",
        "typing_extensions-4.9.0-py3-none-any.whl",
        "typing_extensions-4.9.0rc1.tar.gz",
    ],
    "lxml": [
        "lxml-1.3.2.tar.gz",
        "lxml-4.9.4-cp36-cp36m-manylinux_2_17_x86_64.manylinux2014_x86_64.manylinux_2_24_x86_64.whl",
        "lxml-5.0.0.zip",
    ],
    "cryptography": [
        f"cryptography-42.0.5-cp39-abi3-{_MANYLINUX}.whl",
        "cryptography-42.0.5.tar.gz",
    ],
    # large ones, for other machines than this one
    "numpy": [
        "numpy-1.10.0.post2.zip",
        f"numpy-1.16.0-cp27-cp27m-{_OLD_MAC}.whl",
        "numpy-1.26.4-pp39-pypy39_pp73-win_amd64.whl",
        "numpy-1.26.4.tar.gz",
    ],
    "scipy": ["scipy-1.11.4-cp312-cp312-macosx_10_9_x86_64.whl"],
    "opencv-python": [f"opencv_python-4.9.0.80-cp37-abi3-{_MANYLINUX}.whl"],
}
REFUSED = {
    # a version that PEP 440 does not know: no installer would find it
    "pytz": {"pytz-2005k.tar.bz2": "2005k"},
    # renamed by hand for a second upload: its metadata are still of the first
    "docutils": {"docutils-0.15.1-post1.tar.gz": "0.15.1"},
    # an sdist from before PKG-INFO was always there
    "twisted": {"Twisted-10.0.0.tar.bz2": "PKG-INFO"},
}
"""What cannot be listed, and a word of the reason."""
FILES = [(project, filename) for project, files in WANTED.items() for filename in files]
UPLOADED, PUT = FILES[::2], FILES[1::2]
"""Half by the command, half by a bare PUT."""

EACH_FILE = pytest.mark.parametrize(
    ("project", "filename"), [pytest.param(*item, id=item[1]) for item in FILES]
)
EACH_WHEEL = pytest.mark.parametrize(
    ("project", "filename"),
    [pytest.param(*item, id=item[1]) for item in FILES if item[1].endswith(".whl")],
)
EACH_REFUSED = pytest.mark.parametrize(
    ("project", "filename", "word"),
    [
        pytest.param(project, filename, word, id=filename)
        for project, files in REFUSED.items()
        for filename, word in files.items()
    ],
)
SCHEMA = json.loads((Path(__file__).parents[1] / "data/simple-detail.schema.json").read_text())
DEADLINE = 120


@dataclass(frozen=True)
class Real:
    """The index with the real files, and the files themselves.

    Attributes:
        index: the index.
        paths: the files, by name.
        pages: the JSON pages, by project.
    """

    index: Index
    paths: dict[str, Path]
    pages: dict[str, dict[str, Any]]

    def entry(self, project: str, filename: str) -> dict[str, Any]:
        """Return a file's entry on its page."""
        bad = self.pages[project]["_quarantined"]
        assert not [file for file in bad if file["filename"] == filename]
        [entry] = [file for file in self.pages[project]["files"] if file["filename"] == filename]
        return dict(entry)


@pytest.fixture(scope="module")
def real(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Real:
    """Provide all files on their pages."""
    try:
        names = sorted({*WANTED, *REFUSED})
        paths = fetch({name: [*WANTED.get(name, []), *REFUSED.get(name, {})] for name in names})
    except NoNetworkError as error:
        pytest.skip(f"no network, and not all real files are in the cache: {error}")
    index = new_index(stack, tmp_path_factory.mktemp("real"))

    def put(item: tuple[str, str]) -> None:
        project, filename = item
        index.put_object(f"{project}/{filename}", paths[filename].read_bytes())

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(put, PUT))
        list(pool.map(put, [(project, name) for project in REFUSED for name in REFUSED[project]]))
    uploaded = [str(paths[filename]) for _, filename in UPLOADED]
    index.s3pypi("upload", *uploaded, "--wait", str(DEADLINE))

    def pages() -> dict[str, dict[str, Any]]:
        return {project: index.page(project) for project in {*WANTED, *REFUSED}}

    def seen() -> int:
        return sum(
            len(page.get("files", [])) + len(page.get("_quarantined", []))
            for page in pages().values()
        )

    index.until(seen, len(FILES) + sum(map(len, REFUSED.values())))
    return Real(index, paths, pages())


def metadata_of(path: Path) -> pkginfo.Distribution:
    """Return the metadata that pkginfo reads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of old and of new metadata versions
        return pkginfo.Wheel(str(path)) if path.suffix == ".whl" else pkginfo.SDist(str(path))


@EACH_FILE
def test_the_entry_is_what_others_read(real: Real, project: str, filename: str) -> None:
    """Name, version, constraint, digest and size are those of other readers."""
    path = real.paths[filename]
    entry = real.entry(project, filename)
    content = path.read_bytes()
    assert entry["hashes"] == {"sha256": hashlib.sha256(content).hexdigest()}
    assert entry["size"] == len(content)
    read = metadata_of(path)
    assert canonicalize_name(read.name or "") == project
    assert str(Version(read.version or "")) in real.pages[project]["versions"]
    assert entry.get("requires-python") == (read.requires_python or None)
    assert real.index.get(f"{project}/{filename}") == content


@EACH_WHEEL
def test_the_sidecar_is_the_member(real: Real, project: str, filename: str) -> None:
    """It is the METADATA that zipfile finds, with its digest on the page."""
    name, version, _, _ = parse_wheel_filename(filename)
    with zipfile.ZipFile(real.paths[filename]) as archive:
        [member] = [
            one for one in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", one)
        ]
        metadata = archive.read(member)
    entry = real.entry(project, filename)
    assert entry["core-metadata"] == {"sha256": hashlib.sha256(metadata).hexdigest()}
    assert real.index.get(f"{project}/{filename}.metadata") == metadata
    raw, _ = parse_email(metadata)
    assert canonicalize_name(raw["name"]) == name == project
    assert Version(raw["version"]) == version


@pytest.mark.parametrize("project", WANTED)
def test_the_pages_list_exactly_these(real: Real, project: str) -> None:
    """Nothing else is quarantined, and HTML lists the same files as JSON."""
    page = real.pages[project]
    jsonschema.validate(page, SCHEMA)
    assert {file["filename"] for file in page["_quarantined"]} == set(REFUSED.get(project, {}))
    assert {file["filename"] for file in page["files"]} == set(WANTED[project])
    for file in page["files"]:
        assert ("core-metadata" in file) is file["filename"].endswith(".whl")
    versions = {
        str(Version(metadata_of(real.paths[file]).version or "")) for file in WANTED[project]
    }
    assert set(page["versions"]) == versions
    html = (real.index.get(f"{project}/", HTML) or b"").decode()
    links = re.findall(r"<a [^>]*>([^<]*)</a>", html)
    assert sorted(links) == sorted(WANTED[project])


@EACH_REFUSED
def test_what_no_installer_could_use_is_refused(
    real: Real, project: str, filename: str, word: str
) -> None:
    """The command refuses it, and the page shows why after a plain PUT."""
    [bad] = [one for one in real.pages[project]["_quarantined"] if one["filename"] == filename]
    assert word in bad["reason"]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "s3pypi", "upload", str(real.paths[filename])],
        capture_output=True,
        text=True,
        check=False,
        env=real.index.environment,
    )
    assert done.returncode == 1
    assert word in done.stderr


def test_the_root_lists_all_projects(real: Real) -> None:
    """Every real project, by its normalised name."""
    assert real.index.projects() == sorted({*WANTED, *REFUSED})
