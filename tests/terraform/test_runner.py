"""Find Terraform's provider, with a script in place of Terraform."""

from pathlib import Path

import pytest

from . import runner


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a script in place of Terraform, and no mirror."""
    script = tmp_path / "bin" / "terraform"
    script.parent.mkdir()
    script.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    monkeypatch.delenv(runner.PLUGINS, raising=False)
    monkeypatch.setattr(runner, "INSTALLED", tmp_path / "installed")
    return script


def test_a_plain_init_is_enough(terraform: Path, tmp_path: Path) -> None:
    """The installed provider is used; init runs once for each version."""
    terraform.write_text("#!/bin/sh\necho $@ >> runs\ntouch .terraform.lock.hcl\n")
    directory = tmp_path / "installed" / runner.TESTED
    for _ in range(2):
        assert runner.plugins() == str(directory / ".terraform" / "providers")
    assert (directory / "runs").read_text() == "init -input=false -no-color\n"
    assert runner.TESTED in (directory / "main.tf").read_text()


def test_a_mirror_needs_no_init(terraform: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A named mirror takes precedence."""
    terraform.write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setenv(runner.PLUGINS, "mirror")
    assert runner.plugins() == "mirror"


def test_without_either_the_tests_are_skipped(terraform: Path) -> None:
    """The reason contains Terraform's error and the alternative."""
    terraform.write_text("#!/bin/sh\necho no route >&2\nexit 1\n")
    with pytest.raises(pytest.skip.Exception, match=runner.PLUGINS) as caught:
        runner.plugins()
    assert "no route" in str(caught.value)


def test_without_terraform_the_tests_are_skipped(terraform: Path) -> None:
    """A mirror alone is not enough."""
    terraform.unlink()
    with pytest.raises(pytest.skip.Exception, match="not on the PATH"):
        runner.plugins()
