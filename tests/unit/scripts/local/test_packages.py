import sys
import zipfile
from pathlib import Path

import pytest
from packaging.utils import parse_sdist_filename, parse_wheel_filename

from scripts.local.packages import get_packages


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make pip unavailable."""
    monkeypatch.setattr(sys, "executable", "false")


@pytest.mark.usefixtures("offline")
def test_without_network(tmp_path: Path) -> None:
    """Without a network, small packages are built, with a note."""
    packages = get_packages(tmp_path, {})

    assert packages.origin.startswith("built here")
    assert sorted(packages.files) == sorted(tmp_path.iterdir())
    for path in packages.files:
        if path.suffix == ".whl":
            parse_wheel_filename(path.name)
            with zipfile.ZipFile(path) as archive:
                assert archive.testzip() is None
        else:
            parse_sdist_filename(path.name)


@pytest.mark.usefixtures("offline")
def test_wheels_can_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A built wheel can be imported."""
    packages = get_packages(tmp_path, {})
    wheel = next(path for path in packages.files if path.name.startswith("demo_ham"))
    monkeypatch.syspath_prepend(str(wheel))

    module = __import__("demo_ham")

    assert module.VERSION == "3.0"
    del sys.modules["demo_ham"]
