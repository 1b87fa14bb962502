"""The names of a deployment: whose users the function checks, and what a user may be called."""

import re

from basic_auth.errors import DeploymentError

REGION = "us-east-1"
"""Where the users' parameters are: the home of every Lambda@Edge function, as in s3pypi 1.x."""

USERS = "users"
"""The directory of the users' parameters, below the domain's path."""
ISSUERS = "issuers"
"""The directory of the parameters of those who issue tokens."""

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9_.-]{1,128}", re.ASCII)
_REPLICA = f"{REGION}."
_SEPARATOR = "__"


def is_domain(text: str) -> bool:
    """Whether this is a host name (RFC 1123) in lower case; no such name has an underscore."""
    return bool(_DOMAIN.fullmatch(text))


def is_user(text: str) -> bool:
    """Whether a user can have this name: the characters of a parameter's last part, no slash.

    So no name can reach another path. The characters are those that Parameter Store allows.
    """
    return bool(_USER.fullmatch(text))


def domain_of(function_name: str) -> str:
    """Read the domain whose users the function checks from the function's own name.

    A Lambda@Edge function has no environment variables, and the Host header is the client's. The
    name is neither: see docs/architecture.md.

    Args:
        function_name: As Lambda gives it, such as `us-east-1.s3pypi-auth__pypi_example_com`: the
            region of a replica's home may precede it.

    Returns:
        The domain, such as `pypi.example.com`.

    Raises:
        DeploymentError: It has no `__`, or what follows is no domain.
    """
    domain = function_name.removeprefix(_REPLICA).partition(_SEPARATOR)[2].replace("_", ".")
    if not is_domain(domain):
        raise DeploymentError(
            f"The function's name {function_name!r} does not say whose users it checks: it must end"
            f" in {_SEPARATOR!r} and the domain with '_' for each dot, as in"
            " 's3pypi-auth__pypi_example_com'."
        )
    return domain


def parameters_path(domain: str) -> str:
    """Give the path below which all parameters of a domain are, without a slash at its end."""
    return f"/s3pypi/{domain}"
