"""Invoke the indexer's Lambda function."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s3pypi.aws.errors import translated
from s3pypi.errors import AwsError, UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LambdaFunction:
    """A Lambda function that takes and returns JSON.

    Attributes:
        client: A client from `clients.lambda_client`.
        name: The function's name or ARN.
    """

    client: "LambdaClient"
    name: str

    def ask(self, request: Mapping[str, Any]) -> object:
        """Invoke the function once, and return its response.

        Args:
            request: The event, with the key `command`.

        Raises:
            UnavailableError: The function may not have run; the command can be retried.
            AwsError: The function cannot be invoked, or has failed.
        """
        doing = f"cannot invoke function {self.name!r} for {request['command']!r}"
        with translated(doing, "lambda:InvokeFunction"):
            try:
                response = self.client.invoke(
                    FunctionName=self.name,
                    InvocationType="RequestResponse",
                    Payload=json.dumps(request).encode(),
                )
            except self.client.exceptions.ResourceNotFoundException as error:
                hint = "check --function, --region and --profile"
                raise AwsError(f"{doing}: there is no such function; {hint}") from error
            except self.client.exceptions.TooManyRequestsException as error:
                hint = "it has reached its concurrency limit; try again later"
                raise UnavailableError(f"{doing}: {hint}") from error
            content = response["Payload"].read()
        try:
            answer = json.loads(content)
        except ValueError as error:
            raise AwsError(f"{doing}: its response is not JSON: {content[:200]!r}") from error
        if response.get("FunctionError"):
            _log.debug("%s answers %s", self.name, content)
            raise AwsError(f"function {self.name!r} failed for {_failure(request, answer)}")
        return answer


def _failure(request: Mapping[str, Any], answer: object) -> str:
    """Describe an exception, a timeout or a lack of memory, as Lambda reports it."""
    error = answer if isinstance(answer, dict) else {}
    kind, message = error.get("errorType"), error.get("errorMessage")
    why = ": ".join(str(each) for each in (kind, message) if each) or "no reason given"
    return f"{request['command']!r}: {why}; see its log in CloudWatch"
