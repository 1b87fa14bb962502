"""The deliberate mistakes of `make mutate`."""

from pathlib import Path

import pytest

from tests.mutation.mutant import ROOT
from tests.mutation.mutants import MUTANTS


@pytest.mark.parametrize("path", sorted({mutant.path for mutant in MUTANTS}))
def test_every_mistake_can_be_made(path: str) -> None:
    """The text that a mutant replaces occurs once in its file, and its tests exist."""
    text = (ROOT / path).read_text("utf-8")
    mine = [mutant for mutant in MUTANTS if mutant.path == path]
    assert [mutant.name for mutant in mine if text.count(mutant.old) != 1] == []
    assert [
        test for mutant in mine for test in mutant.tests if not Path(ROOT, test).is_file()
    ] == []
