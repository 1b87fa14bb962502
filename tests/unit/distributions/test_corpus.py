"""Read the archives of the corpus: each has a reason, and takes little time and memory."""

import tracemalloc
from pathlib import Path

import pytest

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MIB
from tests.fuzz import CORPUS, read

REASONS = {
    "backslash.whl": "backslash",
    "behind-the-end.whl": "data after its end",
    "bomb-bzip2.tar.bz2": "no PKG-INFO in its first",
    "bomb-headers.tar.gz": "headers are larger than",
    "bomb-metadata.whl": "no WHEEL",
    "dictionary.tar.xz": "Memory usage limit",
    "directory-in-the-middle.zip": "archive",
    "encrypted.whl": "no WHEEL",
    "link.tar.gz": "no PKG-INFO",
    "messages-in-messages.whl": "Content-Type on which pip can fail",
    "no-record.whl": "no RECORD",
    "nul.whl": "NUL",
    "one-long-field.whl": "longer than 512 bytes",
    "second-name.whl": "another name in an extra field",
    "twice.whl": "same name",
    "two-directories.whl": "2 .dist-info directories",
    "zip-in-a-comment.whl": "archive",
}
"""A part of the reason of each archive that was made; what a fuzzer found needs only have one."""


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.*")), ids=lambda path: path.name)
def test_each_has_a_reason(path: Path) -> None:
    """Each archive is refused with its reason, in bounded memory."""
    content = path.read_bytes()
    tracemalloc.start()
    try:
        with pytest.raises(InvalidDistributionError, match=REASONS.get(path.name, "")) as caught:
            read(content, f"foo-1.0{'-py3-none-any' * (path.suffix == '.whl')}{suffix(path)}")
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()
    assert str(caught.value).isprintable()


def suffix(path: Path) -> str:
    """Return the extension of a filename, such as `.tar.gz`."""
    return path.name[path.name.index(".") :]


def test_the_corpus_is_whole() -> None:
    """Each expected reason has its archive."""
    assert {path.name for path in CORPUS.iterdir()} >= set(REASONS)
