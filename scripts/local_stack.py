#!/usr/bin/env python3
"""Run the local deployment: `python scripts/local_stack.py`, or `python -m scripts.local_stack`."""

import sys
from pathlib import Path

if not __package__:  # run as a file: Python searches its directory and not the parent
    sys.path[0] = str(Path(__file__).resolve().parents[1])

try:
    from scripts.local.command import main
except ModuleNotFoundError as error:
    sys.exit(
        f"error: {sys.executable} has no module {error.name!r}: run `make local`, which installs"
        " what is needed in .venv, or run this file with .venv/bin/python"
    )

if __name__ == "__main__":
    sys.exit(main())
