"""Create small distributions that installers accept."""

import io
import tarfile
import zipfile


def wheel(name: str, version: str) -> tuple[str, bytes]:
    """Create a wheel of one empty module.

    Args:
        name: The project's name, of letters, digits and underscores.
        version: The version.

    Returns:
        Its filename and its content.
    """
    stem, metadata = (
        f"{name}-{version}",
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    )
    files = {
        f"{name}.py": "",
        f"{stem}.dist-info/METADATA": metadata,
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{each},,\n" for each in [*files, f"{stem}.dist-info/RECORD"])
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, text in {**files, f"{stem}.dist-info/RECORD": record}.items():
            archive.writestr(path, text)
    return f"{stem}-py3-none-any.whl", content.getvalue()


def sdist(name: str, version: str) -> tuple[str, bytes]:
    """Create an sdist with only its metadata. Arguments and result are those of `wheel`."""
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        entry = tarfile.TarInfo(f"{name}-{version}/PKG-INFO")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    return f"{name}-{version}.tar.gz", content.getvalue()
