"""Options, parameter types and output that several commands share."""
