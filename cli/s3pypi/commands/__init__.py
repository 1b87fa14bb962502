"""The subcommands; each module defines one as `command`.

To add a subcommand, add a module here and its name to `cli.COMMANDS`. At its top, a module only
imports Click and `command_line`. Other imports belong inside its function, so that help texts
appear quickly.
"""
