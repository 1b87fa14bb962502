"""Parse and process events and commands, and report the results."""
