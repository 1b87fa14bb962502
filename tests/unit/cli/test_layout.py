import pytest
from packaging.utils import canonicalize_name

from s3pypi.errors import UsageError
from s3pypi.layout import file_key, page_key, parse_prefix, status_key

DEMO = canonicalize_name("Demo.Project")


@pytest.mark.parametrize(
    ("text", "prefix"), [("", ""), ("/", ""), ("/team/", "team"), ("team/stable", "team/stable")]
)
def test_prefix_loses_slashes_around_it(text: str, prefix: str) -> None:
    """A prefix is the same however its ends are written."""
    assert parse_prefix(text) == prefix


@pytest.mark.parametrize("text", ["a//b", "a/../b", ".", "a\nb", "a\\b", "a\udcff"])
def test_strange_prefix_is_refused(text: str) -> None:
    """What would make keys that no link leads to is refused."""
    with pytest.raises(UsageError, match="not a prefix"):
        parse_prefix(text)


def test_keys() -> None:
    """Files and pages lie in the directory of the normalised name, under the prefix if any."""
    assert file_key("", DEMO, "Demo-1.0.zip") == "demo-project/Demo-1.0.zip"
    assert file_key("a/b", DEMO, "Demo-1.0.zip") == "a/b/demo-project/Demo-1.0.zip"
    assert page_key("a", DEMO) == "a/demo-project/index.json"
    assert status_key("a", DEMO) == "a/demo-project/.project-status"
