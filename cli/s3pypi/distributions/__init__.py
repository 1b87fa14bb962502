"""Parse distributions: filenames, archives and core metadata.

Pure: no module opens a file, reads the environment or uses AWS. Both the command and the Lambda
function use this package, so the command accepts exactly the files that the index lists.
"""
