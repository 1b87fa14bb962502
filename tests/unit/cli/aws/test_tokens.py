"""Requests for tokens of STS, and its errors."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from botocore.stub import Stubber
from mypy_boto3_sts import STSClient

from s3pypi.aws.clients import sts_client
from s3pypi.aws.tokens import get_token
from s3pypi.errors import AwsError, ForbiddenError

HOST = "pypi.example.com"
EXPIRES = datetime(2026, 1, 1, tzinfo=UTC)
ANSWER = {"WebIdentityToken": "header.claims.signature", "Expiration": EXPIRES}


def asked(seconds: int) -> dict[str, Any]:
    """Return the parameters of a request."""
    return {"Audience": [HOST], "SigningAlgorithm": "RS256", "DurationSeconds": seconds}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> STSClient:
    """Make a client with credentials."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return sts_client()


@pytest.fixture
def sts(client: STSClient) -> Iterator[Stubber]:
    """Return STS's response."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_asks_for_exactly_this_token(client: STSClient, sts: Stubber) -> None:
    """A token has one audience, is signed with RS256 and valid for an hour."""
    sts.add_response("get_web_identity_token", ANSWER, asked(3600))

    token = get_token(client, HOST)

    assert (token.text, token.expires) == ("header.claims.signature", EXPIRES.timestamp())
    assert "signature" not in repr(token)


def test_a_session_that_ends_sooner(client: STSClient, sts: Stubber) -> None:
    """A token that would outlive its session is requested again with a shorter lifetime."""
    code = "SessionDurationEscalationException"
    sts.add_client_error("get_web_identity_token", code, expected_params=asked(3600))
    sts.add_client_error("get_web_identity_token", code, expected_params=asked(900))
    sts.add_response("get_web_identity_token", ANSWER, asked(60))

    assert get_token(client, HOST).text == "header.claims.signature"


def test_a_session_that_ends_now(client: STSClient, sts: Stubber) -> None:
    """Credentials with less than a minute left are an error."""
    for _ in range(3):
        sts.add_client_error("get_web_identity_token", "SessionDurationEscalationException")

    with pytest.raises(AwsError, match=r"expire within a minute; sign in again$"):
        get_token(client, HOST)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "OutboundWebIdentityFederationDisabledException",
            "an administrator enables it with 'aws iam enable-outbound-web-identity-federation'",
        ),
        ("AccessDenied", f"need sts:GetWebIdentityToken for the audience {HOST}"),
        ("ExpiredToken", "the credentials are invalid or expired; sign in again"),
        ("InvalidClientTokenId", "the credentials are invalid or expired; sign in again"),
        ("SomethingNew", "a message"),
    ],
)
def test_refusals(client: STSClient, sts: Stubber, code: str, message: str) -> None:
    """Each error code has advice."""
    sts.add_client_error("get_web_identity_token", code, "a message")

    with pytest.raises(AwsError) as caught:
        get_token(client, HOST)

    assert str(caught.value).startswith(f"cannot get a token for {HOST}: ")
    assert message in str(caught.value)
    assert isinstance(caught.value, ForbiddenError) is (code == "AccessDenied")


@pytest.mark.parametrize(("minutes", "skewed"), [(-10, True), (10, True), (1, False)])
def test_a_wrong_clock(client: STSClient, sts: Stubber, minutes: int, *, skewed: bool) -> None:
    """A refused signature is explained by the clock if it is off by more than five minutes."""
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes))
    sts.add_client_error(
        "get_web_identity_token",
        "SignatureDoesNotMatch",
        response_meta={"HTTPHeaders": {"date": date}},
    )

    with pytest.raises(AwsError) as caught:
        get_token(client, HOST)

    assert ("this machine's clock is wrong" in str(caught.value)) is skewed
    assert ("sign in again" in str(caught.value)) is not skewed


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("region", [None, "us-east-1", "eu-west-1"])
def test_the_endpoint_is_regional(
    monkeypatch: pytest.MonkeyPatch, region: str | None, *, legacy: bool
) -> None:
    """The regional endpoint is always used, because the global one issues no tokens."""
    if legacy:
        monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    if region:
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)

    endpoint = sts_client().meta.endpoint_url

    assert endpoint == f"https://sts.{region or 'us-east-1'}.amazonaws.com"


def test_an_old_boto3() -> None:
    """A boto3 without the operation is reported."""
    with pytest.raises(AwsError, match="this boto3 is too old"):
        get_token(object(), HOST)  # type: ignore[arg-type]


def test_no_credentials() -> None:
    """Missing credentials are an error with advice to sign in."""
    with pytest.raises(AwsError, match="no AWS credentials were found; sign in again"):
        get_token(sts_client(), HOST)
