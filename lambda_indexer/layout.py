"""The key grammar of the bucket (design, section 2): where projects, pages and sidecars lie."""

from dataclasses import dataclass
from typing import Final, NewType

from packaging.utils import NormalizedName, canonicalize_name

DISTRIBUTION_EXTENSIONS: Final = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz")
SIDECAR_EXTENSION: Final = ".metadata"
YANK_EXTENSION: Final = ".yanked"
STATUS_MARKER: Final = ".project-status"
MAX_KEY: Final = 1024  # bytes of UTF-8, S3's own limit
PAGE_JSON: Final = "index.json"
PAGE_HTML: Final = "index.html"

DirectoryPath = NewType("DirectoryPath", str)
"""The part of a key up to and with its last slash; empty at the bucket's root."""


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
        """The project's normalised name."""
        return NormalizedName(self.path.rstrip("/").rpartition("/")[2])

    @property
    def index(self) -> Index:
        """The index that this project belongs to."""
        return Index(self.bucket, DirectoryPath(self.path[: -len(self.name) - 1]))

    @property
    def lock_id(self) -> str:
        """The project's partition key in the lock table, such as `bucket/prefix/project`."""
        return f"{self.bucket}/{self.path.rstrip('/')}"


def split_key(key: str) -> tuple[DirectoryPath, str] | None:
    """Split an object's key into its directory and its filename.

    Returns:
        None for a key that no URL can name as it is, and that clients would therefore never find:
        one with an empty, `.` or `..` segment (RFC 3986, section 5.2.4).
    """
    *directories, filename = key.split("/")
    if any(segment in {"", ".", ".."} for segment in [*directories, filename]):
        return None
    return DirectoryPath("".join(f"{directory}/" for directory in directories)), filename


def project_name(directory: DirectoryPath) -> NormalizedName | None:
    """The project whose files would lie in this directory, or None if its name is no valid one.

    The directory is that project's own only if its name is also written in the normalised way;
    see `is_normalized`.
    """
    last = directory.rstrip("/").rpartition("/")[2]
    try:
        return canonicalize_name(last, validate=True)
    except ValueError:  # packaging's InvalidName
        return None


def is_normalized(directory: DirectoryPath) -> bool:
    """Whether the directory's own name is a normalised project name (PEP 503)."""
    name = project_name(directory)
    return name is not None and f"/{directory}".endswith(f"/{name}/")


def is_distribution(filename: str) -> bool:
    """Whether a file of this name is meant to be a wheel or an sdist."""
    return filename.endswith(DISTRIBUTION_EXTENSIONS)


def is_marker(filename: str) -> bool:
    """Whether an object of this name changes what a project's page says of its files."""
    yanks = filename.endswith(YANK_EXTENSION)
    return filename == STATUS_MARKER or (
        yanks and is_distribution(filename.removesuffix(YANK_EXTENSION))
    )
