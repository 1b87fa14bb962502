"""Build the zip of the function at the edge: `basic_auth`, and nothing else.

All it needs beside Python's standard library is boto3, which is part of Lambda's runtime. One zip
serves every deployment: what differs is in the function's name.
"""

import argparse
import sys
from pathlib import Path

from scripts.build.archive import write_archive

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "basic_auth"
OUTPUT = ROOT / "dist" / "basic_auth.zip"

# Operators run these on their own machines.
_NOT_AT_THE_EDGE = {"put_user.py", "users.py"}


def build(output: Path = OUTPUT) -> Path:
    """Build the zip.

    Args:
        output: Where to put it; directories are made as needed.

    Returns:
        `output`.
    """
    files = {
        path.relative_to(ROOT).as_posix(): path
        for path in PACKAGE.glob("*.py")
        if path.name not in _NOT_AT_THE_EDGE
    }
    write_archive(output, files)
    return output


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; the process's own when None.

    Returns:
        The exit code: 0 when the zip is there.
    """
    parser = argparse.ArgumentParser(
        prog="basic_auth_zip", description="Build the zip of the Lambda@Edge function."
    )
    parser.add_argument("--output", type=Path, default=OUTPUT, help="default: %(default)s")
    print(build(parser.parse_args(argv).output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
