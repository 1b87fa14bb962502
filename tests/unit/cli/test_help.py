"""Help texts, the version and shell completion."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from s3pypi import __version__
from s3pypi.cli import COMMANDS, INTERRUPTED, app, main
from tests.unit.cli.parsing import parsed
from tests.unit.cli.running import python

ROOT = Path(__file__).parents[3]
PUBLISH = (ROOT / "docs" / "publish.md").read_text()


def test_help_and_version_are_light() -> None:
    """`--version` and `--help` import no slow modules."""
    asked = ("--help", "-V", "--version", *(f"{command} --help" for command in COMMANDS))
    code = (
        "import sys; from s3pypi.cli import main;"
        "codes = [main(argv.split()) for argv in sys.argv[1:]];"
        "slow = {'boto3', 'botocore', 'tqdm', 'packaging'} & set(sys.modules);"
        "sys.exit(f'imported {slow}' if slow else any(codes))"
    )
    done = python("-c", code, *asked)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Usage: s3pypi") == 1 + len(COMMANDS)
    assert done.stdout.count(f"s3pypi {__version__}\n") == 2


@pytest.mark.parametrize("argv", [(), *((command,) for command in COMMANDS)])
def test_help(argv: tuple[str, ...]) -> None:
    """Help texts have sentences, an example, and at most 80 columns."""
    done = CliRunner().invoke(app, [*argv, "--help"], prog_name="s3pypi", env={"COLUMNS": "200"})
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert not any(line.endswith(("[env", "[env var:")) for line in lines)
    assert done.stdout.isascii()
    summary = next(line for line in lines[1:] if line)
    assert summary[2].isupper()
    assert summary.endswith(".")
    examples = [line for line in lines if line.startswith("    s3pypi ")]
    assert examples
    for example in examples:
        parsed(*shlex.split(example)[1:])
    assert not [line for line in lines[1:] if line.endswith("...")]
    for retired in ("index.html", "put-root-index", "locks-table", "lock-indexes"):
        assert retired not in done.stdout


def test_help_shows_only_what_belongs_to_the_command() -> None:
    """The help of a command has only its own options."""
    runner = CliRunner()
    unlock = runner.invoke(app, ["force-unlock", "--help"]).stdout
    for option in ("--s3-put-args", "--dry-run", "--wait", "--function"):
        assert option not in unlock
    assert "--wait" not in runner.invoke(app, ["yank", "--help"]).stdout
    assert " --prefix" not in runner.invoke(app, ["promote", "--help"]).stdout
    assert "--function" not in runner.invoke(app, ["upload", "--help"]).stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("s3pypi up", "plain,upload"),
        ("s3pypi upload --st", "plain,--strict"),
        ("s3pypi status demo ar", "plain,archived"),
        ("s3pypi upload --lock", ""),
        ("s3pypi upload dist/de", "file,dist/de"),
        ("s3pypi prune --rules pru", "file,pru"),
    ],
)
def test_shell_completion(words: str, expected: str) -> None:
    """Commands, options and values are completed."""
    environ = {
        "_S3PYPI_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    done = python("-m", "s3pypi", environ=environ)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, expected, "")


def test_completion_in_bash(tmp_path: Path) -> None:
    """The line of the docs completes commands in a real Bash."""
    (tmp_path / "s3pypi").write_text(f'#!/bin/sh\nexec {sys.executable} -m s3pypi "$@"\n')
    (tmp_path / "s3pypi").chmod(0o755)
    line = 'eval "$(_S3PYPI_COMPLETE=bash_source s3pypi)"'
    assert f"`{line}`" in PUBLISH
    script = f'{line}; COMP_WORDS=(s3pypi up) COMP_CWORD=1; $1 s3pypi; echo "${{COMPREPLY[*]}}"'
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S603 - ourselves
        ["bash", "-c", script, "bash", "_s3pypi_completion"],  # noqa: S607 - wherever it is
        env=os.environ | {"PATH": path, "PYTHONPATH": str(ROOT / "cli")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("upload\n", "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion_in_other_shells(shell: str) -> None:
    """The lines of the docs get a script that asks the command for completions."""
    assert f"_S3PYPI_COMPLETE={shell}_source s3pypi" in PUBLISH
    done = python("-m", "s3pypi", environ={"_S3PYPI_COMPLETE": f"{shell}_source"})
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_S3PYPI_COMPLETE={shell}_complete" in done.stdout


def test_help_documents_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """The help documents the exit codes."""
    assert main(["upload", "--help"]) == 0
    text = capsys.readouterr().out
    for code in (0, 1, 2, 3, 4, INTERRUPTED):
        assert f"\n    {code:<5}" in text


def test_module_runs() -> None:
    """`python -m s3pypi` runs the command, and exits with its code."""
    done = python("-m", "s3pypi", "upload")
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: s3pypi upload")
