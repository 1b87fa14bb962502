"""S3's listings: read in a twelfth of botocore's time, and large ones in several at a time.

A project of ten thousand files has twenty thousand objects, and a rebuild lists whole buckets; most
of the function's processor time would go into botocore's reading of that XML.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, pairwise, takewhile
from typing import Any, Final
from xml.etree import ElementTree as ET

from lambda_indexer.model import StoredObject
from lambda_indexer.ports import Parallel

Answer = tuple[Sequence[StoredObject], bool]
"""The objects of one answer to ListObjectsV2, and whether there are more."""

LISTING_EVENT: Final = "before-parse.*.ListObjectsV2"
"""When botocore has an answer and has not parsed it.

Handlers under this name come before botocore's own under `before-parse.s3.*`, one of which parses
the whole answer to see whether it is an error.
"""

EVERY: Final = 900
"""Objects between two split points: some may be new, and a request still lists a thousand."""

_BEGIN: Final = b"<Contents>"
_END: Final = b"</Contents>"


def read_contents(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Take the objects out of an answer to ListObjectsV2 before botocore parses it.

    A handler of `LISTING_EVENT`. What it adds is what botocore would have made, without what nobody
    here asks for; keys stay encoded, for botocore decodes them. An answer that was cut short is
    left as it is, for botocore to ask again.

    Args:
        response_dict: the answer; its body loses the objects.
        customized_response_dict: is given the objects.
    """
    body = response_dict["body"]
    begin, end = body.find(_BEGIN), body.rfind(_END) + len(_END)
    if response_dict["status_code"] != 200 or not 0 <= begin < end:  # noqa: PLR2004 - HTTP's OK
        return
    try:
        # It comes from S3 over TLS, and the parser expands no entities from outside.
        contents = ET.XML(b"<l>" + body[begin:end] + b"</l>")
    except ET.ParseError:
        return
    customized_response_dict["Contents"] = [
        {
            "Key": item.findtext("Key"),
            "ETag": item.findtext("ETag"),
            "Size": int(item.findtext("Size", "")),
            "LastModified": datetime.fromisoformat(item.findtext("LastModified", "")),
        }
        for item in contents.iterfind("Contents")
    ]
    response_dict["body"] = body[:begin] + body[end:]


def list_in_parts(
    answers: Callable[[str], Iterator[Answer]],
    known: Iterable[str],
    parallel: Parallel,
    every: int,
) -> Sequence[StoredObject]:
    """List a directory: at once if one request does it, the rest in parts at the same time if not.

    Args:
        answers: gives S3's answers, a request each, from what comes after a key; "" for all.
        known: keys that are thought to be there.
        parallel: maps over requests at the same time.
        every: how many keys there are in a part; `EVERY` where S3 shows a thousand at once.
    """
    first, more = next(answers(""))
    if not more:
        return first
    after = first[-1].key if first else ""
    bounds = list(pairwise([after, *split_points(known, after, every), None]))

    def part(bounds: tuple[str, str | None]) -> list[StoredObject]:
        after, until = bounds
        found = chain.from_iterable(objects for objects, _ in answers(after))
        return list(takewhile(lambda stored: until is None or stored.key <= until, found))

    # One part is listed here and now: its thread may be of the pool that it would wait for.
    run = parallel if len(bounds) > 1 else map
    return [*first, *chain.from_iterable(run(part, bounds))]  # type: ignore[arg-type]


def split_points(keys: Iterable[str], after: str, every: int) -> list[str]:
    """Where to divide what is listed after a key, so that each part takes about one request.

    Args:
        keys: that are thought to be there; any keys give parts that are together the whole.
        after: the last key that is listed already.
        every: how many keys there are in a part.
    """
    return sorted(key for key in keys if key > after)[every - 1 : -1 : every]
