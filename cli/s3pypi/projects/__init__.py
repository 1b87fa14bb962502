"""Changes to projects: deleting, yanking, promoting, pruning, restoring, and statuses."""
