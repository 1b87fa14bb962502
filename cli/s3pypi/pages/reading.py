"""Read the index's JSON pages from the bucket. This only needs `s3:GetObject`."""

from packaging.utils import NormalizedName

from s3pypi.bucket import Bucket, Page
from s3pypi.errors import ForbiddenError, MissingError, S3PyPIError
from s3pypi.layout import page_key, root_page_key
from s3pypi.pages.model import ProjectPage
from s3pypi.pages.parsing import parse_page, project_names, project_page


def read_root(bucket: Bucket, prefix: str) -> list[NormalizedName]:
    """Return the names of an index's projects, sorted.

    Raises:
        S3PyPIError: The index does not exist.
        AwsError: The page cannot be read.
    """
    key = root_page_key(prefix)
    where = f"s3://{bucket.name}/{key}"
    content = parse_page(_read(bucket, key, f"there is no index: {where} does not exist"))
    if "projects" not in content:
        raise S3PyPIError(f"{where} is not the page of an index; check --prefix")
    return project_names(content)


def read_project(bucket: Bucket, prefix: str, project: NormalizedName) -> ProjectPage:
    """Return a project's page.

    Raises:
        S3PyPIError: The project does not exist.
        AwsError: The page cannot be read.
    """
    key = page_key(prefix, project)
    absent = f"there is no project {project}: s3://{bucket.name}/{key} does not exist"
    content = parse_page(_read(bucket, key, absent))
    if "files" not in content:
        raise S3PyPIError(f"s3://{bucket.name}/{key} is not the page of a project; check --prefix")
    return project_page(content, project)


def _read(bucket: Bucket, key: str, absent: str) -> Page:
    try:
        return bucket.get(key)
    except MissingError as error:
        raise S3PyPIError(f"{absent}; check the name, --bucket and --prefix") from error
    except ForbiddenError as error:
        raise ForbiddenError(
            f"{error}; without s3:ListBucket, S3 responds in the same way for a missing page"
        ) from error
