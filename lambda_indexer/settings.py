"""The function's settings: one frozen value, read from the environment in one place."""

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
"""The parameters of S3's PutObject that a deployment may add; the others keep the pages right."""


@dataclass(frozen=True)
class Settings:
    """How this deployment of the indexer behaves.

    Attributes:
        locks_table: the DynamoDB table of leases; empty when `single_instance`;
            `S3PYPI_LOCKS_TABLE`.
        queue_url: the function's own queue, which `rebuild` sends to; empty for none;
            `S3PYPI_QUEUE_URL`.
        dlq_url: its dead-letter queue; empty for none; `S3PYPI_DLQ_URL`.
        distribution_id: the CloudFront distribution in which changed files are invalidated;
            empty for none; `S3PYPI_DISTRIBUTION_ID`.
        index_html: name HTML pages `index.html`, for a bucket served as an S3 website;
            `S3PYPI_INDEX_HTML`.
        prefixes: the declared indexes: each is one whatever lies in it, slash-terminated;
            `S3PYPI_PREFIXES`, separated by commas and without the slash at the end.
        max_wait: seconds that an event waits for another run of its project before its message
            goes back to the queue; `S3PYPI_MAX_WAIT`.
        lease_margin: seconds that a lease outlives its invocation, to allow for clock skew;
            `S3PYPI_LEASE_MARGIN`.
        parallel_projects: projects regenerated at the same time; `S3PYPI_PARALLEL_PROJECTS`.
        parallel_files: files looked at at the same time, each in up to 8 MiB of memory;
            `S3PYPI_PARALLEL_FILES`.
        put_args: more parameters of PutObject for pages and sidecars, by their names in `PUT_ARGS`;
            `S3PYPI_PUT_ARGS`, as a JSON object.
        upstream: the Simple API that the edge redirects to for projects that are not here; while
            it is set, a project that has lost its last file keeps its page, so that its name stays
            private; empty for none; `S3PYPI_UPSTREAM`.
        service: the name in the log and of the metrics, which tells deployments apart;
            `S3PYPI_SERVICE`.
        single_instance: Lambda runs the function one at a time, so leases are kept in memory;
            `S3PYPI_SINGLE_INSTANCE`.
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
    parallel_files: int = 8
    put_args: Mapping[str, str | bool] = field(default_factory=dict)
    upstream: str = ""
    service: str = "s3pypi"
    single_instance: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read and check the settings.

        An empty variable counts as one that is not set.

        Raises:
            SettingsError: one is missing or wrong; the text names it.
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
            service=given.get(f"{_PREFIX}SERVICE", cls.service),
            single_instance=single,
        )


def _flag(given: Mapping[str, str], name: str, *, default: bool) -> bool:
    return _truth(_PREFIX + name, given.get(_PREFIX + name, str(default)))


def _truth(what: str, text: str) -> bool:
    value = text.lower()
    if value not in _TRUE | _FALSE:
        raise SettingsError(f"{what} is {value!r}; use true or false")
    return value in _TRUE


def _prefixes(given: Mapping[str, str]) -> frozenset[str]:
    variable = f"{_PREFIX}PREFIXES"
    prefixes = frozenset(f"{text.strip()}/" for text in given.get(variable, "").split(",") if text)
    for prefix in prefixes:
        # Otherwise a file for the prefix might be filed into the project whose name it resembles.
        if not all(is_normalized(DirectoryPath(f"{part}/")) for part in prefix[:-1].split("/")):
            raise SettingsError(
                f"{variable} has {prefix!r}; a prefix consists of normalised names, as in"
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
        name: _truth(f"{variable}'s {name}", value) if name == "BucketKeyEnabled" else value
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
