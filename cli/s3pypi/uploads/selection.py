"""Find and check the distributions that the arguments of `upload` name."""

import glob
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from s3pypi.distributions.filenames import is_distribution
from s3pypi.errors import S3PyPIError
from s3pypi.uploads.distribution import Distribution, read_distribution
from s3pypi.workers import workers

SBOM_EXTENSIONS = (".cdx.json", ".cdx.xml", ".spdx", ".spdx.json", ".sbom.json")


def _ignore(_: object) -> None:
    """Do nothing."""


def select(
    arguments: Sequence[str],
    *,
    jobs: int,
    found: Callable[[Sequence[Path]], object] = _ignore,
    skipped: Callable[[Path], object] = _ignore,
) -> list[Distribution]:
    """Return the distributions that the arguments name, without duplicates, in their order.

    Args:
        arguments: Paths, and patterns that the shell did not expand.
        jobs: The maximum number of files to read in parallel; at most one for each processor.
        found: Called with all files before the first one is read.
        skipped: Called with each file that accompanies one of the distributions: a signature, an
            attestation or an SBOM.

    Raises:
        S3PyPIError: A file is missing or invalid; the message lists all problems.
    """
    problems: list[str] = []
    paths: dict[tuple[str, str], Path] = {}
    for argument in arguments:
        expanded = _expand(argument)
        if not expanded:
            problems.append(f"{argument}: there is no such file")
        for path in expanded:
            paths.setdefault((os.path.realpath(path), path.name), path)

    found(list(paths.values()))
    names = [path.name for path in paths.values() if is_distribution(path.name)]
    companions = [path for path in paths.values() if _is_companion(path.name, names)]
    for path in companions:
        skipped(path)
    with workers(min(jobs, os.cpu_count() or 1)) as pool:
        checked = list(
            pool.map(_check, (each for each in paths.values() if each not in companions))
        )
    problems += [each for each in checked if isinstance(each, str)]
    distributions = [each for each in checked if isinstance(each, Distribution)]

    places: dict[tuple[str, str], Path] = {}
    for each in distributions:
        other = places.setdefault((each.project, each.filename), each.path)
        if other != each.path:
            problems.append(f"{each.path}: has the same name as {other}; upload one of them")
    if problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise S3PyPIError(f"nothing was uploaded, because of {_count(problems)}:{lines}")
    return distributions


def _expand(argument: str) -> list[Path]:
    """Return the file with exactly this name, or the files that match the pattern, sorted."""
    found = glob.glob(glob.escape(argument)) or glob.glob(argument)  # noqa: PTH207 - as a shell
    return sorted(map(Path, found))


def _is_companion(filename: str, distributions: Sequence[str]) -> bool:
    """Return whether a file accompanies one of the distributions, by its name."""
    if is_distribution(filename):
        return False
    sbom = next((each for each in SBOM_EXTENSIONS if filename.endswith(each)), None)
    stem = filename.removesuffix(sbom) if sbom else None
    return any(
        filename.startswith(f"{each}.") or (stem and each.startswith((f"{stem}-", f"{stem}.")))
        for each in distributions
    )


def _check(path: Path) -> Distribution | str:
    """Return the distribution, or a description of the problem."""
    try:
        if path.is_dir():
            return f"{path}: is a directory; name the files in it, as in {path / '*'}"
        if not path.is_file():
            return f"{path}: is not a regular file"
        return read_distribution(path)
    except (OSError, S3PyPIError) as error:
        return f"{path}: {error}"


def _count(problems: Sequence[str]) -> str:
    return "a problem" if len(problems) == 1 else f"{len(problems)} problems"
