"""`make fuzz SECONDS=600`: mutate archives until a reader fails unexpectedly.

A mutation is of the file or, for tars, of what is inside of the compression, where it reaches more
of the reader. Whatever crashes a reader, or takes it longer than a second, is kept in the corpus,
which `tests/unit/indexer/test_corpus.py` reads for ever after.
"""

import argparse
import bz2
import gzip
import hashlib
import io
import lzma
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

from packaging.utils import canonicalize_name

from s3pypi.distributions.archives import read_sdist, read_wheel
from s3pypi.distributions.core_metadata import parse_metadata
from s3pypi.distributions.errors import InvalidDistributionError
from tests.factories import Distribution, sdist, wheel

CORPUS = Path(__file__).parent / "data" / "archives"
FOO = canonicalize_name("foo")
PATIENCE = 1.0
BASES = (
    wheel("foo"),
    wheel("foo", filler=b"abc" * 3000),
    *(
        sdist("foo", extension=extension)
        for extension in (".tar.gz", ".tar.bz2", ".tar.xz", ".zip")
    ),
)
PACKERS = {".gz": gzip, ".bz2": bz2, ".xz": lzma}


def read(content: bytes, filename: str) -> bytes:
    """Return the parsed metadata of an archive.

    Raises:
        InvalidDistributionError: the one thing that a reader may answer else.
    """
    file = io.BytesIO(content)
    wheel = filename.endswith(".whl")
    metadata = read_wheel(file, FOO) if wheel else read_sdist(file, filename)
    parse_metadata(metadata, sdist=not wheel)
    return metadata


def mutated(random: Random, base: Distribution) -> bytes:
    """Return an archive with a few changed bytes."""
    packer = PACKERS.get(Path(base.filename).suffix)
    inside = packer is not None and random.random() < 0.7
    content = bytearray(packer.decompress(base.content) if packer and inside else base.content)
    for _ in range(random.choice([1, 1, 2, 3, 8])):
        place = random.randrange(len(content) + 1)
        if inside and random.random() < 0.7:  # in the header of a member
            place = place // 512 * 512 + random.randrange(512)
        length = random.choice([1, 2, 4, 8, 12])
        kind = random.random()
        if kind < 0.5:
            special = [0, 255, 0x80, 0x7F, ord("0") + random.randrange(8), random.randrange(256)]
            content[place : place + length] = bytes(random.choices(special, k=length))
        elif kind < 0.7:
            del content[place : place + random.randrange(1, 600)]
        elif kind < 0.9:
            start = random.randrange(len(content) + 1)
            content[place:place] = content[start : start + random.randrange(600)]
        else:
            del content[place:]
        content = content or bytearray(b"x")
    return packer.compress(content) if packer and inside else bytes(content)


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0 when nothing was found, 1 when the corpus has grown.
    """
    parser = argparse.ArgumentParser(prog="fuzz", description="Mutate archives and read them.")
    parser.add_argument("--seconds", type=float, default=60, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=time.time_ns(), help="default: the clock")
    options = parser.parse_args(argv)
    random = Random(options.seed)  # noqa: S311 - a seed replays exactly
    answers: Counter[str] = Counter()
    found = 0
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        base = random.choice(BASES)
        content = mutated(random, base)
        began, problem = time.monotonic(), ""
        try:
            read(content, base.filename)
            answers["metadata"] += 1
        except InvalidDistributionError as error:
            answers[str(error)[:50]] += 1
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            problem = repr(error)
        if time.monotonic() - began > PATIENCE:
            problem = problem or "slow"
        if problem:
            found += 1
            extension = base.filename.partition("1.0")[2].rpartition("any")[2]
            name = CORPUS / f"found-{hashlib.sha256(content).hexdigest()[:12]}{extension}"
            name.write_bytes(content)
            print(f"{problem}: {name}")  # noqa: T201
    for answer, count in answers.most_common():
        print(f"{count:9} {answer}")  # noqa: T201
    print(f"{answers.total()} archives read, {found} findings, seed {options.seed}")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
