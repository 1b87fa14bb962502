"""The function that keeps the index pages of a bucket equal to the distributions in it."""
