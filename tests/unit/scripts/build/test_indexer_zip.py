import marshal
import os
import re
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.build import indexer_zip
from scripts.build.indexer_zip import BuildError, build, main

INSTALLED = {
    "dep/__init__.py": b"",
    "dep/data.txt": b"data",
    "dep/__pycache__/__init__.cpython-313.pyc": b"bytecode",
    "bin/dep": b"#!/somewhere/python",
    "dep-1.0.dist-info/METADATA": b"Name: dep",
    "dep-1.0.dist-info/licenses/LICENSE": b"MIT",
    "dep-1.0.dist-info/RECORD": b"...",
    "dep-1.0.dist-info/INSTALLER": b"pip",
    "dep-1.0.dist-info/REQUESTED": b"",
    "dep-1.0.dist-info/direct_url.json": b"{}",
}


def write(directory: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a directory."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, bytes]:
    """Provide the packages that "pip" installs."""
    files = dict(INSTALLED)
    package = tmp_path / "lambda_indexer"
    write(package, {"handler.py": b"", "pages/templates/root.html": b"", ".hidden": b""})
    monkeypatch.setattr(indexer_zip, "PACKAGE", package)
    shared = tmp_path / "s3pypi"
    write(
        shared,
        {"layout.py": b"", "distributions/archives.py": b"", "cli.py": b"", "aws/s3.py": b""},
    )
    monkeypatch.setattr(indexer_zip, "SHARED", shared)
    monkeypatch.setattr(indexer_zip, "_interpreter", lambda _: None)
    monkeypatch.setattr(indexer_zip, "_install", lambda target, *_: write(target, files))
    return files


@pytest.mark.usefixtures("installed")
def test_holds_what_is_imported_and_no_more(tmp_path: Path) -> None:
    """The zip has the package, its dependencies and their licences."""
    with zipfile.ZipFile(build(tmp_path / "dist" / "out.zip")) as archive:
        assert archive.namelist() == [
            "dep-1.0.dist-info/METADATA",
            "dep-1.0.dist-info/licenses/LICENSE",
            "dep/__init__.py",
            "dep/data.txt",
            "lambda_indexer/handler.py",
            "lambda_indexer/pages/templates/root.html",
            "s3pypi/distributions/archives.py",
            "s3pypi/layout.py",
        ]


def test_brings_bytecode_that_no_cold_start_has_to_make(
    installed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All modules have unchecked bytecode with Lambda's paths."""
    installed["dep/__init__.py"] = b"def where(): raise ValueError"
    monkeypatch.setattr(indexer_zip, "_interpreter", lambda _: sys.executable)
    with zipfile.ZipFile(build(tmp_path / "out.zip")) as archive:
        names = {name for name in archive.namelist() if name.endswith(".pyc")}
        tag = sys.implementation.cache_tag
        dep = f"dep/__pycache__/__init__.{tag}.pyc"
        assert names == {
            dep,
            f"lambda_indexer/__pycache__/handler.{tag}.pyc",
            f"s3pypi/__pycache__/layout.{tag}.pyc",
            f"s3pypi/distributions/__pycache__/archives.{tag}.pyc",
        }
        bytecode = archive.read(dep)
    assert int.from_bytes(bytecode[4:8], "little") == 0b01  # PEP 552: by hash, not checked
    assert marshal.loads(bytecode[16:]).co_filename == "/var/task/dep/__init__.py"  # noqa: S302


def test_same_input_same_bytes(installed: dict[str, bytes], tmp_path: Path) -> None:
    """Times, modes and the order of files do not matter."""
    first = build(tmp_path / "1.zip").read_bytes()
    handler = indexer_zip.PACKAGE / "handler.py"
    handler.chmod(0o600)
    os.utime(handler, (0, 0))
    reversed_files = dict(reversed(installed.items()))
    installed.clear()
    installed.update(reversed_files)

    assert build(tmp_path / "2.zip").read_bytes() == first


def test_of_botocores_data_only_what_a_client_is_made_of(
    installed: dict[str, bytes], tmp_path: Path
) -> None:
    """Only the newest models of the used services are included."""
    wanted = [
        "botocore/data/endpoints.json",
        "botocore/data/s3/2006-03-01/endpoint-rule-set-1.json.gz",
        "botocore/data/s3/2006-03-01/service-2.json.gz",
    ]
    others = [
        "botocore/data/s3/2005-01-01/service-2.json.gz",
        "botocore/data/s3/2006-03-01/paginators-1.json",
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "boto3/data/s3/2006-03-01/resources-1.json",
        "boto3/examples/s3.rst",
    ]
    installed.update(dict.fromkeys((*wanted, *others), b"{}"))

    with zipfile.ZipFile(build(tmp_path / "out.zip")) as archive:
        assert [name for name in archive.namelist() if name.startswith("boto")] == wanted


def test_there_is_a_model_of_each_service_that_is_called() -> None:
    """There are no other models."""
    service = (indexer_zip.PACKAGE / "service.py").read_text()
    assert sorted(re.findall(r'client\("(\w+)"\)', service)) == list(indexer_zip.SERVICES)


def test_unknown_platform(tmp_path: Path) -> None:
    """An unknown platform is refused with a list of the known ones."""
    with pytest.raises(BuildError, match=r"'win32': choose one of manylinux2014_aarch64"):
        build(tmp_path / "out.zip", platform="win32")


def test_pip_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The message contains pip's output, and the exit code is 1."""
    code = main(["--output", str(tmp_path / "out.zip"), "--python-version", "nonsense"])

    assert code == 1
    assert "invalid --python-version value" in capsys.readouterr().err
