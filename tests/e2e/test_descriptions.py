"""Links in a description add no files, for real clients that only get HTML."""

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lambda_indexer.pages.rendering import HTML_TYPE, project_html
from tests.e2e.conftest import isolated, run
from tests.unit.indexer.test_description import HOSTILE, everywhere, page_of

PYTHON = Path(__file__).parents[2] / ".venv-clients" / "bin" / "python"
POETRY = (
    "import sys; from poetry.repositories.parsers.html_page_parser import HTMLPageParser;"
    "parser = HTMLPageParser(); parser.feed(sys.stdin.read());"
    "print(*[anchor.get('href') for anchor in parser.anchors], sep='\\n')"
)


@pytest.fixture(scope="module")
def html() -> bytes:
    """Return a page with all attacks at once."""
    return project_html(page_of(everywhere("\n\n".join(HOSTILE))))


@pytest.fixture(scope="module")
def url(html: bytes) -> Iterator[str]:
    """Provide an index with the project foo, in HTML."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/foo/"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", HTML_TYPE)
            self.end_headers()
            self.wfile.write(html if found else b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_pip_sees_one_version(url: str, tmp_path: Path) -> None:
    """Pip lists one version."""
    pip = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check"]
    done = run([*pip, "index", "versions", "foo", "--index-url", url], isolated(tmp_path))
    assert "Available versions: 1.0\n" in done.stdout


def test_uv_sees_one_version(url: str, tmp_path: Path) -> None:
    """Uv reports one version if another is requested."""
    (tmp_path / "in").write_text("foo==9.9\n")
    command = [sys.executable, "-m", "uv", "pip", "compile", "--no-cache", str(tmp_path / "in")]
    with pytest.raises(
        AssertionError, match=r"only foo==1\.0 is available|no version of foo==9\.9"
    ):
        run([*command, "--default-index", url], isolated(tmp_path))


def test_poetry_sees_one_file(html: bytes, tmp_path: Path) -> None:
    """Poetry's parser finds one file."""
    assert PYTHON.exists(), "poetry is not in .venv-clients: run the tests with `make test`"
    (tmp_path / "page").write_bytes(html)
    code = POETRY.replace("sys.stdin.read()", "open(sys.argv[1]).read()")
    done = run([str(PYTHON), "-c", code, str(tmp_path / "page")])
    assert done.stdout.splitlines() == [f"foo-1.0.tar.gz#sha256={'0' * 64}"]
