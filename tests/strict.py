"""Rules for `scripts.local.proxy` that refuse requests as AWS does and the emulator does not.

docs/compatibility.md lists the differences. Each rule is here because a defect hid behind it.
"""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from scripts.local.clients import AWS_ERRORS, Clients
from scripts.local.proxy.aws_calls import Call
from scripts.local.proxy.fates import Fate, How

_PASS: Final = Fate()
_FUNCTIONS: Final = "/2020-05-31/function/"


@dataclass(frozen=True)
class Strict:
    """Decides about a call to the emulator.

    Attributes:
        clients: of the emulator itself, past the proxy.
        cloudfront: boto3's client of the emulator's CloudFront; None where there is none.
    """

    clients: Clients
    cloudfront: Any = None

    def __call__(self, call: Call) -> Fate:
        """The `decide` of a proxy."""
        if code := self._refusal(call):
            return Fate(how=How.REFUSE, code=code)
        return _PASS

    def _refusal(self, call: Call) -> str:
        match call.service, call.operation:
            case "s3", "CopyObject" if call.headers.get("if-none-match") == "*":
                # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
                return "PreconditionFailed" if self._exists(call.path) else ""
            case "cloudfront", "DELETE" if call.path.startswith(_FUNCTIONS):
                # https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DeleteFunction.html
                name = call.path.removeprefix(_FUNCTIONS)
                return "FunctionInUse" if self._is_used(name) else ""
        return ""

    def _exists(self, path: str) -> bool:
        bucket, _, key = unquote(path).removeprefix("/").partition("/")
        try:
            self.clients.s3.head_object(Bucket=bucket, Key=key)
        except AWS_ERRORS:
            return False
        return True

    def _is_used(self, function: str) -> bool:
        listed = self.cloudfront.list_distributions()["DistributionList"].get("Items", [])
        return any(f":function/{function}'" in str(each) for each in listed)


def may_list(clients: Clients, bucket: str) -> bool:
    """Return whether a bucket's policy lets CloudFront both read and list it.

    A 403 then means that there is no such key, as S3 would say by a 404:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    policy = json.loads(clients.s3.get_bucket_policy(Bucket=bucket)["Policy"])
    allowed = {
        action
        for each in policy["Statement"]
        if each["Effect"] == "Allow"
        and each["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    return {"s3:GetObject", "s3:ListBucket"} <= allowed
