"""The worst inputs that we can construct, and their cost: `python -m tests.worst_inputs`."""
