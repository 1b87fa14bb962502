"""Yank and unyank the files of a version (PEP 592)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.bucket import Bucket
from s3pypi.errors import AwsError, S3PyPIError
from s3pypi.layout import YANK_EXTENSION
from s3pypi.projects.releases import find_release


@dataclass(frozen=True)
class Yanker:
    """Yanks and unyanks files of an index. The indexer then updates the pages.

    Arguments and results are the keys of distributions, not of markers.

    Attributes:
        bucket: The bucket with the files.
        prefix: The index's prefix, without slashes around it.
    """

    bucket: Bucket
    prefix: str = ""

    def find(
        self, project: NormalizedName, version: Version, filenames: Sequence[str] = ()
    ) -> list[str]:
        """Return the keys of a version's files, yanked or not.

        Args:
            project: The project.
            version: The version.
            filenames: Limits the result to these files; by default, all files.

        Raises:
            S3PyPIError: The version does not exist, or has no file with one of the names.
        """
        release = find_release(self.bucket, self.prefix, project, version, orphans=False)
        return _named(release.files, filenames, f"a file of {project} {version}")

    def find_yanked(
        self, project: NormalizedName, version: Version, filenames: Sequence[str] = ()
    ) -> list[str]:
        """Return the keys of a version's yanked files, including files that no longer exist.

        Arguments and errors are as for `find`; it is also an error if no file is yanked.
        """
        release = find_release(self.bucket, self.prefix, project, version, orphans=True)
        yanked = [key.removesuffix(YANK_EXTENSION) for key in release.markers]
        if not yanked:
            raise S3PyPIError(f"no file of {project} {version} is yanked")
        return _named(yanked, filenames, f"a yanked file of {project} {version}")

    def yank(self, keys: Sequence[str], reason: str, yanked: Callable[[str], object]) -> None:
        """Write a marker for each file; replace existing markers.

        Args:
            keys: The keys, from `find`.
            reason: A one-line reason; may be empty.
            yanked: Called with the key of each yanked file.

        Raises:
            S3PyPIError: Some files could not be yanked; the others were.
        """

        def put(key: str) -> None:
            self.bucket.put_marker(
                key + YANK_EXTENSION, reason.encode(), "text/plain; charset=utf-8"
            )

        _each(keys, put, yanked, "yanked")

    def unyank(self, keys: Sequence[str], unyanked: Callable[[str], object]) -> None:
        """Delete the marker of each file.

        Args:
            keys: The keys, from `find_yanked`.
            unyanked: Called with the key of each unyanked file.

        Raises:
            S3PyPIError: Some markers could not be deleted; the others were.
        """
        _each(keys, lambda key: self.bucket.delete(key + YANK_EXTENSION), unyanked, "unyanked")


def _named(keys: Sequence[str], filenames: Sequence[str], what: str) -> list[str]:
    """Return the keys with these filenames; all keys if there are no filenames."""
    there = {key.rpartition("/")[2]: key for key in keys}
    strange = [repr(filename) for filename in filenames if filename not in there]
    if strange:
        raise S3PyPIError(f"{', '.join(strange)} is not {what}; there is {', '.join(there)}")
    return [key for name, key in there.items() if not filenames or name in filenames]


def _each(
    keys: Sequence[str], act: Callable[[str], object], done: Callable[[str], object], what: str
) -> None:
    failures: list[str] = []
    for key in keys:
        try:
            act(key)
        except AwsError as error:
            failures.append(str(error))
        else:
            done(key)
    if failures:
        raise S3PyPIError(f"not everything was {what}:\n  " + "\n  ".join(failures))
