"""A local deployment: an emulated AWS, an edge server, and a proxy for faults."""
