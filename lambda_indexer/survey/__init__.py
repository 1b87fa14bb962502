"""Compare whole indexes with the bucket; nothing here changes anything."""
