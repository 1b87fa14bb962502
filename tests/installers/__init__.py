"""The index's verdict on odd files beside those of pip and uv: `python -m tests.installers`."""
