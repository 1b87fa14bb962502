"""Fixtures of the tests that need an emulated AWS."""
