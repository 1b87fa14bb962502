"""The worst inputs that we can construct, and what they cost: `python -m tests.worst_inputs`."""
