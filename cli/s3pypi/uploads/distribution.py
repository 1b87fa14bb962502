"""A local file, checked to be the distribution that its name says."""

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
    """A wheel or sdist that is fit to be uploaded.

    Attributes:
        path: The file.
        project: From the wheel's filename, or from the sdist's metadata.
        version: From the filename; equal to the metadata's.
        digest: Its content as it was checked.
    """

    path: Path
    project: NormalizedName
    version: Version
    digest: Digest

    @property
    def filename(self) -> str:
        """The final part of the path, byte for byte."""
        return self.path.name


def read_distribution(path: Path) -> Distribution:
    """Check a file and return it as a distribution.

    The index applies the same rules: it lists what passes, and nothing else.

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
            # An sdist's own metadata tells where its name ends and its version begins.
            project = verify(metadata, path.name, project if is_wheel(path.name) else None).name
            return Distribution(path, project, version_in(path.name, project), digest_of(file))
    except InvalidDistributionError as error:
        raise DistributionError(str(error)) from error
