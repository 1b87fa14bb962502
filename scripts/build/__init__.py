"""The builders of the functions' zips; they need nothing but Python and pip."""
