#!/usr/bin/env python3
"""Run `migrate_s3_index.py`, whose name can be imported."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).with_name("migrate_s3_index.py")), run_name="__main__")
