"""The status of a project (PEP 792) in one index."""

from dataclasses import dataclass

from packaging.utils import NormalizedName

from s3pypi.bucket import Bucket
from s3pypi.distributions.filenames import EXTENSIONS
from s3pypi.errors import ForbiddenError, MarkerError, MissingError, S3PyPIError
from s3pypi.layout import project_directory, status_key
from s3pypi.markers import ACTIVE, InvalidMarkerError, StatusMarker, parse_status


@dataclass(frozen=True)
class ProjectStatus:
    """The status of a project in one index, kept in an object beside its files.

    Attributes:
        bucket: The bucket with the project.
        project: The project.
        prefix: The index's prefix, without slashes around it.
    """

    bucket: Bucket
    project: NormalizedName
    prefix: str = ""

    def read(self) -> StatusMarker:
        """Return the project's status; `ACTIVE` if there is no marker.

        Raises:
            MarkerError: The marker is invalid.
            AwsError: The marker or the directory cannot be read.
            S3PyPIError: The project does not exist.
        """
        try:
            content = self.bucket.get(self._key).content
        except MissingError:
            self.check(ACTIVE)
            return ACTIVE
        except ForbiddenError as error:
            hint = "s3:ListBucket, without which S3 gives the same answer for a missing marker"
            raise ForbiddenError(f"{error}, and {hint}") from error
        try:
            return parse_status(content)
        except InvalidMarkerError as error:
            raise MarkerError(
                f"s3://{self.bucket.name}/{self._key} has no effect, because {error}; "
                "set a status to replace it"
            ) from error

    def check(self, status: StatusMarker) -> None:
        """Check that this status can be set.

        The project must have a file, listed or not: otherwise nobody sees the status, and the name
        may be misspelled. A marker without files can be removed by setting `ACTIVE`.

        Raises:
            S3PyPIError: The project has no file.
        """
        directory = project_directory(self.prefix, self.project)
        for key in self.bucket.list(directory):
            if key.endswith(EXTENSIONS) or (key == self._key and status == ACTIVE):
                return
        raise S3PyPIError(
            f"there is no file of project {self.project} in s3://{self.bucket.name}/{directory}"
        )

    def write(self, status: StatusMarker) -> None:
        """Set the status; `ACTIVE` deletes the marker.

        Raises:
            AwsError: The status could not be set.
        """
        if status == ACTIVE:
            self.bucket.delete(self._key)
        else:
            self.bucket.put_marker(self._key, status.to_json(), "application/json")

    @property
    def _key(self) -> str:
        return status_key(self.prefix, self.project)
