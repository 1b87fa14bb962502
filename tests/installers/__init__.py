"""Compare the index's verdict on odd files with pip's and uv's: `python -m tests.installers`."""
