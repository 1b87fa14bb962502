"""The key grammar."""

import pytest

from lambda_indexer.index.places import Index, Project
from s3pypi.layout import DirectoryPath, is_normalized, split_key


@pytest.mark.parametrize("path", ["", "p/", "team/a/"])
def test_a_project_knows_its_index(path: str) -> None:
    """Names, locks and pages follow from the directory."""
    index = Index("b", DirectoryPath(path))
    project = index.project("foo")  # type: ignore[arg-type]
    assert project == Project("b", DirectoryPath(f"{path}foo/"))
    assert project.index == index
    assert project.name == "foo"
    assert (project.lock_id, index.lock_id) == (f"b/{path}foo", f"b/{path}")
    assert project.page_json == f"{path}foo/index.json"
    assert project.page_html(index_html=False) == f"{path}foo/"
    assert project.page_html(index_html=True) == f"{path}foo/index.html"
    assert index.page_html(index_html=False) == (path or "index.html")


@pytest.mark.parametrize("key", ["", "/foo/x.whl", "foo//x.whl", "./x.whl", "a/../x.whl", "foo/"])
def test_keys_that_no_url_names(key: str) -> None:
    """Keys that URLs cannot express are ignored."""
    assert split_key(key) is None


@pytest.mark.parametrize(
    ("path", "normalized"),
    [
        ("foo/", True),
        ("p/foo-bar/", True),
        ("Foo/", False),
        ("foo_bar/", False),
        ("", False),
        ("foo--bar/", False),
        ("-foo/", False),
        ("f!/", False),
        ("foo\n/", False),
    ],
)
def test_normalized_directories(path: str, normalized: bool) -> None:
    """Only a normalised name is a project's own directory (PEP 503)."""
    assert is_normalized(DirectoryPath(path)) is normalized
