"""What developers and operators run: the zip builders, the local AWS, the demo, the migration."""
