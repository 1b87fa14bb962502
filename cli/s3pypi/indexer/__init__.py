"""Requests to the indexer: verify, rebuild, and its queue's state."""
