"""A deliberate mistake, as a replacement of text in one file."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
REGENERATION = (
    "indexer/test_regeneration",
    "indexer/test_edited_pages",
    "indexer/test_inspection",
    "indexer/test_interference",
    "indexer/test_out_of_time",
)
"""The unit tests of regenerations."""


class StaleMutantError(Exception):
    """A mutant's text does not occur exactly once in its file."""


@dataclass(frozen=True)
class Mutant:
    """A mistake that the unit tests must notice.

    Attributes:
        name: what is wrong, for people.
        path: of the file, relative to the root of the repository.
        old: the text to replace; it occurs once in the file.
        new: the mistake.
        tests: the files to run.
    """

    name: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]

    def apply(self, tree: Path) -> str:
        """Make the mistake in a copy of the repository.

        Returns:
            The file's text before.

        Raises:
            StaleMutantError: the code has changed; change the mutant, too.
        """
        file = tree / self.path
        text = file.read_text("utf-8")
        if (count := text.count(self.old)) != 1:
            raise StaleMutantError(f"{self.path}: {self.name}: its text occurs {count} times")
        file.write_text(text.replace(self.old, self.new), "utf-8")
        return text


def mutants_of(
    path: str, tests: Iterable[str], mistakes: Iterable[tuple[str, str, str]]
) -> tuple[Mutant, ...]:
    """Return the mutants of one file.

    Args:
        path: of the file.
        tests: the files below `tests/unit` to run, without `.py`.
        mistakes: what is wrong, the text to replace, and the mistake.
    """
    files = tuple(f"tests/unit/{name}.py" for name in tests)
    return tuple(Mutant(name, path, old, new, files) for name, old, new in mistakes)
