"""What an upstream index says about our names."""
