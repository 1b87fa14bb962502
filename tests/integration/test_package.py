"""`make package` works in a fresh checkout, without the packages of development."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GIT = shutil.which("git") or "git"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run `make package` in a copy of the files that git tracks."""
    copy = tmp_path_factory.mktemp("checkout")
    listing = [GIT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    for name in filter(None, done.stdout.split("\0")):
        source, target = ROOT / name, copy / name
        if source.is_file():  # not deleted in the work tree
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    make = [shutil.which("make") or "make", "package", f"PYTHON={sys.executable}"]
    done = subprocess.run(make, cwd=copy, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return copy


def test_it_builds_everything(checkout: Path) -> None:
    """The zips, the wheel and the sdist are in dist/."""
    names = sorted(path.name.partition("-")[0] for path in checkout.joinpath("dist").iterdir())
    assert names == ["basic_auth.zip", "lambda_indexer.zip", "s3pypi", "s3pypi"]
    for path in checkout.joinpath("dist").glob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None


def test_it_installs_little(checkout: Path) -> None:
    """Its environment has about twenty packages, and there is no other."""
    assert [path.name for path in checkout.glob(".venv*")] == [".venv-deploy"]
    packages = list(checkout.glob(".venv-deploy/lib/python*/site-packages/*.dist-info"))
    assert len(packages) <= 25


def test_operators_can_run_the_scripts(checkout: Path) -> None:
    """The documented scripts have all their dependencies there."""
    python = str(checkout / ".venv-deploy" / "bin" / "python")
    for script in (
        ["-m", "scripts.rebuild_locally"],
        ["scripts/migrate-s3-index.py"],
        ["basic_auth/put_user.py"],
        ["-m", "s3pypi"],
    ):
        done = subprocess.run(  # noqa: S603 - our own scripts
            [python, *script, "--help"], cwd=checkout, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (script, done.stderr)
