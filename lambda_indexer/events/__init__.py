"""What invokes the function: events and commands, in batches, and what it answers and logs."""
