"""Real distributions for tests, fetched once by pip's own machinery and kept.

pip's finder and session are used rather than `pip download`, which would run the `setup.py` of
every sdist, those from 2005 included. Which index they come from is pip's configuration.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pip._internal.commands.download import DownloadCommand
from pip._internal.exceptions import (
    ConnectionFailedError,
    ConnectionTimeoutError,
    ProxyConnectionError,
)
from pip._internal.index.collector import LinkCollector, parse_links
from pip._internal.models.link import Link
from pip._internal.network.session import PipSession
from pip._internal.network.utils import HEADERS, response_chunks

CACHE_VARIABLE = "S3PYPI_TEST_CACHE"
"""Names the directory in which the files are kept; `.cache/` in the repository without it."""

_ROOT = Path(__file__).parents[2]
_NO_NETWORK = 75
_UNREACHABLE = (ConnectionFailedError, ConnectionTimeoutError, ProxyConnectionError)


class NoNetworkError(Exception):
    """A file is not in the cache, and pip's configured index cannot be reached."""


def cache() -> Path:
    """The directory in which fetched files are kept."""
    directory = Path(os.environ.get(CACHE_VARIABLE) or _ROOT / ".cache") / "distributions"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def fetch(wanted: dict[str, list[str]]) -> dict[str, Path]:
    """Get distributions, from the cache or from the index of pip's configuration.

    Args:
        wanted: filenames by project.

    Returns:
        Where each file is.

    Raises:
        NoNetworkError: there is no way to the index.
        LookupError: the index has no such file.
    """
    directory = cache()
    paths = {filename: directory / filename for files in wanted.values() for filename in files}
    missing = {
        project: [filename for filename in files if not paths[filename].exists()]
        for project, files in wanted.items()
    }
    if any(missing.values()):
        # A process of its own: pip leaves files open, which these tests take for errors.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", __name__, str(directory), json.dumps(missing)],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == _NO_NETWORK:
            raise NoNetworkError(done.stderr.strip().rpartition("\n")[2])
        if done.returncode:
            raise LookupError(done.stderr)
    return paths


def main(directory: Path, missing: dict[str, list[str]]) -> int:
    """Fetch files into a directory.

    Args:
        directory: where they go.
        missing: filenames by project.

    Returns:
        The exit code.
    """
    try:
        with session_and_collector() as (session, collector):
            for project, files in missing.items():
                if files:
                    links = links_of(project, session, collector)
                    for filename in files:
                        if filename not in links:
                            raise LookupError(f"no index of pip's configuration has {filename}")
                        download(links[filename], directory / filename, session)
    except NoNetworkError as error:
        print(error, file=sys.stderr)  # noqa: T201 - for the process that waits
        return _NO_NETWORK
    return 0


@contextmanager
def session_and_collector() -> Iterator[tuple[PipSession, LinkCollector]]:
    """A session and a collector of links, both as pip is configured on this machine."""
    command = DownloadCommand("download", "a part of the tests")
    options, _ = command.parse_args(["--retries", "2", "something"])
    with command.main_context(), command._build_session(options) as session:
        yield session, LinkCollector.create(session, options, suppress_no_index=True)


def links_of(project: str, session: PipSession, collector: LinkCollector) -> dict[str, Link]:
    """All files of a project, by filename."""
    links: dict[str, Link] = {}
    for location in collector.search_scope.get_index_urls_locations(project):
        page = collector.fetch_response(Link(location))
        if page is not None:
            links |= {link.filename: link for link in parse_links(page)}
        elif location.startswith("http"):
            reach(location, session)
    return links


def reach(location: str, session: PipSession) -> None:
    """Return the reason why a page could not be fetched.

    Raises:
        NoNetworkError: its host is out of reach.
    """
    try:
        session.get(location).close()
    except _UNREACHABLE as error:
        raise NoNetworkError(str(error)) from error


def download(link: Link, path: Path, session: PipSession) -> None:
    """Fetch one file, whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    digest = hashlib.new(link.hash_name or "sha256")
    try:
        answer = session.get(link.url_without_fragment, headers=HEADERS, stream=True)
    except _UNREACHABLE as error:
        raise NoNetworkError(str(error)) from error
    with answer, partial.open("wb") as file:
        answer.raise_for_status()
        for chunk in response_chunks(answer):  # as they are, from a file of this machine as well
            digest.update(chunk)
            file.write(chunk)
    assert digest.hexdigest() == (link.hash or digest.hexdigest()), f"{path.name} was not as stated"
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.loads(sys.argv[2])))
