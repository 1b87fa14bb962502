import json
from typing import Any

import pytest

from s3pypi import errors
from s3pypi.aws.clients import lambda_client
from s3pypi.aws.function import LambdaFunction
from tests.unit.cli.factories import Answers

VERIFY = {"command": "verify", "bucket": "bucket"}


@pytest.fixture(autouse=True)
def _retries(credentials: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Set a number of retries that the client must ignore."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")


def answering(
    body: object, status: int = 200, headers: dict[str, str] | None = None
) -> tuple[LambdaFunction, list[Any]]:
    """Return a function with a fixed response, and its requests."""
    client = lambda_client()
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answers = Answers(client, lambda _request: (status, headers or {}, content))
    return LambdaFunction(client, "indexer"), answers.requests


def test_request() -> None:
    """The function is invoked once, synchronously."""
    function, requests = answering({"count": 0})
    assert function.ask(VERIFY) == {"count": 0}
    (request,) = requests
    assert request.url.endswith("/functions/indexer/invocations")
    assert request.headers["X-Amz-Invocation-Type"] == b"RequestResponse"
    assert json.loads(request.body) == VERIFY


def test_client_waits_as_long_as_a_function_may_run() -> None:
    """The timeout is longer than Lambda's maximum of 15 minutes."""
    config: Any = lambda_client().meta.config
    assert config.read_timeout > 900
    assert config.tcp_keepalive


@pytest.mark.parametrize(
    ("code", "status", "kind", "message"),
    [
        (
            "AccessDeniedException",
            403,
            errors.ForbiddenError,
            "said Lambda; the credentials need lambda:InvokeFunction",
        ),
        (
            "ResourceNotFoundException",
            404,
            errors.AwsError,
            "there is no such function; check --function, --region and --profile",
        ),
        ("TooManyRequestsException", 429, errors.UnavailableError, "concurrency limit; try again"),
        ("ServiceException", 500, errors.AwsError, r"said Lambda \(ServiceException\)"),
        ("ExpiredTokenException", 403, errors.CredentialsError, "invalid or expired"),
    ],
)
def test_refusals(code: str, status: int, kind: type[errors.AwsError], message: str) -> None:
    """Each error code has advice, and nothing is retried."""
    headers = {"x-amzn-ErrorType": code}
    function, requests = answering({"message": "said Lambda"}, status, headers)
    with pytest.raises(errors.AwsError, match=message) as caught:
        function.ask(VERIFY)
    assert caught.type is kind
    assert str(caught.value).startswith("cannot invoke function 'indexer' for 'verify': ")
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"errorMessage": "'names': no", "errorType": "InvalidEventError", "stackTrace": ["x"]},
            "failed for 'verify': InvalidEventError: 'names': no; see its log",
        ),
        (
            {"errorMessage": "Task timed out after 900.00 seconds"},
            "failed for 'verify': Task timed out after 900.00 seconds; see its log",
        ),
        (None, "failed for 'verify': no reason given; see its log"),
    ],
)
def test_failure_of_the_function(body: object, message: str) -> None:
    """Exceptions and timeouts are reported as Lambda describes them."""
    function, _requests = answering(body, headers={"X-Amz-Function-Error": "Unhandled"})
    with pytest.raises(errors.AwsError, match=message):
        function.ask(VERIFY)


def test_no_json() -> None:
    """A response that is not JSON is shown."""
    function, _requests = answering(b"<html>")
    with pytest.raises(errors.AwsError, match="its response is not JSON: b'<html>'"):
        function.ask(VERIFY)


def test_unreachable() -> None:
    """An unreachable function may be available later."""
    client = lambda_client(endpoint_url="http://127.0.0.1:1")
    with pytest.raises(errors.UnavailableError, match=r"127\.0\.0\.1:1/.*check the network"):
        LambdaFunction(client, "indexer").ask(VERIFY)


def test_no_answer_in_time() -> None:
    """After a timeout, it is unknown whether the command was run."""
    function, _requests = answering({})

    def silent(request: Any, **_: object) -> None:
        # Raised where a connection would raise it; its class is botocore's.
        from botocore.exceptions import ReadTimeoutError  # noqa: PLC0415, TID251 - to be translated

        raise ReadTimeoutError(endpoint_url=request.url)

    function.client.meta.events.register_first("before-send", silent)
    with pytest.raises(errors.UnavailableError, match=r"timed out, but may still take effect"):
        function.ask(VERIFY)


def test_bad_configuration() -> None:
    """A configuration error is reported."""
    with pytest.raises(errors.AwsError, match="cannot use Lambda: Invalid endpoint"):
        lambda_client(endpoint_url="nonsense")
