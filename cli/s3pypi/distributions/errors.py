"""The exception for invalid distributions."""


class InvalidDistributionError(ValueError):
    """A file is not a valid distribution; the message is the reason.

    The command refuses to upload the file. The index does not list it, and shows the reason on the
    project's page.
    """
