"""`make mutate`: make deliberate mistakes, one by one, and report those that no test notices."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path

import pytest

from tests.mutation.mutant import ROOT, Mutant, StaleMutantError
from tests.mutation.mutants import MUTANTS

COPIED = ("basic_auth", "cli", "lambda_indexer", "scripts", "tests", "pyproject.toml")
OURS = {"basic_auth", "lambda_indexer", "s3pypi", "scripts", "tests"}
SLOW_TO_IMPORT = ("aws_lambda_powertools", "boto3", "hypothesis.strategies", "jinja2")
TIMEOUT = 300
"""Seconds that a mutant's tests may take; a mistake that makes them hang is noticed."""


def start(tree: Path, tests: Iterable[str]) -> int:
    """Run tests in a copy of the repository, up to the first that fails.

    A fork saves most of the time that Python and pytest need to start.

    Returns:
        The ID of the process; its exit code is pytest's.
    """
    process = os.fork()
    if process:
        return process
    code: int = pytest.ExitCode.INTERNAL_ERROR
    try:
        code = _run(tree, tests)
    finally:
        os._exit(code)


def _run(tree: Path, tests: Iterable[str]) -> int:
    signal.alarm(TIMEOUT)
    os.dup2(os.open(tree / "output", os.O_CREAT | os.O_WRONLY | os.O_TRUNC), 1)
    os.chdir(tree)
    sys.dont_write_bytecode = True
    sys.path[:0] = [str(tree / "cli"), str(tree)]
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    # They are imported already, which is what saves time.
    options = ["-x", "-q", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return pytest.main([*options, "-p", "no:cacheprovider", "-n0", *tests])


def noticed(tree: Path, status: int) -> bool:
    """Return whether a test failed, given how its process ended.

    Raises:
        RuntimeError: pytest could not run the tests.
    """
    if os.waitstatus_to_exitcode(status) > pytest.ExitCode.INTERRUPTED:
        raise RuntimeError((tree / "output").read_text("utf-8", "replace"))
    return status != 0


def copy_of_the_repository(directory: Path) -> Path:
    """Copy the files that the tests need."""
    directory.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, directory / name, ignore=ignored)
        else:
            shutil.copy(source, directory / name)
    return directory


def survivors(mutants: Sequence[Mutant], trees: list[Path]) -> Iterable[Mutant]:
    """Yield the mutants that no test notices; one runs in each copy at a time."""
    waiting = list(mutants)
    running: dict[int, tuple[Mutant, Path, str]] = {}
    while waiting or running:
        while waiting and trees:
            mutant, tree = waiting.pop(0), trees.pop()
            before = mutant.apply(tree)
            running[start(tree, mutant.tests)] = mutant, tree, before
        process, status = os.wait()
        mutant, tree, before = running.pop(process)
        if not noticed(tree, status):
            yield mutant
        (tree / mutant.path).write_text(before, "utf-8")
        trees.append(tree)


def problem(tree: Path, mutants: Sequence[Mutant]) -> str | None:
    """Return why the result would be useless: a stale mutant, or tests that fail anyway."""
    found = []
    for mutant in mutants:
        try:
            before = mutant.apply(tree)
        except StaleMutantError as error:
            found.append(str(error))
        else:
            (tree / mutant.path).write_text(before, "utf-8")
    if found:
        return "\n".join(found)
    start(tree, sorted({test for each in mutants for test in each.tests}))
    if noticed(tree, os.wait()[1]):
        return "Tests fail without any mutant:\n" + (tree / "output").read_text("utf-8", "replace")
    return None


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
    for module in SLOW_TO_IMPORT:
        import_module(module)
    began, survived = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as directory:
        trees = [copy_of_the_repository(Path(directory, str(n))) for n in range(options.jobs)]
        if wrong := problem(trees[0], mutants):
            print(wrong)  # noqa: T201
            return 2
        for mutant in survivors(mutants, trees):
            survived += 1
            print(f"survived: {mutant.path}: {mutant.name}", flush=True)  # noqa: T201
    count = len(mutants)
    print(  # noqa: T201
        f"{count - survived} of {count} mutants noticed ({1 - survived / max(1, count):.0%})"
        f" in {time.monotonic() - began:.0f} s"
    )
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
