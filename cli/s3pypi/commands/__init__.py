"""The commands, a module each: `run(args, report)` puts the parts together and returns.

`opening` is what they share.
"""
