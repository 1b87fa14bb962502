"""One index: from what lies in the bucket to what its pages must say, project by project."""
