"""The `s3pypi` command: puts distributions into a bucket that a Lambda function indexes.

The folders, from the user inwards:

- `cli` and `commands/`: the command and its subcommands, a module each;
- `command_line/`: options and output that the subcommands share;
- `aws/`: the adapters, and the only place that imports boto3;
- `uploads/`, `projects/`, `indexer/`: what the command does, against the `bucket` protocol.

Imports go one way, as `make check` enforces. Nothing slow is imported before a command is chosen,
so `--help` and `--version` answer at once.
"""

__version__ = "3.0.0.dev0"
