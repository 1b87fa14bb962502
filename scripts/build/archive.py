"""Write reproducible zips, so that a deployment only changes when the code does."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644


def write_archive(output: Path, files: Mapping[str, Path]) -> None:
    """Write a zip atomically, with sorted entries, a fixed time and fixed permissions.

    Args:
        output: The path of the zip; missing directories are created.
        files: The paths of the files by their names in the zip.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(output.name + ".partial")
    try:
        with zipfile.ZipFile(partial, "w") as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.create_system = 3  # Unix, as the permissions below
                entry.external_attr = _FILE_MODE << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, files[name].read_bytes(), compresslevel=9)
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)
