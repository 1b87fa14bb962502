"""Read and check a local distribution."""

from dataclasses import dataclass
from pathlib import Path

from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.digest import Digest, digest_of
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import is_wheel, project_of, version_in
from s3pypi.distributions.verification import read_metadata, verify
from s3pypi.errors import DistributionError


@dataclass(frozen=True)
class Distribution:
    """A valid wheel or sdist.

    Attributes:
        path: The path of the file.
        project: The project in the wheel's filename, or in the sdist's metadata.
        version: The version in the filename, which equals that in the metadata.
        digest: The digest of the checked content.
    """

    path: Path
    project: NormalizedName
    version: Version
    digest: Digest

    @property
    def filename(self) -> str:
        """The last component of the path, unchanged."""
        return self.path.name


def read_distribution(path: Path) -> Distribution:
    """Check a file and return it as a distribution.

    The index applies the same rules, and lists exactly the files that pass.

    Args:
        path: A regular file.

    Raises:
        DistributionError: The index would not list the file.
        OSError: The file cannot be read.
    """
    try:
        project = project_of(path.name)
        with path.open("rb") as file:
            metadata = read_metadata(file, path.name, project)
            # An sdist's metadata determines where the name ends and the version begins.
            project = verify(metadata, path.name, project if is_wheel(path.name) else None).name
            return Distribution(path, project, version_in(path.name, project), digest_of(file))
    except InvalidDistributionError as error:
        raise DistributionError(str(error)) from error
