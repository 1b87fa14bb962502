"""A zip read in the one way in which all readers agree, or refused; pure.

Python's own reader has changed over the years in what it makes of odd archives, and other readers
differ from it again. Here an archive ends with its directory, the directory describes every member
once, and the members are in front of it and do not overlap. For the members that are read, the
header in front of the data says the same as the directory.

The format is PKWARE's APPNOTE.TXT, whose sections are named beside the records.
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MIB, Source

MAX_DIRECTORY: Final = 8 * MIB
MAX_MEMBERS: Final = 100_000

_END: Final = struct.Struct("<4s4H2LH")  # 4.3.16
_END_64: Final = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_LOCATOR_64: Final = struct.Struct("<4sLQL")  # 4.3.15
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")  # 4.3.12
_LOCAL: Final = struct.Struct("<4s5H3L2H")  # 4.3.7
_EXTRA: Final = struct.Struct("<2H")  # 4.5.1
_LONGEST_COMMENT: Final = 0xFFFF
_ELSEWHERE: Final = 0xFFFFFFFF  # the number is in the zip64 extra field, 4.5.3
_ZIP64: Final = 0x0001
_UNICODE_PATH: Final = 0x7075  # 4.6.9
_BEFORE_PATH: Final = 5  # bytes of its version and checksum
_STORED, _DEFLATED = 0, 8
_ENCRYPTED: Final = 0x0001 | 0x0040 | 0x2000
_SIZES_BEHIND: Final = 0x0008
_UTF8: Final = 0x0800
_CHECK_EVERY: Final = 4096  # members


@dataclass(frozen=True, slots=True)
class _Member:
    """What the directory says of a member."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int


class Zip:
    """The members of a zip.

    Args:
        file: the archive.

    Raises:
        InvalidDistributionError: Readers could disagree about what is in it, or it is too large.
    """

    def __init__(self, file: Source) -> None:
        self._file = file
        self._directory, self._begin, count = _read_directory(file)
        self._places = self._check_members(count)

    @property
    def names(self) -> Mapping[bytes, int]:
        """The members' names, as they are stored; the values are of no use to others."""
        return self._places

    def size(self, name: bytes) -> int:
        """Return how large a member is, in bytes, by the directory."""
        return _entry(self._directory, self._places[name])[0].size

    def read(self, name: bytes, limit: int) -> bytes:
        """Return the content of a member.

        Args:
            name: as in `names`.
            limit: the largest size allowed, in bytes.
        """
        what = name.rpartition(b"/")[2].decode("ascii", "replace")
        member, _ = _entry(self._directory, self._places[name])
        if member.method not in {_STORED, _DEFLATED} or member.flags & _ENCRYPTED:
            raise InvalidDistributionError(f"its {what} is encrypted or of an unusual compression")
        # Deflate adds 5 bytes to each 64 KiB that cannot be compressed, and 18 to each file.
        if member.size > limit or member.packed > limit + limit // 1000 + 64:
            raise InvalidDistributionError(f"its {what} is larger than {limit} bytes")
        self._file.seek(member.offset)
        head = _read(self._file, _LOCAL.size)
        length = _check_local(head, member, what)
        rest = _read(self._file, length + member.packed)
        _check_local_extra(head, rest[len(member.name) : length], member, what)
        if rest[: len(member.name)] != member.name:
            raise InvalidDistributionError(f"its {what} has another name in front of its data")
        content = _unpacked(rest[length:], member)
        if content is None or zlib.crc32(content) != member.crc:
            raise InvalidDistributionError(f"its {what} does not match its size or checksum")
        return content

    def _check_members(self, count: int) -> dict[bytes, int]:
        places: dict[bytes, int] = {}
        spans = []
        place = 0
        for number in range(count):
            if number % _CHECK_EVERY == 0:
                self._file.check()
            member, end = _entry(self._directory, place)
            _check_name(member)
            if places.setdefault(member.name, place) != place:
                raise InvalidDistributionError("two of the archive's members have the same name")
            length = _LOCAL.size + len(member.name) + member.packed
            spans.append((member.offset, member.offset + length))
            place = end
        if place != len(self._directory):
            raise InvalidDistributionError("the archive's directory has more in it than members")
        spans.sort()
        starts = [start for start, _ in spans] + [self._begin]
        if starts[0] != 0:
            raise InvalidDistributionError("the archive does not begin with its first member")
        if any(end > start for (_, end), start in zip(spans, starts[1:], strict=True)):
            raise InvalidDistributionError("the archive's members overlap")
        return places


def _read_directory(file: Source) -> tuple[bytes, int, int]:
    """Return the directory, where it begins, and the number of members."""
    total = file.seek(0, 2)
    start = max(0, total - _END.size - _LONGEST_COMMENT)
    file.seek(start)
    tail = _read(file, total - start)
    place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) - place < _END.size:
        raise InvalidDistributionError("not a readable zip archive: it has no directory")
    _, disk, first, here, count, size, begin, comment = _END.unpack_from(tail, place)
    if place + _END.size + comment != len(tail):
        raise InvalidDistributionError("something follows the end of the archive")
    end = start + place
    before = _LOCATOR_64.size + _END_64.size
    if tail[max(0, place - _LOCATOR_64.size) : place].startswith(b"PK\6\7"):
        if place < before:  # only behind the longest comment
            file.seek(max(0, end - before))
            tail, place = _read(file, before), before
        stated = (disk, first, here, count, size, begin)
        end -= before
        here, count, size, begin = _zip64(tail[place - before : place], end, stated)
        disk = first = 0
    if disk or first or here != count or not count:
        raise InvalidDistributionError("the archive is empty, or is a part of one")
    if size > MAX_DIRECTORY or count > MAX_MEMBERS:
        raise InvalidDistributionError(
            f"the archive's directory is larger than {MAX_DIRECTORY} bytes"
            f" or has more than {MAX_MEMBERS} members"
        )
    if begin + size != end:
        raise InvalidDistributionError("the archive's directory is not where it should be")
    file.seek(begin)
    return _read(file, size), begin, count


def _zip64(records: bytes, end: int, stated: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return what the zip64 records say, if the older record says nothing else."""
    mark, length, _, _, disk, first, here, count, size, begin = _END_64.unpack_from(records)
    _, there, offset, disks = _LOCATOR_64.unpack_from(records, _END_64.size)
    said = (disk, first, here, count, size, begin)
    largest = (0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, _ELSEWHERE, _ELSEWHERE)
    agree = all(
        old in {new, unknown} for old, new, unknown in zip(stated, said, largest, strict=True)
    )
    in_place = mark == b"PK\6\6" and length == _END_64.size - 12 and offset == end
    if not (agree and in_place and disk == first == there == 0 and disks == 1):
        raise InvalidDistributionError("the archive's two end records contradict each other")
    return here, count, size, begin


def _entry(directory: bytes, place: int) -> tuple[_Member, int]:
    """Return the member whose entry is at a place, and the place of the next one."""
    if len(directory) - place < _ENTRY.size:
        raise InvalidDistributionError("the archive's directory ends too early")
    fields = _ENTRY.unpack_from(directory, place)
    mark, _, _, flags, method, _, _, crc, packed, size = fields[:10]
    name_length, extra_length, comment_length, disk, _, _, offset = fields[10:]
    begin = place + _ENTRY.size
    middle = begin + name_length
    end = middle + extra_length + comment_length
    if mark != b"PK\1\2" or end > len(directory):
        raise InvalidDistributionError("the archive's directory is broken")
    name = directory[begin:middle]
    if extra_length:
        extra = _extra_fields(directory[middle : middle + extra_length])
        if _UNICODE_PATH in extra and extra[_UNICODE_PATH][_BEFORE_PATH:] != name:
            raise InvalidDistributionError("a member has another name in an extra field")
        size, packed, offset, disk = _with_zip64(extra, [size, packed, offset, disk])
    if disk:
        raise InvalidDistributionError("the archive is a part of one")
    return _Member(name, flags, method, crc, packed, size, offset), end


def _with_zip64(extra: Mapping[int, bytes], numbers: list[int]) -> list[int]:
    """Put the numbers of a zip64 extra field in the place of those that do not fit elsewhere."""
    wide = extra.get(_ZIP64, b"")
    place = 0
    for index, number in enumerate(numbers):
        length = 8 if index < 3 else 4  # noqa: PLR2004 - the last is the number of a disk
        if number == (_ELSEWHERE if index < 3 else 0xFFFF):  # noqa: PLR2004 - likewise
            part = wide[place : place + length]
            if len(part) != length:
                raise InvalidDistributionError("the archive has a broken zip64 field")
            numbers[index] = int.from_bytes(part, "little")
            place += length
    return numbers


def _extra_fields(extra: bytes) -> dict[int, bytes]:
    fields: dict[int, bytes] = {}
    place = 0
    while len(extra) - place >= _EXTRA.size:
        kind, length = _EXTRA.unpack_from(extra, place)
        place += _EXTRA.size + length
        if place > len(extra) or (kind in {_ZIP64, _UNICODE_PATH} and kind in fields):
            raise InvalidDistributionError("the archive has a broken extra field")
        fields[kind] = extra[place - length : place]
    return fields


def _check_name(member: _Member) -> None:
    name = member.name
    if not name or b"\0" in name or b"\\" in name:
        raise InvalidDistributionError("a member's name is empty, or has a NUL or a backslash")
    if name.startswith(b"/") or (b"../" in name and b".." in name.split(b"/")):
        raise InvalidDistributionError("a member's name leads out of the archive")
    if not name.isascii():
        try:
            name.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidDistributionError("a member's name is not in UTF-8") from error


def _check_local(head: bytes, member: _Member, what: str) -> int:
    """Check the header in front of the data, and return how much of it is still to be read."""
    mark, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(head)
    same = (flags ^ member.flags) & ~_UTF8 == 0 and method == member.method
    if member.flags & _SIZES_BEHIND:
        same &= crc in {0, member.crc}
        same &= packed in {0, member.packed, _ELSEWHERE} and size in {0, member.size, _ELSEWHERE}
    else:
        same &= crc == member.crc
        same &= packed in {member.packed, _ELSEWHERE} and size in {member.size, _ELSEWHERE}
    if mark != b"PK\3\4" or not same or name_length != len(member.name):
        raise InvalidDistributionError(f"its {what} has another header in front of its data")
    return int(name_length + extra_length)


def _check_local_extra(head: bytes, extra: bytes, member: _Member, what: str) -> None:
    _, _, _, _, _, _, _, packed, size, _, _ = _LOCAL.unpack(head)
    size, packed, _, _ = _with_zip64(_extra_fields(extra), [size, packed, 0, 0])
    behind = {0} if member.flags & _SIZES_BEHIND else set()
    if size not in {member.size, *behind} or packed not in {member.packed, *behind}:
        raise InvalidDistributionError(f"its {what} has another size in front of its data")


def _unpacked(packed: bytes, member: _Member) -> bytes | None:
    """Return a member's content, None if it is not of the size that the directory says."""
    if member.method == _STORED:
        return packed if len(packed) == member.size else None
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    content = unpacker.decompress(packed, member.size + 1)
    whole = unpacker.eof and not unpacker.unused_data and len(content) == member.size
    return content if whole else None


def _read(file: Source, size: int) -> bytes:
    """Read exactly so much, in pieces as the file gives them."""
    parts = []
    while size:
        part = file.read(size)
        if not part:
            raise InvalidDistributionError("the archive ends too early")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
