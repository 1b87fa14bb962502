"""Get AWS tokens, which an index accepts instead of a password."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from s3pypi.aws.errors import translated
from s3pypi.errors import AwsError

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

_LIFETIMES: Final = (3600, 900, 60)
"""Lifetimes to request, in seconds. AWS issues no token that outlives the role's session."""

_DISABLED = (
    "outbound identity federation is disabled in this AWS account; an administrator enables it "
    "with 'aws iam enable-outbound-web-identity-federation'"
)

_MAX_SKEW = 300
"""The clock skew, in seconds, from which AWS rejects signatures."""


@dataclass(frozen=True)
class WebToken:
    """An AWS token.

    Attributes:
        text: The token.
        expires: The expiry time, in epoch seconds.
    """

    text: str = field(repr=False)
    expires: float


def get_token(client: "STSClient", host: str) -> WebToken:
    """Get a token for an index.

    Args:
        client: A client from `clients.sts_client`.
        host: The host of the index, which becomes the token's audience.

    Raises:
        AwsError: AWS refuses to issue a token, or cannot be reached.
    """
    doing = f"cannot get a token for {host}"
    permission = f"sts:GetWebIdentityToken for the audience {host}"
    if not hasattr(client, "get_web_identity_token"):
        raise AwsError(f"{doing}: this boto3 is too old; run 'pip install --upgrade boto3'")
    for seconds in _LIFETIMES:
        with translated(doing, permission):
            try:
                answer = client.get_web_identity_token(
                    Audience=[host], SigningAlgorithm="RS256", DurationSeconds=seconds
                )
            except client.exceptions.SessionDurationEscalationException:
                continue
            except client.exceptions.OutboundWebIdentityFederationDisabledException as error:
                raise AwsError(f"{doing}: {_DISABLED}") from error
            except client.exceptions.ClientError as error:
                if _is_skewed(error.response["ResponseMetadata"]):
                    raise AwsError(f"{doing}: this machine's clock is wrong; set it") from error
                raise
            return WebToken(answer["WebIdentityToken"], answer["Expiration"].timestamp())
    raise AwsError(f"{doing}: the credentials expire within a minute; sign in again")


def _is_skewed(answer: Mapping[str, Any]) -> bool:
    """Return whether the local clock differs too much from AWS's clock for valid signatures."""
    date = answer.get("HTTPHeaders", {}).get("date", "")
    try:
        return abs(parsedate_to_datetime(date).timestamp() - time.time()) > _MAX_SKEW
    except ValueError:
        return False
