"""The command accepts exactly the files that the index lists."""

from pathlib import Path
from random import Random

import pytest
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from lambda_indexer.files.inspection import inspect
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import is_distribution
from s3pypi.errors import DistributionError
from s3pypi.uploads.distribution import read_distribution
from tests.factories import archive_tar, archive_zip, metadata_of
from tests.fakes import MemoryStorage
from tests.installers.cases import Case, content_for, odd_filename, odd_metadata, odd_wheel

MODES = {".tar.gz": "gz", ".tar.bz2": "bz2", ".tar.xz": "xz", ".tgz": "gz"}


@pytest.mark.parametrize("seed", range(4))
def test_both_decide_alike_about_odd_files(tmp_path: Path, seed: int) -> None:
    """Of changed filenames, metadata and archives, both accept the same, with the same version."""
    random = Random(seed)  # noqa: S311 - a seed makes it repeatable
    accepted = refused = 0
    for number in range(200):
        make = random.choice([odd_name, odd_metadata, odd_wheel, odd_sdist])
        case = make(random, number)
        if "/" in case.filename:
            continue
        decided = by_the_command(tmp_path / case.filename, case.content)
        project, version = decided or (case.project, None)
        assert by_the_index(project, case) == version, case.filename
        accepted, refused = accepted + bool(decided), refused + (not decided)
    assert accepted > 30
    assert refused > 30


def odd_name(random: Random, number: int) -> Case:
    """Return a valid file with an odd name."""
    project, filename = odd_filename(random, number)
    return Case(project, filename, content_for(filename, project, "1.0"), "filename")


def odd_sdist(random: Random, number: int) -> Case:
    """Return an sdist with odd names inside and outside, or with changed bytes."""
    name = random.choice(["foo.bar", "Foo-Bar", "foo_bar"]) + str(number)
    version = random.choice(["1.0", "1.0.post1", "1!2", "1.0-1", "2013a", "1.0+x.1"])
    metadata = metadata_of(random.choice([name, name.upper(), "other"]), version)
    extension = random.choice([".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz"])
    top = random.choice(["x/", "./x/", f"{name}-{version}/", "./", "x/y/", "/x/", ""])
    members = {f"{top}PKG-INFO": metadata}
    if random.random() < 0.3:
        members[random.choice(["y/PKG-INFO", "./y/PKG-INFO", "x/pkg-info"])] = metadata
    if extension == ".zip":
        content = bytearray(archive_zip(members))
    else:
        content = bytearray(archive_tar(members, MODES[extension]))
    if random.random() < 0.3:
        content[random.randrange(len(content))] = random.randrange(256)
    if random.random() < 0.1:
        del content[random.randrange(len(content)) :]
    return Case(canonicalize_name(name), f"{name}-{version}{extension}", bytes(content), "sdist")


def by_the_command(path: Path, content: bytes) -> tuple[NormalizedName, Version] | None:
    """Return the project and version with which the command would upload a file."""
    path.write_bytes(content)
    try:
        distribution = read_distribution(path)
    except DistributionError:
        return None
    return distribution.project, distribution.version


def by_the_index(project: NormalizedName, case: Case) -> Version | None:
    """Return the version that a project's page lists."""
    if not is_distribution(case.filename):
        return None
    storage = MemoryStorage()
    storage.upload("bucket", f"{project}/{case.filename}", case.content)
    [stored] = storage.list("bucket", f"{project}/")
    try:
        return inspect(storage, "bucket", stored, project).file.version
    except InvalidDistributionError:
        return None
