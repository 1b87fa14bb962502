"""Where Terraform's provider comes from, with a script in Terraform's place."""

from pathlib import Path

import pytest

from . import runner


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script that is Terraform, and no mirror."""
    script = tmp_path / "bin" / "terraform"
    script.parent.mkdir()
    script.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    monkeypatch.delenv(runner.PLUGINS, raising=False)
    monkeypatch.setattr(runner, "INSTALLED", tmp_path / "installed")
    return script


def test_a_plain_init_is_enough(terraform: Path, tmp_path: Path) -> None:
    """What it has installed is used; it is run once, for the version that is tested."""
    terraform.write_text("#!/bin/sh\necho $@ >> runs\ntouch .terraform.lock.hcl\n")
    directory = tmp_path / "installed" / runner.TESTED
    for _ in range(2):
        assert runner.plugins() == str(directory / ".terraform" / "providers")
    assert (directory / "runs").read_text() == "init -input=false -no-color\n"
    assert runner.TESTED in (directory / "main.tf").read_text()


def test_a_mirror_needs_no_init(terraform: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is named is used, whatever else could be had."""
    terraform.write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setenv(runner.PLUGINS, "mirror")
    assert runner.plugins() == "mirror"


def test_without_either_the_tests_are_skipped(terraform: Path) -> None:
    """The reason is Terraform's, and says what else would do."""
    terraform.write_text("#!/bin/sh\necho no route >&2\nexit 1\n")
    with pytest.raises(pytest.skip.Exception, match=runner.PLUGINS) as caught:
        runner.plugins()
    assert "no route" in str(caught.value)


def test_without_terraform_the_tests_are_skipped(terraform: Path) -> None:
    """A mirror alone does not help."""
    terraform.unlink()
    with pytest.raises(pytest.skip.Exception, match="not on the PATH"):
        runner.plugins()
