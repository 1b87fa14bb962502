"""Create odd filenames, metadata and wheels by changing valid ones at random."""

import zipfile
from dataclasses import dataclass
from random import Random

from packaging.utils import NormalizedName, canonicalize_name

from tests.factories import archive_tar, archive_zip, metadata_of

INFO = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

_NAMES = (
    "{n}-1.0-py3-none-any.whl",
    "{n}-1!2.0rc1+cu12.1-1build-py2.py3-none-any.whl",
    "{n}-2024.1.15.post1-py3-none-any.manylinux1_x86_64.manylinux_2_17_x86_64.whl",
    "{n}-1.0.tar.gz",
    "{n}-1.0-beta2.tar.gz",
    "{n}-1.0.zip",
    "{n}-2013a.tar.bz2",
    "{n}-1.0-1.tar.xz",
)
_PIECES = (
    *" ()~!+-_.,;@&=v01aZ",
    *(" (1)", " copy", "--", "__", "..", "-1", "-py3.11", ".dev0", "+local", "1!", "-1x", ".py3"),
    *(
        ".win_amd64",
        "é",
        "%20",
        ".whl",
        ".tar",
        ".tar.gz",
        "-none",
        "-any",
        "rc",
        "post",
        "v",
        "\t",
    ),
)
_SPECIFIERS = (">=3.8", "<4", "!=3.0.*", "~=3.6", ">=3.6,<4.0", "==3.*", ">3.7", ">=2.7", "===3.11")
_SPECIFIER_PIECES = (*" ,.*<>=!~'\";+|^vx0a3", ".*", ",,", "||", " or ", "dev", "rc1", "+x", "1!")
_LINES = (
    b"Summary: caf\xc3\xa9",
    b"Author: caf\xe9",
    b"Content-Type: text/plain",
    b"Content-Type: message/rfc822",
    b"Content-Type: multipart/mixed; boundary*=undefined''x",
    b"Content-Transfer-Encoding: base64",
    b"Dynamic: Requires-Python",
    b"Requires-Dist: foo ; extra == 'x'",
    b"Provides-Extra: x",
    b"From nobody",
    b": nothing",
    b"no header",
    b" continued",
    b"\tcontinued",
    b"",
    b"X: " + b"y" * 2000,
    b"Name: {n}",
    b"Version: 1.0",
    b"Version: 2.0",
    b"Metadata-Version: 2.9",
    b"Metadata-Version: x",
)


@dataclass(frozen=True)
class Case:
    """A file to judge.

    Attributes:
        project: the project in whose directory it lies, which is this case's own.
        filename: its name.
        content: its bytes.
        kind: what is odd about it.
    """

    project: NormalizedName
    filename: str
    content: bytes
    kind: str


def wheel_of(
    info: str, metadata: bytes, more: dict[str, bytes] | None = None, wheel: bytes = INFO
) -> bytes:
    """Return a wheel."""
    record = f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n".encode()
    members = {f"{info}/METADATA": metadata, f"{info}/WHEEL": wheel, f"{info}/RECORD": record}
    return archive_zip(members | (more or {}), zipfile.ZIP_STORED)


def project(random: Random, number: int) -> str:
    """Return the name of a project, as people write it."""
    return random.choice(["p{}", "Proj.{}", "my-proj-{}", "a_b_{}", "x{}y"]).format(number)


def odd_filename(random: Random, number: int) -> tuple[NormalizedName, str]:
    """Return a project and a filename that may belong to it."""
    name = project(random, number)
    template = random.choice(_NAMES)
    escaped = name.replace("-", "_") if ".whl" in template else name
    text = template.replace("{n}", escaped)
    for _ in range(random.choice([0, 1, 1, 1, 2, 3])):
        place = random.randrange(len(escaped), len(text) + 1)
        cut = random.choice([0, 0, 1, 1, 4])
        piece = random.choice(_PIECES) if random.random() < 0.8 else ""
        text = text[:place] + piece + text[place + cut :]
    return canonicalize_name(name), text


def content_for(filename: str, name: str, version: str) -> bytes:
    """Return a valid file for an odd name."""
    metadata = metadata_of(name, version, metadata_version="2.2")
    if filename.endswith(".whl"):
        return wheel_of(
            f"{canonicalize_name(name).replace('-', '_')}-{version}.dist-info", metadata
        )
    if filename.endswith(".zip"):
        return archive_zip({"x/PKG-INFO": metadata, "x/pyproject.toml": b""})
    mode = filename.rpartition(".")[2]
    return archive_tar({"x/PKG-INFO": metadata, "x/pyproject.toml": b""}, mode)


def odd_metadata(random: Random, number: int) -> Case:
    """Return a wheel with odd METADATA."""
    name = project(random, number)
    escaped = canonicalize_name(name).replace("-", "_")
    lines = metadata_of(name, "1.0").split(b"\n")
    kind = "metadata"
    if random.random() < 0.5:
        kind = "requires-python"
        lines.insert(3, b"Requires-Python: " + _specifier(random).encode())
    else:
        for _ in range(random.choice([1, 1, 2])):
            line = random.choice(_LINES).replace(b"{n}", name.encode())
            lines.insert(random.randrange(5), line)
        if random.random() < 0.2:
            place = random.randrange(3)
            lines[place] = _changed(random, lines[place])
    ending = random.choice([b"\n", b"\n", b"\n", b"\r\n", b"\r"])
    filename = f"{escaped}-1.0-py3-none-any.whl"
    content = wheel_of(f"{escaped}-1.0.dist-info", ending.join(lines))
    return Case(canonicalize_name(name), filename, content, kind)


def odd_wheel(random: Random, number: int) -> Case:
    """Return a wheel with changed bytes or odd members."""
    name = f"p{number}"
    info = f"{name}-1.0.dist-info"
    metadata = metadata_of(name, "1.0")
    more = {f"{name}.py": b"x = 1\n"}
    if random.random() < 0.4:
        more |= dict([random.choice(_members(info, metadata))])
    content = bytearray(wheel_of(info, metadata, more))
    if random.random() < 0.6:
        # In the records of what the index reads: the others it takes from the directory.
        heads = [i for i in range(len(content)) if content[i : i + 4] == b"PK\3\4"][:3]
        entries = [i for i in range(len(content)) if content[i : i + 4] == b"PK\1\2"][:3]
        records = [*heads, *entries, content.rindex(b"PK\5\6")]
        for _ in range(random.choice([1, 1, 2])):
            place = random.choice(records) + random.randrange(30)
            new = random.choice(
                [b"\0", b"\1", b"\xff", b"\xff\xff", b"\x08", b"\0\0\0\0", b"/", b"A"]
            )
            content[place : place + len(new)] = new
    if random.random() < 0.1:
        content += random.choice([b"x", b"PK\5\6", bytes(22), bytes(content)])
    if random.random() < 0.1:
        content[:0] = random.choice([b"x", b"#!/bin/sh\n", bytes(content)])
    return Case(canonicalize_name(name), f"{name}-1.0-py3-none-any.whl", bytes(content), "wheel")


def _members(info: str, metadata: bytes) -> list[tuple[str, bytes]]:
    return [
        (f"{info}/WHEEL", b"Wheel-Version: 2.0\nRoot-Is-Purelib: true\n"),
        (f"{info}/WHEEL", b"Wheel-Version: 1.9\n"),
        (f"{info}/WHEEL", b""),
        (f"{info}/RECORD", b"one,two\n"),
        (f"{info}/RECORD", b'"a,b.py",sha256=x,7\n'),
        (f"{info}/METADATA/", b""),
        (f"{info}/metadata", metadata),
        (f"{info}/sub/METADATA", metadata),
        (f"{info}\\METADATA", metadata),
        ("other-1.0.dist-info/METADATA", metadata),
        ("other-1.0.DIST-INFO/METADATA", metadata),
        ("other-1.0.dist-info", b""),
        ("vendor/other-1.0.dist-info/METADATA", metadata),
        ("../outside.py", b""),
        ("/absolute.py", b""),
        ("caf\u00e9.py", b""),
        ("a//b.py", b""),
        ("./c.py", b""),
        ("odd-1.0.data/purelib/x.py", b""),
        (f"{info.removesuffix('.dist-info')}.data/odd/x", b""),
        (f"{info.removesuffix('.dist-info')}.data/x", b""),
        (f"{info.partition('-')[0]}.py/x.py", b""),
        (f"{info}/entry_points.txt", b"[console_scripts]\nfoo = a:b\n"),
        (f"{info}/entry_points.txt", b"[console_scripts]\nfoo = ?\n"),
        (f"{info}/entry_points.txt", b"foo = a:b\n"),
        ("x" * 256, b""),
    ]


def _specifier(random: Random) -> str:
    text = ",".join(random.sample(_SPECIFIERS, random.choice([1, 1, 2, 3])))
    for _ in range(random.choice([0, 1, 1, 2])):
        place = random.randrange(len(text) + 1)
        cut = random.choice([0, 0, 1, 2])
        text = text[:place] + random.choice(_SPECIFIER_PIECES) + text[place + cut :]
    return text


def _changed(random: Random, line: bytes) -> bytes:
    place = random.randrange(len(line) + 1)
    return (
        line[:place]
        + random.choice([b" ", b"\t", b":", b"-", b"\xff", b"\0", b"\n "])
        + line[place:]
    )
