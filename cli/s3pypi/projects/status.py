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
        bucket: Where it is.
        project: Whose status.
        prefix: The index's, without slashes around it.
    """

    bucket: Bucket
    project: NormalizedName
    prefix: str = ""

    def read(self) -> StatusMarker:
        """Return the project's status: `ACTIVE` when there is no marker.

        Raises:
            MarkerError: The marker cannot be understood.
            AwsError: The marker, or the directory, cannot be read.
            S3PyPIError: There is no such project.
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
        """Return if the project may be given this status.

        It must have a file, whether the index lists it or not: nobody sees the status otherwise,
        and the name may be misspelt. A marker that has outlived the files may be taken away.

        Raises:
            S3PyPIError: It has none.
        """
        directory = project_directory(self.prefix, self.project)
        for key in self.bucket.list(directory):
            if key.endswith(EXTENSIONS) or (key == self._key and status == ACTIVE):
                return
        raise S3PyPIError(
            f"there is no file of project {self.project} in s3://{self.bucket.name}/{directory}"
        )

    def write(self, status: StatusMarker) -> None:
        """Set the status, whatever it was; `ACTIVE` takes the marker away.

        Raises:
            AwsError: It could not be set.
        """
        if status == ACTIVE:
            self.bucket.delete(self._key)
        else:
            self.bucket.put_marker(self._key, status.to_json(), "application/json")

    @property
    def _key(self) -> str:
        return status_key(self.prefix, self.project)
