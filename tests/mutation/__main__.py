"""`make mutate`: make one deliberate mistake after the other; report those that no test notices."""

import argparse
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutation.mutant import ROOT, Mutant, StaleMutantError
from tests.mutation.mutants import MUTANTS

COPIED = ("basic_auth", "cli", "lambda_indexer", "scripts", "tests", "pyproject.toml")
TIMEOUT = 120
"""Seconds that a mutant's tests may take; a mistake that makes them hang is noticed."""


def passes(tree: Path, tests: Iterable[str]) -> bool:
    """Run tests in a copy of the repository, up to the first that fails."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tree / 'cli'}{os.pathsep}{tree}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and files
            command, cwd=tree, env=environment, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode not in {0, 1, 2}:
        raise RuntimeError(done.stdout.decode(errors="replace"))
    return done.returncode == 0


def survives(tree: Path, mutant: Mutant) -> bool:
    """Whether all of a mutant's tests pass."""
    before = mutant.apply(tree)
    try:
        return passes(tree, mutant.tests)
    finally:
        (tree / mutant.path).write_text(before, "utf-8")


def copy_of_the_repository(directory: Path) -> Path:
    """Copy what the tests need."""
    for name in COPIED:
        source = ROOT / name
        ignored = shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, directory / name, ignore=ignored)
        else:
            shutil.copy(source, directory / name)
    return directory


def stale(tree: Path, mutants: Iterable[Mutant]) -> list[str]:
    """The mutants whose text is not in the code any more."""
    found = []
    for mutant in mutants:
        try:
            before = mutant.apply(tree)
        except StaleMutantError as error:
            found.append(str(error))
        else:
            (tree / mutant.path).write_text(before, "utf-8")
    return found


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: the arguments; the process's own when None.

    Returns:
        0 if every mutant was noticed, 1 if one survives, 2 if the list or the tests are wrong.
    """
    parser = argparse.ArgumentParser(prog="mutate", description=__doc__)
    parser.add_argument("--only", default="", help="a part of the paths or names of mutants")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (%(default)s)")
    options = parser.parse_args(argv)
    mutants = [each for each in MUTANTS if options.only in f"{each.path} {each.name}"]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(options.jobs) as pool:
        trees: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for number in range(options.jobs):
            trees.put(copy_of_the_repository(Path(directory, str(number))))
        tree = trees.get()
        wrong = stale(tree, mutants)
        if not wrong and not passes(
            tree, sorted({test for each in mutants for test in each.tests})
        ):
            wrong = ["the tests fail without any mutant"]
        trees.put(tree)
        if wrong:
            print("\n".join(wrong))  # noqa: T201
            return 2

        def look(mutant: Mutant) -> bool:
            tree = trees.get()
            try:
                return survives(tree, mutant)
            finally:
                trees.put(tree)

        results = zip(mutants, pool.map(look, mutants), strict=True)
        survivors = [mutant for mutant, survived in results if survived]
    for mutant in survivors:
        print(f"survived: {mutant.path}: {mutant.name}")  # noqa: T201
    noticed = len(mutants) - len(survivors)
    print(  # noqa: T201
        f"{noticed} of {len(mutants)} mutants noticed ({noticed / max(1, len(mutants)):.0%})"
        f" in {time.monotonic() - began:.0f} s"
    )
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
