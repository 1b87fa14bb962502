"""A local proxy that counts, delays and fails calls between a client and the local AWS."""
