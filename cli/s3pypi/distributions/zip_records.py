"""Parse the records of a zip archive; refuse records that readers interpret differently. Pure.

The format is PKWARE's APPNOTE.TXT; the numbers are those of its sections.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from s3pypi.distributions.errors import InvalidDistributionError
from s3pypi.distributions.source import MIB, Source

MAX_DIRECTORY: Final = 8 * MIB
MAX_MEMBERS: Final = 100_000

LOCAL: Final = struct.Struct("<4s5H3L2H")  # 4.3.7
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")  # 4.3.12
_END_64: Final = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_LOCATOR_64: Final = struct.Struct("<4sLQL")  # 4.3.15
_END: Final = struct.Struct("<4s4H2LH")  # 4.3.16
_EXTRA: Final = struct.Struct("<2H")  # 4.5.1
_MAX_COMMENT: Final = 0xFFFF
_IN_ZIP64: Final = 0xFFFFFFFF  # the value is in the zip64 extra field, 4.5.3
_ZIP64: Final = 0x0001
_UNICODE_PATH: Final = 0x7075  # 4.6.9
_BEFORE_PATH: Final = 5  # bytes of its version and checksum
_MAX_VERSION: Final = 63  # 6.3, the latest that pip and uv read
_DATA_DESCRIPTOR: Final = 0x0008  # 4.4.4: the sizes follow the data
_UTF8: Final = 0x0800


@dataclass(frozen=True, slots=True)
class Member:
    """The entry of a member in the archive's directory."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int


def read_directory(file: Source) -> tuple[bytes, int, int]:
    """Return the archive's directory, its offset in the file, and the number of its entries.

    Raises:
        InvalidDistributionError: There is no directory, or it exceeds a limit, or it does not
            end where the archive's end records begin.
    """
    total = file.seek(0, 2)
    start = max(0, total - _END.size - _MAX_COMMENT)
    file.seek(start)
    tail = read_exactly(file, total - start)
    place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) - place < _END.size:
        raise InvalidDistributionError("not a readable zip archive: it has no directory")
    _, disk, first, here, count, size, begin, comment = _END.unpack_from(tail, place)
    if place + _END.size + comment != len(tail):
        raise InvalidDistributionError("the archive has data after its end")
    end = start + place
    before = _LOCATOR_64.size + _END_64.size
    if tail[max(0, place - _LOCATOR_64.size) : place].startswith(b"PK\6\7"):
        if place < before:  # only after a comment of the maximum length
            file.seek(max(0, end - before))
            tail, place = read_exactly(file, before), before
        stated = (disk, first, here, count, size, begin)
        end -= before
        here, count, size, begin = _zip64(tail[place - before : place], end, stated)
        disk = first = 0
    if disk or first or here != count or not count:
        raise InvalidDistributionError("the archive is empty or split into several files")
    if size > MAX_DIRECTORY or count > MAX_MEMBERS:
        raise InvalidDistributionError(
            f"the archive's directory is larger than {MAX_DIRECTORY} bytes"
            f" or has more than {MAX_MEMBERS} members"
        )
    if begin + size != end:
        raise InvalidDistributionError("the archive's directory is not at its stated offset")
    file.seek(begin)
    return read_exactly(file, size), begin, count


def parse_entry(directory: bytes, place: int) -> tuple[Member, int]:
    """Parse the directory entry at an offset, and return it with the offset of the next one."""
    if len(directory) - place < _ENTRY.size:
        raise InvalidDistributionError("the archive's directory ends too early")
    fields = _ENTRY.unpack_from(directory, place)
    mark, _, needed, flags, method, _, _, crc, packed, size = fields[:10]
    name_length, extra_length, comment_length, disk, _, _, offset = fields[10:]
    begin = place + _ENTRY.size
    middle = begin + name_length
    end = middle + extra_length + comment_length
    if mark != b"PK\1\2" or end > len(directory):
        raise InvalidDistributionError("the archive's directory is broken")
    _check_version(needed)
    name = directory[begin:middle]
    if extra_length:
        extra = _extra_fields(directory[middle : middle + extra_length])
        if _UNICODE_PATH in extra and extra[_UNICODE_PATH][_BEFORE_PATH:] != name:
            raise InvalidDistributionError("a member has another name in an extra field")
        size, packed, offset, disk = _with_zip64(extra, [size, packed, offset, disk])
    if disk:
        raise InvalidDistributionError("the archive is split into several files")
    return Member(name, flags, method, crc, packed, size, offset), end


def check_local_header(header: bytes, member: Member, what: str) -> int:
    """Check a local header against the directory; return the length of its name and extra field."""
    mark, needed, flags, method, _, _, crc, packed, size, *lengths = LOCAL.unpack(header)
    name_length, extra_length = lengths
    same = (flags ^ member.flags) & ~_UTF8 == 0 and method == member.method
    if member.flags & _DATA_DESCRIPTOR:
        same &= crc in {0, member.crc}
        same &= packed in {0, member.packed, _IN_ZIP64} and size in {0, member.size, _IN_ZIP64}
    else:
        same &= crc == member.crc
        same &= packed in {member.packed, _IN_ZIP64} and size in {member.size, _IN_ZIP64}
    if mark != b"PK\3\4" or not same or name_length != len(member.name):
        raise InvalidDistributionError(f"the local header of its {what} contradicts the directory")
    _check_version(needed)
    return int(name_length + extra_length)


def check_local_name(header: bytes, name_and_extra: bytes, member: Member, what: str) -> None:
    """Check the name and the extra field of a local header against the directory."""
    length = len(member.name)
    if name_and_extra[:length] != member.name:
        raise InvalidDistributionError(f"the local header of its {what} has another name")
    _, _, _, _, _, _, _, packed, size, _, _ = LOCAL.unpack(header)
    extra = _extra_fields(name_and_extra[length:])
    size, packed, _, _ = _with_zip64(extra, [size, packed, 0, 0])
    unknown = {0} if member.flags & _DATA_DESCRIPTOR else set()
    if size not in {member.size, *unknown} or packed not in {member.packed, *unknown}:
        raise InvalidDistributionError(f"the local header of its {what} has another size")


def read_exactly(file: Source, size: int) -> bytes:
    """Read a number of bytes, with as many calls as the file needs."""
    parts = []
    while size:
        part = file.read(size)
        if not part:
            raise InvalidDistributionError("the archive ends too early")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _check_version(needed: int) -> None:
    """Check the required version of the format (4.4.3). The high byte is the system."""
    if needed & 0xFF > _MAX_VERSION:
        raise InvalidDistributionError("the archive needs a later version of the zip format")


def _zip64(records: bytes, end: int, stated: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return the values of the zip64 records, which must agree with the older end record."""
    mark, length, _, _, disk, first, here, count, size, begin = _END_64.unpack_from(records)
    _, there, offset, disks = _LOCATOR_64.unpack_from(records, _END_64.size)
    fields = (disk, first, here, count, size, begin)
    largest = (0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, _IN_ZIP64, _IN_ZIP64)
    agree = all(
        old in {new, unknown} for old, new, unknown in zip(stated, fields, largest, strict=True)
    )
    in_place = mark == b"PK\6\6" and length == _END_64.size - 12 and offset == end
    if not (agree and in_place and disk == first == there == 0 and disks == 1):
        raise InvalidDistributionError("the archive's two end records contradict each other")
    return here, count, size, begin


def _with_zip64(extra: Mapping[int, bytes], numbers: list[int]) -> list[int]:
    """Replace the numbers that did not fit by those in the zip64 extra field."""
    wide = extra.get(_ZIP64, b"")
    place = 0
    for index, number in enumerate(numbers):
        length = 8 if index < 3 else 4  # noqa: PLR2004 - the last is the number of a disk
        if number == (_IN_ZIP64 if index < 3 else 0xFFFF):  # noqa: PLR2004 - likewise
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
