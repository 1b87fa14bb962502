"""Check names against an upstream index."""
