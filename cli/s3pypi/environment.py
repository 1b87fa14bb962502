"""Options that come from `S3PYPI_*` variables instead of the command line."""

import argparse
from collections.abc import Iterable, Mapping

from s3pypi.errors import UsageError

_BOOLEANS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


def variable_of(option: argparse.Action) -> str:
    """Return the variable of an option: `S3PYPI_S3_PUT_ARGS` for `--s3-put-args`."""
    name = max(option.option_strings, key=len)
    return "S3PYPI_" + name.strip("-").replace("-", "_").upper()


def fill(
    args: argparse.Namespace, options: Iterable[argparse.Action], environ: Mapping[str, str]
) -> None:
    """Set those options that the command line leaves out from their variables.

    An empty variable is as if unset. A flag's is one of `1 true yes on` or `0 false no off`.

    Args:
        args: With None for each option that the command line leaves out.
        options: To look up.
        environ: The variables.

    Raises:
        UsageError: A variable's value is not one for its option, or two contradict each other.
    """
    filled: dict[str, str] = {}
    for option in options:
        variable = variable_of(option)
        text = environ.get(variable)
        if not text or (getattr(args, option.dest) is not None and option.dest not in filled):
            continue
        value = _value(option, variable, text)
        if value is None:
            continue
        if option.dest in filled:
            raise UsageError(f"{filled[option.dest]} and {variable} contradict each other")
        setattr(args, option.dest, value)
        filled[option.dest] = variable


def _value(option: argparse.Action, variable: str, text: str) -> object:
    """Return what the option would be, or None for a flag that is switched off."""
    if option.nargs == 0:
        if text.lower() not in _BOOLEANS:
            raise UsageError(f"{variable}: write 1 or 0, not {text!r}")
        return option.const if _BOOLEANS[text.lower()] else None
    if not callable(option.type):
        return text
    try:
        return option.type(text)
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"{variable}: {error}") from error
