"""The subcommands: each module defines one as `command`.

To add one, add a module, and its name to `cli.COMMANDS`. A module imports Click and `command_line`
at its top, and everything else inside its function, so that help texts appear at once.
"""
