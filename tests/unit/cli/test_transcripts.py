from s3pypi.cli import COMMANDS
from tests.unit.cli.transcripts import DOCUMENT, commands, play


def test_transcripts() -> None:
    """The command prints the outputs in the docs."""
    document = DOCUMENT.read_text()
    assert play(document) == document


def test_every_command_is_shown() -> None:
    """All commands are documented."""
    assert commands(DOCUMENT.read_text()) == set(COMMANDS)
