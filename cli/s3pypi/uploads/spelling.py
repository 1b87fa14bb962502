"""Find files that differ only in the spelling of their names."""

from collections.abc import Sequence

from packaging.utils import InvalidWheelFilename, NormalizedName, parse_wheel_filename

from s3pypi.bucket import Bucket
from s3pypi.distributions.filenames import EXTENSIONS, is_wheel, version_in
from s3pypi.errors import ForbiddenError, MissingError
from s3pypi.layout import page_key
from s3pypi.pages.parsing import parse_page, project_page
from s3pypi.uploads.distribution import Distribution


def respelled(
    bucket: Bucket, prefix: str, distributions: Sequence[Distribution]
) -> list[tuple[Distribution, str]]:
    """Return the files that exist in the index, or earlier in the list, under another spelling.

    To installers, `Demo-1.0.0.tar.gz` and `demo-1.0.tar.gz` are the same file. One page is read for
    each project; a missing or forbidden page is ignored.

    Returns:
        Each such file with the other filename.

    Raises:
        AwsError: A page cannot be read.
    """
    there: dict[NormalizedName, dict[object, str]] = {}
    found: list[tuple[Distribution, str]] = []
    for each in distributions:
        if each.project not in there:
            there[each.project] = _listed(bucket, prefix, each.project)
        other = there[each.project].setdefault(
            _identity(each.filename, each.project), each.filename
        )
        if other != each.filename:
            found.append((each, other))
    return found


def _listed(bucket: Bucket, prefix: str, project: NormalizedName) -> dict[object, str]:
    try:
        page = bucket.get(page_key(prefix, project))
    except (MissingError, ForbiddenError):
        return {}
    files = project_page(parse_page(page), project).files
    # A file with exactly the same name is compared by its content later.
    return {_identity(e.filename, project): e.filename for e in files if e.version is not None}


def _identity(filename: str, project: NormalizedName) -> object:
    """Return the parts of a filename in normalized form."""
    try:
        return (
            parse_wheel_filename(filename)[1:] if is_wheel(filename) else _sdist(filename, project)
        )
    except InvalidWheelFilename:
        return filename


def _sdist(filename: str, project: NormalizedName) -> object:
    extension = next(each for each in EXTENSIONS if filename.endswith(each))
    return version_in(filename, project), extension
