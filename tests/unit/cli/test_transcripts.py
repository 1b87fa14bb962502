from s3pypi.cli import COMMANDS
from tests.unit.cli.transcripts import DOCUMENT, commands, play

ELSEWHERE = {"config", "names", "forget", "token"}
"""Commands whose own pages show them."""


def test_transcripts() -> None:
    """Each output in the docs is what the command prints."""
    document = DOCUMENT.read_text()
    assert play(document) == document


def test_every_command_is_shown() -> None:
    """No command is missing."""
    assert commands(DOCUMENT.read_text()) | ELSEWHERE == set(COMMANDS)
