"""Build the functions' zips. Only Python and pip are required."""
