"""Build the zip of the Lambda@Edge functions, which only contains `basic_auth`.

The functions only need Python's standard library and boto3, which is part of Lambda's runtime. One
zip serves all deployments, which differ in the functions' names.
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
        output: The path of the zip; missing directories are created.

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
        argv: The arguments; by default, those of the process.

    Returns:
        The exit code 0.
    """
    parser = argparse.ArgumentParser(
        prog="basic_auth_zip", description="Build the zip of the Lambda@Edge function."
    )
    parser.add_argument("--output", type=Path, default=OUTPUT, help="default: %(default)s")
    print(build(parser.parse_args(argv).output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
