"""The `s3pypi` command, which uploads distributions to a bucket that a Lambda function indexes.

The folders, from the user inwards:

- `cli` and `commands/`: the command and its subcommands, one module each;
- `command_line/`: the options and the output that subcommands share;
- `aws/`: the adapters, and the only folder that imports boto3;
- `uploads/`, `projects/`, `indexer/`: the work, based on the `bucket` protocol.

`make check` enforces the direction of imports. No slow module is imported before the subcommand is
known, so `--help` and `--version` are fast.
"""

__version__ = "3.0.0.dev0"
