"""The arguments and options of the commands that change a version."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from s3pypi.command_line.command import combined, pass_report
from s3pypi.command_line.options import (
    dry_run_option,
    file_option,
    output_options,
    release_arguments,
)
from s3pypi.command_line.target_options import bucket_options

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from packaging.version import Version

NamedRelease: TypeAlias = "tuple[NormalizedName, Version, tuple[str, ...]]"
"""A project, a version, and the names of some of its files; an empty tuple stands for all files."""


def release_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command that changes a version.

    The command receives its `Report`, the `target`, the `release`, which is a `NamedRelease`, and
    `dry_run`.
    """

    @functools.wraps(command)
    def with_release(
        *args: Any,
        name: "NormalizedName",
        release: "Version",
        file: tuple[str, ...],
        **others: Any,
    ) -> Any:
        return command(*args, release=(name, release, file), **others)

    return combined(
        release_arguments, file_option, bucket_options, dry_run_option, output_options, pass_report
    )(with_release)
