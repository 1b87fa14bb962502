"""Zips whose bytes depend on their files alone, so that a deployment changes when the code does."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644


def write_archive(output: Path, files: Mapping[str, Path]) -> None:
    """Write a zip: sorted, without times, all files readable and none executable.

    Args:
        output: Where to put it; directories are made as needed. Nobody ever reads half of it there.
        files: Where the content of each is, by its name in the zip.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(output.name + ".partial")
    try:
        with zipfile.ZipFile(partial, "w") as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.create_system = 3  # Unix, whatever this machine is: the mode below is Unix's
                entry.external_attr = _FILE_MODE << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, files[name].read_bytes(), compresslevel=9)
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)
