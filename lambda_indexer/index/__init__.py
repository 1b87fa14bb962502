"""Derive the pages of an index from the objects in the bucket, project by project."""
