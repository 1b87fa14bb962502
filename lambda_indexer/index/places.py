"""The places in a bucket that have index pages: indexes and projects."""

from dataclasses import dataclass

from packaging.utils import NormalizedName

from s3pypi.layout import PAGE_HTML, PAGE_JSON, DirectoryPath


@dataclass(frozen=True, order=True, slots=True)
class Directory:
    """A place in a bucket that has index pages: an index (its root page) or a project of one.

    Attributes:
        bucket: the bucket's name.
        path: empty for the bucket's root, else slash-terminated.
    """

    bucket: str
    path: DirectoryPath

    @property
    def page_json(self) -> str:
        """The key of the JSON page."""
        return self.path + PAGE_JSON

    def page_html(self, *, index_html: bool) -> str:
        """The key of the HTML page.

        Args:
            index_html: whether pages are named `index.html`, as an S3 website wants it.
                At the bucket's root they always are, for S3 has no empty key.
        """
        return self.path + PAGE_HTML if index_html or not self.path else self.path


@dataclass(frozen=True, order=True, slots=True)
class Index(Directory):
    """A directory that holds projects; its page is a root page."""

    @property
    def lock_id(self) -> str:
        """The root page's partition key in the lock table."""
        return f"{self.bucket}/{self.path}"

    def project(self, name: NormalizedName) -> "Project":
        """The project of this name in this index."""
        return Project(self.bucket, DirectoryPath(f"{self.path}{name}/"))


@dataclass(frozen=True, order=True, slots=True)
class Project(Directory):
    """A directory that holds one project's distributions."""

    @property
    def name(self) -> NormalizedName:
        """The project's normalized name."""
        return NormalizedName(self.path.rstrip("/").rpartition("/")[2])

    @property
    def index(self) -> Index:
        """The index that this project belongs to."""
        return Index(self.bucket, DirectoryPath(self.path[: -len(self.name) - 1]))

    @property
    def lock_id(self) -> str:
        """The project's partition key in the lock table, such as `bucket/prefix/project`."""
        return f"{self.bucket}/{self.path.rstrip('/')}"
