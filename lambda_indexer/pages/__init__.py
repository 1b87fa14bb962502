"""Pages as bytes: a model rendered as HTML and JSON, and read back. Pure."""
