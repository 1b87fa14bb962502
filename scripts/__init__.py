"""What developers run: the function's zip, the local AWS, the demonstration."""
