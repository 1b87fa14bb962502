"""The index offers the files that pip and uv install, except for documented differences."""

import subprocess
import sys
from pathlib import Path
from random import Random

from tests.factories import wheel
from tests.installers import judges
from tests.installers.compare import (
    Verdicts,
    compare_metadata,
    compare_names,
    compare_wheels,
    report,
)
from tests.installers.differences import LOOSER, STRICTER

ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"


def explained(verdicts: list[Verdicts]) -> bool:
    """Return whether all differences are known, and both verdicts occurred."""
    _, unknown = report(verdicts)
    assert unknown == []
    return (
        {one.refusal is None for one in verdicts} == {one.uv for one in verdicts} == {True, False}
    )


def test_odd_filenames(tmp_path: Path) -> None:
    """Compare with pip's link evaluator in this process, and uv's resolver."""
    verdicts = compare_names(Random(1), 1500, tmp_path / "index")  # noqa: S311
    assert len(verdicts) > 1000
    assert explained(verdicts)


def test_odd_metadata(tmp_path: Path) -> None:
    """Compare with pip's wheel reader in this process, and uv's resolver."""
    verdicts = compare_metadata(Random(2), 700, tmp_path / "index")  # noqa: S311
    assert len(verdicts) > 500
    assert explained(verdicts)


def test_odd_wheels(tmp_path: Path) -> None:
    """Uv installs all that the index offers, and pip's reader opens them."""
    verdicts = compare_wheels(Random(4), 250, tmp_path / "index", refused=10)  # noqa: S311
    assert len(verdicts) > 50
    assert explained(verdicts)


def test_pip_installs_what_the_index_offers(tmp_path: Path) -> None:
    """The real command installs the files that its reader accepts."""
    verdicts = compare_wheels(Random(5), 60, tmp_path / "index", refused=0)  # noqa: S311
    offered = [str(tmp_path / "index" / one.case.filename) for one in verdicts]
    assert len(offered) > 10
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
    command += ["--disable-pip-version-check", "--target", str(tmp_path / "site")]
    subprocess.run([*command, *offered], check=True)  # noqa: S603
    assert len(list((tmp_path / "site").glob("*.dist-info"))) == len(offered)


def test_the_judges_can_tell() -> None:
    """The judges refuse broken files."""
    good = wheel("foo")
    assert judges.pip_installs(good.content, "foo", "1.0")  # type: ignore[arg-type]
    assert not judges.pip_installs(good.content[:-30], "foo", "1.0")  # type: ignore[arg-type]
    assert judges.pip_version(good.filename, "foo") == "1.0"  # type: ignore[arg-type]
    assert judges.pip_version("foo-1.0-py3-none.whl", "foo") is None  # type: ignore[arg-type]


def test_every_difference_is_in_the_docs() -> None:
    """The table contains each difference and its reason."""
    text = ARCHITECTURE.read_text()
    for name, (_, reason) in (STRICTER | LOOSER).items():
        assert f"| {name} | {reason} |" in text
