import pytest
from packaging.utils import canonicalize_name

from lambda_indexer.model import ProjectPage
from lambda_indexer.pages.environment import PAGE_MARK
from lambda_indexer.pages.rendering import project_html
from scripts import migrate_s3_index
from scripts.migrate_s3_index import Action, Page, judge

OLD = b"<html><title>Package Index</title></html>"
OLDER = b"<html><title>Package Index</title>older</html>"
OURS = project_html(ProjectPage(canonicalize_name("foo")))
FOREIGN = b"<html><title>Documentation</title></html>"


def page(key: str, body: bytes) -> Page:
    """An object."""
    return Page(key, '"etag"', body)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (OLD, None, Action.RENAME),
        (OLD, b"", Action.RENAME),
        (OLD, OLD, Action.REMOVE),
        (OLD, OURS, Action.REMOVE),
        (OLD, OLDER, Action.CONFLICT),
        (OLD, FOREIGN, Action.CONFLICT),
        (OURS, None, Action.KEEP),
        (OURS, OLD, Action.KEEP),
        (FOREIGN, None, Action.KEEP),
        (FOREIGN, OURS, Action.KEEP),
    ],
)
def test_only_an_old_clients_page_is_touched(
    source: bytes, target: bytes | None, expected: Action
) -> None:
    """Pages of old clients are renamed, or removed if nothing is lost, and no others."""
    there = None if target is None else page("foo/", target)
    step = judge(page("foo/index.html", source), there)
    assert step.action is expected
    assert step.target == "foo/"


def test_an_empty_folder_marker_is_replaced_on_condition() -> None:
    """An object that has changed meanwhile is not overwritten."""
    marker = Page("foo/", '"empty"', b"")
    assert judge(page("foo/index.html", OLD), marker).replaces == '"empty"'
    assert judge(page("foo/index.html", OLD), None).replaces is None


def test_the_indexers_pages_are_recognised() -> None:
    """The script, which imports no modules of this repository, has the indexer's mark."""
    assert migrate_s3_index.PAGE_MARK == PAGE_MARK
    assert PAGE_MARK in OURS
