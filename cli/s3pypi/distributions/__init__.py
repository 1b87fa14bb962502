"""What a distribution says of itself: its filename, its archive, its core metadata.

Pure: nothing here opens a file, reads the environment or knows AWS. The command and the Lambda
function both use this package, so the command accepts exactly what the index lists.
"""
