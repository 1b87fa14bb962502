"""S3's small objects: sent without asking first whether they are wanted, a round trip each."""

from typing import Any, Final

from botocore.utils import determine_content_length

SENDING_EVENT: Final = "before-call.s3"
"""When botocore has made a request; a handler that is registered last comes after its own."""

AT_ONCE: Final = 1 << 20
"""Up to this size, in bytes, an object is sent without `Expect: 100-continue`.

botocore asks with every body, however small; AWS's Go and Kotlin clients from 2 MB on.
"""


def send_at_once(params: dict[str, Any], **_: object) -> None:
    """Take the question out of a request with a small body.

    A handler of `SENDING_EVENT`.

    Args:
        params: the request; its headers may lose one.
    """
    size = determine_content_length(params["body"])
    if size is not None and size <= AT_ONCE:
        params["headers"].pop("Expect", None)
