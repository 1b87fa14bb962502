"""The deployment on this machine: an emulated AWS, an edge server, and a proxy for faults."""
