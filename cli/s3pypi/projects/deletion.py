"""Delete a version, some files, or a whole project."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.bucket import Bucket
from s3pypi.distributions.filenames import is_distribution
from s3pypi.errors import AwsError, S3PyPIError
from s3pypi.layout import (
    PAGE_HTML,
    PAGE_JSON,
    SIDECAR_EXTENSION,
    YANK_EXTENSION,
    is_marker,
    project_directory,
)
from s3pypi.projects.releases import find_release


@dataclass(frozen=True)
class Deleter:
    """Deletes files of an index. The indexer then updates the pages and metadata files.

    Attributes:
        bucket: The bucket with the files.
        prefix: The index's prefix, without slashes around it.
    """

    bucket: Bucket
    prefix: str = ""

    def find(self, project: NormalizedName, version: Version) -> list[str]:
        """Return the keys of a version's distributions, then of their `.yanked` markers.

        This includes markers whose file no longer exists.

        Raises:
            S3PyPIError: The version does not exist; the message lists existing versions.
        """
        release = find_release(self.bucket, self.prefix, project, version, orphans=True)
        return [*release.files, *release.markers]

    def find_files(self, project: NormalizedName, filenames: Sequence[str]) -> list[str]:
        """Return the keys of files, valid or not, then of their `.yanked` markers.

        Raises:
            S3PyPIError: A file is not in the project's directory.
        """
        there = self._files(project)
        strange = [repr(each) for each in filenames if each not in there]
        if strange:
            directory = f"s3://{self.bucket.name}/{project_directory(self.prefix, project)}"
            names = ", ".join(each for each in there if not is_marker(each)) or "no file"
            raise S3PyPIError(f"{', '.join(strange)} is not in {directory}; there is {names}")
        markers = [each + YANK_EXTENSION for each in filenames]
        return [there[each] for each in (*filenames, *markers) if each in there]

    def find_project(self, project: NormalizedName) -> list[str]:
        """Return the keys of a project's distributions, then of its markers.

        Raises:
            S3PyPIError: The project has no files.
        """
        there = self._files(project)
        files = [key for name, key in there.items() if is_distribution(name)]
        markers = [key for name, key in there.items() if is_marker(name)]
        if not files and not markers:
            directory = f"s3://{self.bucket.name}/{project_directory(self.prefix, project)}"
            raise S3PyPIError(f"there is no file of project {project} in {directory}")
        return [*files, *markers]

    def _files(self, project: NormalizedName) -> dict[str, str]:
        """Return the keys of a project's files by filename, without pages and `.metadata` files."""
        directory = project_directory(self.prefix, project)
        names = {key.removeprefix(directory): key for key in self.bucket.list(directory)}
        ours = ("", PAGE_JSON, PAGE_HTML)
        return {
            name: key
            for name, key in names.items()
            if name not in ours and not name.endswith(SIDECAR_EXTENSION)
        }

    def delete(self, keys: list[str], deleted: Callable[[str], object]) -> None:
        """Delete objects in the given order, so that a file is deleted before its marker.

        Args:
            keys: The keys, from `find`.
            deleted: Called with each deleted key.

        Raises:
            S3PyPIError: Some objects could not be deleted; the others were.
        """
        failures: list[str] = []
        for key in keys:
            if failures and is_marker(key.rpartition("/")[2]):
                break
            try:
                self.bucket.delete(key)
            except AwsError as error:
                failures.append(str(error))
            else:
                deleted(key)
        if failures:
            raise S3PyPIError("not everything was deleted:\n  " + "\n  ".join(failures))
