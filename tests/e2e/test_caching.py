"""`upload --wait`, then an install, with an edge that caches like CloudFront."""

import sys
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.e2e.caching_edge import caching_edge, deployed_errors
from tests.e2e.conftest import HTML, JSON, Index, run
from tests.factories import wheel


def status(url: str, path: str, accept: str) -> int:
    """The status of an answer."""
    address = urlsplit(url)
    with closing(HTTPConnection(address.hostname or "", address.port)) as connection:
        connection.request("GET", path, headers={"Accept": accept})
        answer = connection.getresponse()
        answer.read()
        return answer.status


@pytest.mark.parametrize(
    ("keeps_404", "expected"), [(deployed_errors()[404], 200), (3600, 404)], ids=["ours", "longer"]
)
def test_an_old_404(index: Index, keeps_404: int, expected: int) -> None:
    """A project that was requested before its upload is available at once afterwards.

    With an edge that keeps a 404 it would not be, which shows that this one keeps what it may.
    """
    foo = wheel("foo", "1.0")
    with caching_edge(index.stack.edge.url, {404: keeps_404}) as url:
        pages = [(f"/{index.path}foo/", accept) for accept in (JSON, HTML)]
        paths = [*pages, (f"/{index.path}foo/{foo.filename}", "*/*")]
        assert [status(url, *each) for each in paths] == [404] * 3
        index.s3pypi("upload", *index.write(foo), "--wait", "60")
        assert [status(url, *each) for each in paths] == [expected] * 3


def test_an_install_right_after_the_upload(index: Index) -> None:
    """A pipeline can install a package right after uploading it."""
    with caching_edge(index.stack.edge.url, deployed_errors()) as url:
        assert status(url, f"/{index.path}foo/", JSON) == 404
        index.s3pypi("upload", *index.write(wheel("foo", "1.0")), "--wait", "60")
        target = index.tmp / "site"
        run(
            [
                *(sys.executable, "-m", "pip", "--isolated", "--no-input", "install", "foo==1.0"),
                *("--no-cache-dir", "--disable-pip-version-check", "--target", str(target)),
                *("--index-url", f"{url}/{index.path}"),
            ]
        )
    assert (target / "foo-1.0.dist-info").is_dir()
