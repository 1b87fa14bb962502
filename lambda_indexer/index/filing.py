"""Move misplaced distributions to their projects.

A move never overwrites a file: if the target has other content, the file stays and is reported. If
the function crashes between copy and delete, the next attempt finds the same bytes at the target,
and only deletes the original.
"""

from dataclasses import dataclass

from packaging.utils import NormalizedName

from lambda_indexer.errors import ChangedError, ObjectMissingError, UnreadableError
from lambda_indexer.files.inspection import digest, project_inside
from lambda_indexer.index.attempts import until_unchanged
from lambda_indexer.index.kinds import Kinds
from lambda_indexer.index.places import Index, Project
from lambda_indexer.model import StoredObject
from lambda_indexer.ports import Storage
from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.filenames import project_of
from s3pypi.layout import MAX_KEY, YANK_EXTENSION, DirectoryPath, project_name, split_key
from s3pypi.markers import one_line


@dataclass(frozen=True, slots=True)
class Filed:
    """The result of moving a misplaced file.

    Attributes:
        key: where it was found.
        project: the project to which it was moved, None if it was not. That project is not
            regenerated here: S3 raises an event for the copy, and a run needs a message that is
            retried until the run has completed.
        problem: why it was not moved, for people; None if there is nothing to report.
    """

    key: str
    project: Project | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Filing:
    """Moves misplaced distributions, for one invocation of the function."""

    storage: Storage
    kinds: Kinds

    def file(self, bucket: str, key: str) -> Filed:
        """Move a distribution, or its yank marker, that is not in a project's directory.

        Args:
            bucket: the bucket.
            key: the key of the object. If it does not exist (anymore), a yank marker that was put
                beside it is moved after it.

        Raises:
            StorageError: S3 refused or failed.
        """
        place = split_key(key)
        if place is None:
            return Filed(
                key,
                problem="this key cannot be part of a URL; move the file to <project>/<filename>",
            )
        try:
            stored = self._find(bucket, key) or self._find(bucket, key + YANK_EXTENSION)
        except UnreadableError as error:
            return Filed(key, problem=error.reason)
        if stored is None:
            return Filed(key)
        directory, _ = place
        index = Index(bucket, directory)
        if self.kinds.is_index(index):
            return self.file_into(index, stored)
        name = project_name(directory)
        if name is None:
            return Filed(key, problem=f"{directory} is neither a project's directory nor an index")
        above = DirectoryPath(directory[: directory.rstrip("/").rfind("/") + 1])
        return self.file_into(Index(bucket, above), stored, only=name)

    def file_into(self, index: Index, stored: StoredObject, only: str | None = None) -> Filed:
        """Move a distribution, or its yank marker, into its project's directory in an index.

        Args:
            index: the index of its project.
            stored: the object, as it was listed.
            only: do not move it unless it belongs to this project.

        Raises:
            StorageError: S3 refused or failed.
        """

        def attempt(conflicts: int) -> Filed:
            now = self.storage.head(index.bucket, stored.key) if conflicts else stored
            if now.key.endswith(YANK_EXTENSION):
                return self._move_late_yank(index, now, only)
            project = index.project(project_inside(self.storage, index.bucket, now))
            if only is not None and project.name != only:
                problem = f"it belongs to {project.name} but is in the directory of {only}"
                return Filed(stored.key, problem=problem)
            if self.kinds.is_declared(project.path):
                problem = f"{project.path} is an index, so no project can have its name"
                return Filed(stored.key, problem=problem)
            return self._move(now, project)

        try:
            return until_unchanged(attempt)
        except (InvalidDistributionError, UnreadableError) as error:
            return Filed(stored.key, problem=one_line(f"its project cannot be determined: {error}"))
        except ObjectMissingError:
            return Filed(stored.key)  # somebody has removed or moved it meanwhile

    def _move(self, stored: StoredObject, project: Project) -> Filed:
        bucket, target = project.bucket, project.path + stored.filename
        if len(target.encode()) > MAX_KEY:
            return Filed(stored.key, problem=f"its key in {project.path} would be too long for S3")
        try:
            there = self.storage.head(bucket, target)
        except ObjectMissingError:
            self._move_with_yank(bucket, stored, target)
            return Filed(stored.key, project)
        if not self._same(bucket, stored, there):
            return Filed(stored.key, problem=f"a different file already exists at {target}")
        self.storage.delete(bucket, stored.key, stored.etag)
        return Filed(stored.key, project)

    def _move_with_yank(self, bucket: str, stored: StoredObject, target: str) -> None:
        """Move a file after its yank marker, so that the file is never listed unyanked."""
        source, moved = stored.key + YANK_EXTENSION, target + YANK_EXTENSION
        here, there = self._find(bucket, source), self._find(bucket, moved)
        if here and not there:
            self.storage.move(bucket, here, moved)
        try:
            self.storage.move(bucket, stored, target)
        except ChangedError:
            # Another file has taken the place. The marker is not meant for that one.
            back = self._find(bucket, moved)
            if here and not there and back:
                self.storage.move(bucket, back, source)
            raise

    def _move_late_yank(self, index: Index, marker: StoredObject, only: str | None) -> Filed:
        """Move a yank marker that arrived after its file was moved."""
        bucket = index.bucket
        if self._find(bucket, marker.key.removesuffix(YANK_EXTENSION)):
            return Filed(marker.key)  # it moves with its file
        filename = marker.filename.removesuffix(YANK_EXTENSION)
        name = project_of(filename) or only
        if name is None or (only is not None and name != only):
            return Filed(marker.key, problem="its project cannot be determined from its name")
        project = index.project(NormalizedName(name))
        target = project.path + filename
        if not self._find(bucket, target):
            return Filed(marker.key, problem=f"the file that it yanks does not exist: {target}")
        if self._find(bucket, target + YANK_EXTENSION):
            self.storage.delete(bucket, marker.key, marker.etag)
        else:
            self.storage.move(bucket, marker, target + YANK_EXTENSION)
        return Filed(marker.key, project)

    def _find(self, bucket: str, key: str) -> StoredObject | None:
        try:
            return self.storage.head(bucket, key)
        except ObjectMissingError:
            return None

    def _same(self, bucket: str, one: StoredObject, other: StoredObject) -> bool:
        if one.size != other.size:
            return False
        if one.etag == other.etag:
            return True
        try:
            there = digest(self.storage, bucket, other)
        except ObjectMissingError as error:
            raise ChangedError(str(error)) from error
        return digest(self.storage, bucket, one) == there
