"""For all tests."""

import os

from hypothesis import settings

# What is found by chance belongs to whoever runs the tests at their desk, not to the next landing.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
