"""Fast parsing of S3's listings, and concurrent requests for large ones.

A project of ten thousand files has twenty thousand objects, and a rebuild lists whole buckets.
botocore would take most of the function's processor time to parse that XML; this module takes a
twenty-fifth of it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, pairwise, takewhile
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from lambda_indexer.model import ETag, StoredObject
from lambda_indexer.ports import Parallel

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectTypeDef

Answer = tuple[Sequence[StoredObject], bool]
"""The objects in a response to ListObjectsV2, and whether there are more."""

LISTING_EVENT: Final = "before-parse.*.ListObjectsV2"
"""botocore's event before it parses a response.

Handlers of this name run before botocore's own of `before-parse.s3.*`, one of which parses the
whole response to find out whether it is an error.
"""

EVERY: Final = 900
"""Known objects per part: a request lists a thousand, which leaves room for new ones."""

_LONGEST_NAME: Final = 300  # bytes of a filename; files, sidecars and markers have less
_BEGIN: Final = b"<Contents>"
_END: Final = b"</Contents>"
# Each object has each of these once, in any order. Keys are URL-encoded, so that only entity tags
# have references.
_KEY: Final = re.compile("<Key>([^<&]+)</Key>")
_TAG: Final = re.compile('<ETag>(?:&quot;|")([^<&"]+)(?:&quot;|")</ETag>')
_SIZE: Final = re.compile("<Size>([0-9]+)</Size>")
_TIME: Final = re.compile("<LastModified>([^<&]+)</LastModified>")


def read_contents(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Parse the objects in a response to ListObjectsV2 and remove them before botocore parses it.

    A handler of `LISTING_EVENT`. The objects are as botocore would return them, with only the
    fields that are used here. Keys stay encoded. Responses that are truncated or have another form
    are left unchanged: botocore repeats the request, or parses them.

    Args:
        response_dict: The response. The objects are removed from its body.
        customized_response_dict: The parsed response, to which the objects are added.
    """
    body = response_dict["body"]
    begin, end = body.find(_BEGIN), body.rfind(_END) + len(_END)
    if response_dict["status_code"] != 200 or not 0 <= begin < end:  # noqa: PLR2004 - HTTP's OK
        return
    text = body[begin:end].decode()
    keys, tags, sizes, times = (field.findall(text) for field in (_KEY, _TAG, _SIZE, _TIME))
    if not len(keys) == len(tags) == len(sizes) == len(times) == body.count(_BEGIN):
        return
    customized_response_dict["Contents"] = [
        {
            "Key": key,
            "ETag": f'"{tag}"',
            "Size": int(size),
            "LastModified": datetime.fromisoformat(time),
        }
        for key, tag, size, time in zip(keys, tags, sizes, times, strict=True)
    ]
    response_dict["body"] = body[:begin] + body[end:]


def objects_in(contents: "Iterable[ObjectTypeDef]") -> list[StoredObject]:
    """Return the objects of a response with encoded keys, except for those with long names.

    No file of an index has such a name, and names take most of the memory. A listing has thousands
    of objects, so this makes few calls for each.
    """
    found = []
    for item in contents:
        key, modified = item["Key"], item["LastModified"]
        if "%" in key or "+" in key:
            key = unquote_plus(key)
        if len(key) - key.rfind("/") <= _LONGEST_NAME:
            if modified.tzinfo is not UTC:
                modified = modified.astimezone(UTC)
            found.append(StoredObject(key, ETag(item["ETag"].strip('"')), item["Size"], modified))
    return found


def list_in_parts(
    answers: Callable[[str], Iterator[Answer]],
    known: Callable[[], Iterable[str]] | None,
    parallel: Parallel,
    every: int,
) -> Sequence[StoredObject]:
    """List a directory, with concurrent requests if it has more than one page of objects.

    Args:
        answers: Returns S3's responses, one request each, for what follows a key; "" for all.
        known: See `ports.Storage.list`.
        parallel: Calls a function for several values concurrently, like `map`.
        every: Keys per part; `EVERY` for S3, which lists a thousand per request.
    """
    requests = answers("")
    first, more = next(requests)
    if not more:
        return first
    if known is None:
        return [*first, *chain.from_iterable(objects for objects, _ in requests)]
    bounds = list(pairwise(["", *split_points(known(), every), None]))

    def part(bounds: tuple[str, str | None]) -> list[StoredObject]:
        after, until = bounds
        found = chain.from_iterable(objects for objects, _ in answers(after))
        return list(takewhile(lambda stored: until is None or stored.key <= until, found))

    # A single part is listed in this thread, which may belong to the pool that it would wait for.
    run = parallel if len(bounds) > 1 else map
    return [*chain.from_iterable(run(part, bounds))]  # type: ignore[arg-type]


def split_points(keys: Iterable[str], every: int) -> list[str]:
    """Return the keys at which to divide a listing, so that each part takes about one request.

    Args:
        keys: Keys that probably exist. The parts cover the whole listing even if they do not.
        every: Keys per part.
    """
    return sorted(keys)[every - 1 : -1 : every]
