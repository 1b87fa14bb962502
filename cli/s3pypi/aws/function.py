"""Asking the indexer's Lambda function for something and having its answer at once."""

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
    """A Lambda function that answers JSON with JSON.

    Attributes:
        client: Made by `clients.lambda_client`.
        name: The function's, or its ARN.
    """

    client: "LambdaClient"
    name: str

    def ask(self, request: Mapping[str, Any]) -> object:
        """Invoke the function once, wait until it ends, and return its answer.

        Args:
            request: The event, with the key `command`.

        Raises:
            UnavailableError: It did not run, or nobody knows whether it did; it may later.
            AwsError: It cannot be invoked, or has failed.
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
                hint = "as much of it as may runs already; try again later"
                raise UnavailableError(f"{doing}: {hint}") from error
            content = response["Payload"].read()
        try:
            answer = json.loads(content)
        except ValueError as error:
            raise AwsError(f"{doing}: it answers {content[:200]!r}, which is not JSON") from error
        if response.get("FunctionError"):
            _log.debug("%s answers %s", self.name, content)
            raise AwsError(f"function {self.name!r} failed for {_failure(request, answer)}")
        return answer


def _failure(request: Mapping[str, Any], answer: object) -> str:
    """Say what Lambda says of a function that ended in an exception, out of time or memory."""
    said = answer if isinstance(answer, dict) else {}
    kind, message = said.get("errorType"), said.get("errorMessage")
    why = ": ".join(str(each) for each in (kind, message) if each) or "it does not say why"
    return f"{request['command']!r}: {why}; its log in CloudWatch may say more"
