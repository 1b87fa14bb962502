"""Deleting every file of one version."""

from collections.abc import Callable
from dataclasses import dataclass

from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.bucket import Bucket
from s3pypi.errors import AwsError, S3PyPIError
from s3pypi.layout import YANK_EXTENSION
from s3pypi.projects.releases import find_release


@dataclass(frozen=True)
class Deleter:
    """Deletes from one index. The indexer then updates the pages and metadata files.

    Attributes:
        bucket: Where the files are.
        prefix: The index's, without slashes around it.
    """

    bucket: Bucket
    prefix: str = ""

    def find(self, project: NormalizedName, version: Version) -> list[str]:
        """Return the keys of a version's distributions, then of their `.yanked` markers.

        This includes markers whose file no longer exists.

        Raises:
            S3PyPIError: There is none; the message names the versions that are there.
        """
        release = find_release(self.bucket, self.prefix, project, version, orphans=True)
        return [*release.files, *release.markers]

    def delete(self, keys: list[str], deleted: Callable[[str], object]) -> None:
        """Delete in this order, so that a file never loses its marker while it still exists.

        Args:
            keys: From `find`.
            deleted: Called with each deleted key.

        Raises:
            S3PyPIError: Some could not be deleted; the others were.
        """
        failures: list[str] = []
        for key in keys:
            if failures and key.endswith(YANK_EXTENSION):
                break
            try:
                self.bucket.delete(key)
            except AwsError as error:
                failures.append(str(error))
            else:
                deleted(key)
        if failures:
            raise S3PyPIError("not everything was deleted:\n  " + "\n  ".join(failures))
