"""From files on this machine to objects in the bucket that the index lists."""
