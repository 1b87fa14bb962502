"""The entry point of the viewer-request function; users and clients are created once a container.

The domain whose users are checked comes from the function's name (`names.domain_of`): Lambda@Edge
functions have no environment variables, and the client chooses the Host header. The parameters are
in us-east-1, where Lambda@Edge functions are created.
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
    """The attributes of Lambda's context object that the function uses."""

    function_name: str


@functools.cache
def _function(name: str) -> ViewerRequest:
    domain = domain_of(name)
    readers = Readers(ParameterStore.connect(domain, config=AT_THE_EDGE), domain, fetch)
    readers.start()
    return ViewerRequest(domain, readers.prefixes)


def handler(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Handle a viewer request.

    Args:
        event: CloudFront's viewer-request event.
        context: Lambda's context object.

    Returns:
        The request to pass on, or a response; always 503 if the function's name contains no
        domain.
    """
    try:
        function = _function(context.function_name)
    except DeploymentError as error:
        _log.error("%s", error)
        return unavailable("HEAD")  # without a body, which is valid for every method
    return function(event)


# Lambda gives a small function a full processor in the init phase, and a fourteenth of one later.
# So create boto3's client and open the first connection when this module is imported.
if name := os.environ.get("AWS_LAMBDA_FUNCTION_NAME"):
    try:
        _function(name)
    except DeploymentError as error:
        _log.error("%s", error)
