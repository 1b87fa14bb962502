"""Copy a version from one index to another in the same bucket."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from packaging.utils import NormalizedName
from packaging.version import Version

from s3pypi.bucket import Bucket, Stored
from s3pypi.errors import ExistsError, ForbiddenError, MissingError, S3PyPIError
from s3pypi.layout import YANK_EXTENSION, file_key
from s3pypi.markers import Status
from s3pypi.pages.model import ListedFile, ProjectPage
from s3pypi.pages.reading import read_project


@dataclass(frozen=True)
class Copy:
    """A file of a promotion.

    Attributes:
        file: The file on the source's page.
        source: The key of the source.
        target: The key of the target.
        stored: The attributes of the source when it was checked.
        there: Whether the target already exists with the same content.
    """

    file: ListedFile
    source: str
    target: str
    stored: Stored
    there: bool = False


@dataclass(frozen=True)
class Promoter:
    """Promotes versions from one index to another. The indexer then updates the pages.

    Attributes:
        bucket: The bucket with both indexes.
        source: The prefix to promote from, without slashes around it.
        target: The prefix to promote to.
    """

    bucket: Bucket
    source: str
    target: str

    def plan(
        self,
        project: NormalizedName,
        version: Version,
        filenames: Sequence[str] = (),
        *,
        unsafe: bool = False,
    ) -> list[Copy]:
        """Check all files of a version, and return the files to copy, without changing anything.

        Args:
            project: The project.
            version: The version.
            filenames: Limits the promotion to these files; by default, all files.
            unsafe: Whether to promote yanked files and quarantined projects, too.

        Raises:
            S3PyPIError: A file cannot be promoted; the message lists all problems.
        """
        page = read_project(self.bucket, self.source, project)
        files = self._files(page, version, filenames)
        problems: list[str] = []
        if page.status is Status.QUARANTINED and not unsafe:
            problems.append(f"project {project} is quarantined; --unsafe promotes it anyway")
        copies: list[Copy] = []
        for each in files:
            if each.yanked is not None and not unsafe:
                problems.append(f"{each.filename}: is yanked; --unsafe promotes it anyway")
            try:
                copies.append(self._check(project, each))
            except S3PyPIError as error:
                problems.append(f"{each.filename}: {error}")
        if problems:
            raise S3PyPIError("nothing was promoted:\n  " + "\n  ".join(problems))
        return copies

    def copy(self, copies: Sequence[Copy], done: Callable[[Copy], object]) -> None:
        """Copy the files, each after its yank marker. Identical files are not copied again.

        Args:
            copies: The files, from `plan`.
            done: Called with each file after it was copied.

        Raises:
            S3PyPIError: A file could not be copied. Run the promotion again to continue.
        """
        for each in copies:
            if each.file.yanked is not None:
                reason = each.file.yanked.encode()
                marker = each.target + YANK_EXTENSION
                self.bucket.put_marker(marker, reason, "text/plain; charset=utf-8")
            try:
                if not each.there:
                    self.bucket.copy(each.source, each.target, each.file.etag)
            except ExistsError as error:
                if not self._has_appeared(each):
                    raise S3PyPIError(
                        f"s3://{self.bucket.name}/{each.target} has appeared with other content, "
                        "or the source has changed; the files before it were promoted"
                    ) from error
            done(each)

    def remove(self, copies: Sequence[Copy], done: Callable[[str], object]) -> None:
        """Delete the sources of copied files, unless they have changed since.

        Raises:
            AwsError: A source could not be deleted.
        """
        for each in copies:
            self.bucket.delete(each.source, each.file.etag)
            if each.file.yanked is not None:
                self.bucket.delete(each.source + YANK_EXTENSION)
            done(each.source)

    def _files(
        self, page: ProjectPage, version: Version, filenames: Sequence[str]
    ) -> list[ListedFile]:
        files = {each.filename: each for each in page.files if each.version == version}
        there = ", ".join(files or map(str, page.versions)) or "no version"
        if not files:
            raise S3PyPIError(f"{page.name} {version} is not on the index; there is {there}")
        strange = [repr(each) for each in filenames if each not in files]
        if strange:
            what = f"a file of {page.name} {version} on the index"
            raise S3PyPIError(f"{', '.join(strange)} is not {what}; there is {there}")
        return [files[name] for name in (dict.fromkeys(filenames) or files)]

    def _check(self, project: NormalizedName, file: ListedFile) -> Copy:
        source = file_key(self.source, project, file.filename)
        target = file_key(self.target, project, file.filename)
        stored = self.bucket.head(source)
        copy = Copy(file, source, target, stored)
        if stored.etag != file.etag:
            raise S3PyPIError("has changed since its page was written; try again later")
        try:
            there = self._is_there(stored, copy.target)
        except (MissingError, ForbiddenError):
            # Without s3:ListBucket, S3 responds with 403 for missing objects, too. The copy itself
            # never replaces an object.
            return copy
        if not there:
            raise S3PyPIError(
                f"s3://{self.bucket.name}/{copy.target} exists with other content, or cannot be "
                "compared"
            )
        return replace(copy, there=True)

    def _has_appeared(self, copy: Copy) -> bool:
        """Return whether another client has uploaded the same content to the target meanwhile."""
        try:
            return self._is_there(copy.stored, copy.target)
        except MissingError:
            return False

    def _is_there(self, source: Stored, target: str) -> bool:
        """Return whether a target has the same content as a source, by S3's checksums."""
        there = self.bucket.head(target)
        sums = source.sha256, there.sha256
        return source.size == there.size and (
            source.etag == there.etag or (None not in sums and sums[0] == sums[1])
        )
