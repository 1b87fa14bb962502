"""The entry of the Lambda@Edge function: users and clients once for each container.

Whose users are checked comes from the function's name, for it has no environment variables and the
Host header is the client's to choose: `names.domain_of`. The parameters are in us-east-1, the home
of every Lambda@Edge function.
"""

import functools
import logging
import os
from collections.abc import Mapping
from typing import Any, Protocol

from basic_auth.errors import DeploymentError
from basic_auth.key_fetch import fetch
from basic_auth.names import domain_of
from basic_auth.parameters import AT_THE_EDGE, ParameterStore
from basic_auth.readers import Readers
from basic_auth.responses import unavailable
from basic_auth.viewer_request import ViewerRequest

_log = logging.getLogger(__name__)


class Context(Protocol):
    """What the function needs of Lambda's context object."""

    function_name: str


@functools.cache
def _function(name: str) -> ViewerRequest:
    domain = domain_of(name)
    readers = Readers(ParameterStore.connect(domain, config=AT_THE_EDGE), domain, fetch)
    readers.start()
    return ViewerRequest(domain, readers.prefixes)


def handler(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """The Lambda function's handler.

    Args:
        event: CloudFront's, for a viewer-request.
        context: of the invocation.

    Returns:
        The request for the object to serve, or a response; 503 for each if the function's name says
        no domain.
    """
    try:
        function = _function(context.function_name)
    except DeploymentError as error:
        _log.error("%s", error)
        return unavailable("HEAD")  # which has no body, and so suits every method
    return function(event)


# In its init phase a small function has a whole processor, later a fourteenth of one: boto3's
# client and the first connection are made then, when Lambda imports this module.
if name := os.environ.get("AWS_LAMBDA_FUNCTION_NAME"):
    try:
        _function(name)
    except DeploymentError as error:
        _log.error("%s", error)
