"""The commands, a module each: `run(args, report)` puts the parts together and returns.

`opening` and `telling` are what they share.
"""
