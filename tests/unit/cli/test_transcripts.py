from s3pypi.cli import COMMANDS
from tests.unit.cli.transcripts import DOCUMENT, commands, play


def test_transcripts() -> None:
    """Each output in the docs is what the command prints."""
    document = DOCUMENT.read_text()
    assert play(document) == document


def test_every_command_is_shown() -> None:
    """No command is missing."""
    assert commands(DOCUMENT.read_text()) == set(COMMANDS)
