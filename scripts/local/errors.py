"""The exception of the local deployment."""


class EmulatorError(Exception):
    """The local AWS cannot start, or has exited; the message says why and what to do."""
