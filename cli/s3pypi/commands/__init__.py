"""The commands, a module each: `run(args, report)` puts the parts together and returns."""
