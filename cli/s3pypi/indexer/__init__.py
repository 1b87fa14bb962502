"""Commands to the indexer, such as verify and rebuild, and the state of its queue."""
