"""Yanking and unyanking the files of one version (PEP 592)."""

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
    """Yanks in one index. The indexer then updates the pages.

    Arguments and results are the keys of distributions; the markers are beside them.

    Attributes:
        bucket: Where the files are.
        prefix: The index's, without slashes around it.
    """

    bucket: Bucket
    prefix: str = ""

    def find(
        self, project: NormalizedName, version: Version, filenames: Sequence[str] = ()
    ) -> list[str]:
        """Return the keys of a version's files, yanked or not.

        Args:
            project: Whose version it is.
            version: Which.
            filenames: Those to return, by default all.

        Raises:
            S3PyPIError: There is no file of that version, or not one of each of these names.
        """
        release = find_release(self.bucket, self.prefix, project, version, orphans=False)
        return _named(release.files, filenames, f"a file of {project} {version}")

    def find_yanked(
        self, project: NormalizedName, version: Version, filenames: Sequence[str] = ()
    ) -> list[str]:
        """Return the keys of a version's yanked files, those that are gone by now included.

        Arguments and errors as for `find`; it is an error too when none is yanked.
        """
        release = find_release(self.bucket, self.prefix, project, version, orphans=True)
        yanked = [key.removesuffix(YANK_EXTENSION) for key in release.markers]
        if not yanked:
            raise S3PyPIError(f"no file of {project} {version} is yanked")
        return _named(yanked, filenames, f"a yanked file of {project} {version}")

    def yank(self, keys: Sequence[str], reason: str, yanked: Callable[[str], object]) -> None:
        """Put a marker beside each file; one that is there already gets the new reason.

        Args:
            keys: From `find`.
            reason: One line for people, or empty.
            yanked: Called with the key of each file that is yanked now.

        Raises:
            S3PyPIError: Some could not be yanked; the others were.
        """

        def put(key: str) -> None:
            self.bucket.put_marker(
                key + YANK_EXTENSION, reason.encode(), "text/plain; charset=utf-8"
            )

        _each(keys, put, yanked, "yanked")

    def unyank(self, keys: Sequence[str], unyanked: Callable[[str], object]) -> None:
        """Delete the marker of each file.

        Args:
            keys: From `find_yanked`.
            unyanked: Called with the key of each file that is not yanked any more.

        Raises:
            S3PyPIError: Some markers could not be deleted; the others were.
        """
        _each(keys, lambda key: self.bucket.delete(key + YANK_EXTENSION), unyanked, "unyanked")


def _named(keys: Sequence[str], filenames: Sequence[str], what: str) -> list[str]:
    """Return the keys of these filenames, or all."""
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
