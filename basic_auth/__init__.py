"""What runs at the edge, in front of the bucket: negotiation and basic authentication."""
