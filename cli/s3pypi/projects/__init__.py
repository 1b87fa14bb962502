"""Changes to what is already in the bucket: deleting, yanking, and project statuses."""
