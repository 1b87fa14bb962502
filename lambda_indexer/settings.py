"""The settings of the function, read from environment variables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lambda_indexer.errors import SettingsError
from s3pypi.layout import DirectoryPath, is_normalized

_PREFIX: Final = "S3PYPI_"
_TRUE: Final = {"1", "true", "yes", "on"}
_FALSE: Final = {"0", "false", "no", "off"}

PUT_ARGS: Final = (
    "ACL",
    "BucketKeyEnabled",
    "SSEKMSEncryptionContext",
    "SSEKMSKeyId",
    "ServerSideEncryption",
    "StorageClass",
    "Tagging",
)
"""The parameters of PutObject that can be added. The function sets all others itself."""


@dataclass(frozen=True)
class Settings:
    """The settings of a deployment, with their environment variables.

    Attributes:
        locks_table: `S3PYPI_LOCKS_TABLE`: the DynamoDB table of the leases; empty with
            `single_instance`.
        queue_url: `S3PYPI_QUEUE_URL`: the function's queue, to which `rebuild` sends; empty for
            none.
        dlq_url: `S3PYPI_DLQ_URL`: the dead-letter queue; empty for none.
        distribution_id: `S3PYPI_DISTRIBUTION_ID`: the CloudFront distribution in which to
            invalidate changed files; empty for none.
        index_html: `S3PYPI_INDEX_HTML`: whether HTML pages are named `index.html`, for a bucket
            that is served as an S3 website.
        prefixes: `S3PYPI_PREFIXES`, separated by commas: the declared prefixes, which are indexes
            regardless of their content. The values here have a trailing slash.
        max_wait: `S3PYPI_MAX_WAIT`: the seconds to wait for another run of a project before the
            message goes back to the queue.
        lease_margin: `S3PYPI_LEASE_MARGIN`: the seconds that a lease lasts longer than its
            invocation, to allow for clock skew.
        parallel_projects: `S3PYPI_PARALLEL_PROJECTS`: the number of projects to regenerate in
            parallel.
        parallel_files: `S3PYPI_PARALLEL_FILES`: the number of files to read in parallel. Together,
            they take at most 64 MiB of memory.
        put_args: `S3PYPI_PUT_ARGS`, a JSON object: additional parameters of PutObject for pages and
            `.metadata` files.
        upstream: `S3PYPI_UPSTREAM`: the Simple API to which missing projects are redirected; empty
            for none. If set, a project without files keeps an empty page, so that its name stays
            private.
        domain: `S3PYPI_DOMAIN`: the domain of the index, for the titles of the pages; empty if it
            is unknown.
        show_uploaders: `S3PYPI_SHOW_UPLOADERS`: whether pages say who uploaded each file.
        function_name: `AWS_LAMBDA_FUNCTION_NAME`, which Lambda sets: the name of the function, and
            of its sessions.
        service: `S3PYPI_SERVICE`: the service name in the log and the metrics.
        single_instance: `S3PYPI_SINGLE_INSTANCE`: whether Lambda runs one invocation at a time, so
            that leases are kept in memory.
    """

    locks_table: str = ""
    queue_url: str = ""
    dlq_url: str = ""
    distribution_id: str = ""
    index_html: bool = False
    prefixes: frozenset[str] = frozenset()
    max_wait: float = 60.0
    lease_margin: float = 10.0
    parallel_projects: int = 8
    parallel_files: int = 16
    put_args: Mapping[str, str | bool] = field(default_factory=dict)
    upstream: str = ""
    domain: str = ""
    show_uploaders: bool = False
    function_name: str = ""
    service: str = "s3pypi"
    single_instance: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read and validate the settings. An empty variable counts as unset.

        Raises:
            SettingsError: A variable is missing or invalid.
        """
        given = {name: value for name, value in environment.items() if value}
        table = given.get(f"{_PREFIX}LOCKS_TABLE", "")
        single = _flag(given, "SINGLE_INSTANCE", default=cls.single_instance)
        if not table and not single:
            raise SettingsError(
                f"{_PREFIX}LOCKS_TABLE is not set; it names the DynamoDB table of leases. Only a"
                f" function with a reserved concurrency of 1 does not need it, with"
                f" {_PREFIX}SINGLE_INSTANCE=true"
            )
        if table and single:
            raise SettingsError(
                f"{_PREFIX}LOCKS_TABLE and {_PREFIX}SINGLE_INSTANCE are both set; unset one of them"
            )
        return cls(
            locks_table=table,
            queue_url=given.get(f"{_PREFIX}QUEUE_URL", ""),
            dlq_url=given.get(f"{_PREFIX}DLQ_URL", ""),
            distribution_id=given.get(f"{_PREFIX}DISTRIBUTION_ID", ""),
            index_html=_flag(given, "INDEX_HTML", default=cls.index_html),
            prefixes=_prefixes(given),
            max_wait=_number(given, "MAX_WAIT", cls.max_wait, 0, 900),
            lease_margin=_number(given, "LEASE_MARGIN", cls.lease_margin, 1, 900),
            parallel_projects=int(
                _number(given, "PARALLEL_PROJECTS", cls.parallel_projects, 1, 100)
            ),
            parallel_files=int(_number(given, "PARALLEL_FILES", cls.parallel_files, 1, 100)),
            put_args=_put_args(given),
            upstream=given.get(f"{_PREFIX}UPSTREAM", ""),
            domain=given.get(f"{_PREFIX}DOMAIN", ""),
            show_uploaders=_flag(given, "SHOW_UPLOADERS", default=cls.show_uploaders),
            function_name=given.get("AWS_LAMBDA_FUNCTION_NAME", ""),
            service=given.get(f"{_PREFIX}SERVICE", cls.service),
            single_instance=single,
        )


def _flag(given: Mapping[str, str], name: str, *, default: bool) -> bool:
    return _boolean(_PREFIX + name, given.get(_PREFIX + name, str(default)))


def _boolean(what: str, text: str) -> bool:
    value = text.lower()
    if value not in _TRUE | _FALSE:
        raise SettingsError(f"{what} is {value!r}; use true or false")
    return value in _TRUE


def _prefixes(given: Mapping[str, str]) -> frozenset[str]:
    variable = f"{_PREFIX}PREFIXES"
    prefixes = frozenset(f"{text.strip()}/" for text in given.get(variable, "").split(",") if text)
    for prefix in prefixes:
        # Otherwise, a file for the prefix could be moved to the project whose name it resembles.
        if not all(is_normalized(DirectoryPath(f"{part}/")) for part in prefix[:-1].split("/")):
            raise SettingsError(
                f"{variable} has {prefix!r}; a prefix consists of normalized names, as in"
                " team/stable"
            )
    return prefixes


def _put_args(given: Mapping[str, str]) -> dict[str, str | bool]:
    variable = f"{_PREFIX}PUT_ARGS"
    text = given.get(variable, "{}")
    try:
        args = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"{variable} is {text!r}; use a JSON object") from error
    if not isinstance(args, dict) or not all(isinstance(value, str) for value in args.values()):
        raise SettingsError(f"{variable} is {text!r}; use a JSON object of strings")
    for name in args:
        if name not in PUT_ARGS:
            raise SettingsError(f"{variable} has {name!r}; it takes {', '.join(PUT_ARGS)}")
    return {
        name: _boolean(f"{variable}'s {name}", value) if name == "BucketKeyEnabled" else value
        for name, value in args.items()
    }


def _number(
    given: Mapping[str, str], name: str, default: float, lowest: float, highest: float
) -> float:
    text = given.get(_PREFIX + name, str(default))
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not lowest <= value <= highest:
        raise SettingsError(f"{_PREFIX}{name} is {text!r}; use a number from {lowest} to {highest}")
    return value
