"""Read zip archives that all readers interpret in the same way, and refuse others. Pure.

Versions of Python's zipfile module differ in how they read malformed archives, and so do other
readers. Here, an archive must end with its directory. The directory must list each member once, and
the members must precede it without overlapping. For members that are read, the local header must
agree with the directory.
"""

import itertools
import zlib
from collections.abc import Iterable, Mapping
from typing import Final

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import Source
from s3pypi.distributions.zip_records import (
    LOCAL,
    Member,
    check_local_header,
    check_local_name,
    parse_entry,
    read_directory,
    read_exactly,
)

_LONGEST: Final = 255  # bytes of a part of a path; what file systems allow
_SHOWN: Final = 80
_STORED, _DEFLATED = 0, 8
_BEST: Final = 1032  # the maximum compression ratio of deflate
_ENCRYPTED: Final = 0x0001 | 0x0040 | 0x2000
_CHECK_EVERY: Final = 4096  # members


class Zip:
    """The members of a zip archive.

    Args:
        file: The archive.

    Raises:
        InvalidDistributionError: Readers could disagree about the content, or it exceeds a limit.
    """

    def __init__(self, file: Source) -> None:
        self._file = file
        self._directory, self._begin, count = read_directory(file)
        self._places = self._check_members(count)

    @property
    def names(self) -> Mapping[bytes, int]:
        """The names of the members as stored; the values are internal."""
        return self._places

    def size(self, name: bytes) -> int:
        """Return the unpacked size of a member in bytes, as stated in the directory."""
        return parse_entry(self._directory, self._places[name])[0].size

    def read(self, name: bytes, limit: int) -> bytes:
        """Return the content of a member.

        Args:
            name: A name from `names`.
            limit: The maximum size in bytes.

        Raises:
            InvalidDistributionError: The member is too large, encrypted, or inconsistent.
        """
        what = name.rpartition(b"/")[2].decode("ascii", "replace")
        member, _ = parse_entry(self._directory, self._places[name])
        # Deflate adds 5 bytes to each 64 KiB that cannot be compressed, and 18 to each file.
        if member.size > limit or member.packed > limit + limit // 1000 + 64:
            raise InvalidDistributionError(f"its {what} is larger than {limit} bytes")
        content = _unpacked(self._read(member, what, member.packed), member)
        if content is None or zlib.crc32(content) != member.crc:
            raise InvalidDistributionError(f"its {what} does not match its size or checksum")
        return content

    def check(self, name: bytes) -> None:
        """Check a member that is too large to be read.

        Args:
            name: A name from `names`.

        Raises:
            InvalidDistributionError: The member is encrypted or inconsistent.
        """
        what = name.rpartition(b"/")[2].decode("ascii", "replace")
        member, _ = parse_entry(self._directory, self._places[name])
        self._read(member, what, 0)
        stored = member.method == _STORED
        if member.size != member.packed if stored else member.size > _BEST * member.packed:
            raise InvalidDistributionError(f"its {what} does not match its size or checksum")

    def _read(self, member: Member, what: str, size: int) -> bytes:
        """Check the local header of a member, and return the first bytes of its packed content."""
        if member.method not in {_STORED, _DEFLATED} or member.flags & _ENCRYPTED:
            raise InvalidDistributionError(f"its {what} is encrypted or in an unsupported format")
        self._file.seek(member.offset)
        header = read_exactly(self._file, LOCAL.size)
        length = check_local_header(header, member, what)
        rest = read_exactly(self._file, length + size)
        check_local_name(header, rest[:length], member, what)
        return rest[length:]

    def _check_members(self, count: int) -> dict[bytes, int]:
        places: dict[bytes, int] = {}
        spans = []
        place = 0
        for number in range(count):
            if number % _CHECK_EVERY == 0:
                self._file.check()
            member, end = parse_entry(self._directory, place)
            _check_name(member.name)
            if places.setdefault(member.name, place) != place:
                raise InvalidDistributionError("two of the archive's members have the same name")
            length = LOCAL.size + len(member.name) + member.packed
            spans.append((member.offset, member.offset + length))
            place = end
        if place != len(self._directory):
            raise InvalidDistributionError("the archive's directory has data after its last entry")
        _check_tree(places)
        spans.sort()
        starts = [start for start, _ in spans] + [self._begin]
        if starts[0] != 0:
            raise InvalidDistributionError("the archive does not begin with its first member")
        if any(end > start for (_, end), start in zip(spans, starts[1:], strict=True)):
            raise InvalidDistributionError("the archive's members overlap")
        return places


def _check_tree(names: Iterable[bytes]) -> None:
    """Check that no member has the path of a directory of others."""
    # With NUL instead of the slash, the content of a directory directly follows its name.
    ordered = sorted(name.replace(b"/", b"\0") for name in names)
    for name, after in itertools.pairwise(ordered):
        if after.startswith(name) and after[len(name) : len(name) + 1] == b"\0":
            shown = name[:_SHOWN].decode("ascii", "replace")
            raise InvalidDistributionError(f"its {shown} is both a file and a directory")


def _check_name(name: bytes) -> None:
    if not name or b"\0" in name or b"\\" in name:
        raise InvalidDistributionError("a member's name is empty, or has a NUL or a backslash")
    if name.startswith(b"/") or (b"../" in name and b".." in name.split(b"/")):
        raise InvalidDistributionError("a member's name is an absolute path, or contains '..'")
    if len(name) > _LONGEST and any(len(part) > _LONGEST for part in name.split(b"/")):
        raise InvalidDistributionError(f"a member's name is longer than {_LONGEST} bytes")
    if not name.isascii():
        try:
            name.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidDistributionError("a member's name is not in UTF-8") from error


def _unpacked(packed: bytes, member: Member) -> bytes | None:
    """Return a member's content; None if its size is not the one in the directory."""
    if member.method == _STORED:
        return packed if len(packed) == member.size else None
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    content = unpacker.decompress(packed, member.size + 1)
    whole = unpacker.eof and not unpacker.unused_data and len(content) == member.size
    return content if whole else None
