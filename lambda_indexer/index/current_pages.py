"""The pages of a directory as they were read."""

from dataclasses import dataclass

from lambda_indexer.index.places import Directory, Project
from lambda_indexer.model import ETag, ProjectPage, RootPage
from s3pypi.layout import SIDECAR_EXTENSION


@dataclass(frozen=True, slots=True)
class CurrentPages:
    """The current pages of a directory.

    Attributes:
        directory: the project or the index.
        json: the bytes of the JSON page, None if there is none.
        json_etag: the entity tag of the JSON page.
        html_etag: the entity tag of the HTML page, None if there is none.
        html_size: its size in bytes, None if it is unknown.
        page: the parsed JSON page, None if there is none or it is not a page.
        locked: whether the JSON page is there and only its writer can read it; it is replaced then.
    """

    directory: Directory
    json: bytes | None = None
    json_etag: ETag | None = None
    html_etag: ETag | None = None
    html_size: int | None = None
    page: ProjectPage | RootPage | None = None
    locked: bool = False

    @property
    def project_page(self) -> ProjectPage:
        """The page of the project; an empty one if there is none."""
        if isinstance(self.page, ProjectPage):
            return self.page
        return ProjectPage(Project(self.directory.bucket, self.directory.path).name)

    @property
    def keys(self) -> list[str]:
        """The keys of the files and sidecars that a project's page lists, unordered."""
        if not isinstance(self.page, ProjectPage):
            return []
        path = self.directory.path
        wheels = [file.filename for file in self.page.records if file.sidecar]
        return [
            *(path + file.filename for file in self.page.records),
            *(f"{path}{filename}{SIDECAR_EXTENSION}" for filename in wheels),
        ]

    @property
    def exist(self) -> bool:
        """Whether there is any page."""
        return self.json_etag is not None or self.html_etag is not None
