"""The `s3pypi` command: puts distributions into a bucket that a Lambda function indexes.

Imports go one way: `errors`, `layout`, `filenames`, `digest`, `markers` <- `distribution`, `bucket`
<- `multipart`, `releases` <- `uploading`, `waiting`, `deleting`, `yanking`, `project_status` <-
`commands` <- `cli`. Only `aws`, `put_args`,
`storage` and `locks` know AWS, and only `commands` knows them. Nothing slow is imported before a
command is chosen, so `--help` and `--version` answer at once.
"""


def version() -> str:
    """Return the installed distribution's version, or `unknown` when run from a bare checkout."""
    from importlib import metadata  # noqa: PLC0415 - costs more than the rest of `--help`

    try:
        return metadata.version("s3pypi")
    except metadata.PackageNotFoundError:
        return "unknown"
