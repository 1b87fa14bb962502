"""Why a file is not a distribution that installers can use."""


class InvalidDistributionError(ValueError):
    """A file cannot be listed; the text is the reason, for a person to read.

    It concerns this one file. The command refuses to upload it. The index leaves it out and shows
    the reason on the project's page.
    """
