"""Send small objects to S3 without `Expect: 100-continue`, which saves a round trip."""

from typing import Any, Final

from botocore.utils import determine_content_length

SENDING_EVENT: Final = "before-call.s3"
"""The event of a complete request; handlers that are registered last run after botocore's own."""

AT_ONCE: Final = 1 << 20
"""Up to this size, in bytes, an object is sent without `Expect: 100-continue`.

botocore sends that header with every body; the AWS SDKs for Go and Kotlin from 2 MB on.
"""


def send_at_once(params: dict[str, Any], **_: object) -> None:
    """Remove `Expect: 100-continue` from a request with a small body; handles `SENDING_EVENT`.

    Args:
        params: The request, which is modified.
    """
    size = determine_content_length(params["body"])
    if size is not None and size <= AT_ONCE:
        params["headers"].pop("Expect", None)
