"""The pages of the index, as the command reads them."""
