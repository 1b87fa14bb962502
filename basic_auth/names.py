"""The domain of a deployment, the names of users, and the paths of their parameters."""

import re

from basic_auth.errors import DeploymentError

REGION = "us-east-1"
"""The region of the parameters, where Lambda@Edge functions are created; as in s3pypi 1.x."""

USERS = "users"
"""The directory of the users' parameters, relative to the domain's path."""
ISSUERS = "issuers"
"""The directory of the token issuers' parameters, relative to the domain's path."""

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9_.-]{1,128}", re.ASCII)
_REPLICA = f"{REGION}."
_SEPARATOR = "__"


def is_domain(text: str) -> bool:
    """Return whether a text is a host name (RFC 1123) in lower case. It has no underscores."""
    return bool(_DOMAIN.fullmatch(text))


def is_user(text: str) -> bool:
    """Return whether a text is a valid user name.

    The characters are those that Parameter Store allows in names, without the slash, so that no
    user name can refer to another path.
    """
    return bool(_USER.fullmatch(text))


def domain_of(function_name: str) -> str:
    """Return the domain in a function's name, whose users the function checks.

    A Lambda@Edge function has no environment variables, and the client chooses the Host header. See
    docs/architecture.md.

    Args:
        function_name: The name as Lambda reports it, such as `s3pypi-auth__pypi_example_com`;
            replicas may prefix it with `us-east-1.`.

    Returns:
        The domain, such as `pypi.example.com`.

    Raises:
        DeploymentError: The name has no `__`, or no domain follows it.
    """
    domain = function_name.removeprefix(_REPLICA).partition(_SEPARATOR)[2].replace("_", ".")
    if not is_domain(domain):
        raise DeploymentError(
            f"The function's name {function_name!r} does not contain a domain: it must end in"
            f" {_SEPARATOR!r} and the domain with '_' for each dot, as in"
            " 's3pypi-auth__pypi_example_com'."
        )
    return domain


def parameters_path(domain: str) -> str:
    """Return the path of a domain's parameters, without a trailing slash."""
    return f"/s3pypi/{domain}"
