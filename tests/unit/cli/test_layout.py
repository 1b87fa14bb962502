from packaging.utils import canonicalize_name

from s3pypi.layout import file_key, page_key, status_key

DEMO = canonicalize_name("Demo.Project")


def test_keys() -> None:
    """Files and pages are in the directory of the normalised name, below the prefix."""
    assert file_key("", DEMO, "Demo-1.0.zip") == "demo-project/Demo-1.0.zip"
    assert file_key("a/b", DEMO, "Demo-1.0.zip") == "a/b/demo-project/Demo-1.0.zip"
    assert page_key("a", DEMO) == "a/demo-project/index.json"
    assert status_key("a", DEMO) == "a/demo-project/.project-status"
