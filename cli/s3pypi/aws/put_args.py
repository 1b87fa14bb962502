"""Parse `--s3-put-args`, the additional PutObject parameters, with botocore's service model."""

import functools
import re
from collections.abc import Mapping

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.utils import parse_to_aware_datetime

from s3pypi.errors import UsageError

PutArgs = dict[str, str | int | bool]

_OURS = re.compile(r"Body|Bucket|Key|If\w+|Checksum\w+|Content(Encoding|Length|MD5)|WriteOffset\w+")
"""Parameters that the command sets itself."""


def parse_put_args(text: str) -> PutArgs:
    """Parse `Name=value,Name=value` into parameters of the types that S3 expects.

    A comma only separates two parameters if a name and `=` follow it, so that
    `CacheControl=public, max-age=60` is one parameter.

    Raises:
        UsageError: A parameter is unknown or not allowed, or a value has the wrong type.
    """
    args: PutArgs = {}
    for item in re.split(r",\s*(?=\w+=)", text.strip()):
        name, equals, value = item.partition("=")
        if not equals:
            raise UsageError(f"write Name=value, not {item!r}")
        if name in args:
            raise UsageError(f"{name} is given twice")
        args[name] = _typed(name, value)
    return args


def _typed(name: str, value: str) -> str | int | bool:
    parameters = _parameters()
    if name not in parameters:
        known = next((each for each in parameters if each.lower() == name.lower()), None)
        hint = f"; did you mean {known}?" if known else ""
        raise UsageError(f"S3's PutObject has no parameter {name!r}{hint}")
    if _OURS.fullmatch(name):
        raise UsageError(f"{name} cannot be set: s3pypi sets it itself")
    kind = parameters[name].type_name
    if kind == "string":
        return value
    if kind == "boolean" and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if kind in {"integer", "long"} and re.fullmatch(r"[0-9]+", value):
        return int(value)
    if kind == "timestamp" and _is_time(value):
        return value
    raise UsageError(f"{name} must be of type {kind}, not {value!r}")


@functools.cache
def _parameters() -> Mapping[str, Shape]:
    model = ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")
    shape = model.operation_model("PutObject").input_shape
    return shape.members if shape else {}


def _is_time(value: str) -> bool:
    try:
        parse_to_aware_datetime(value)
    except (ValueError, OverflowError):
        return False
    return True
