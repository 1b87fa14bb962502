"""Workflows of GitHub run existing commands with minimal permissions."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
WORKFLOWS: dict[str, dict[Any, Any]] = {
    path.stem: yaml.safe_load(path.read_text())
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
}
# YAML 1.1 reads the key `on` as true.
ON = True
JOBS = {
    f"{name}-{key}": job
    for name, workflow in WORKFLOWS.items()
    for key, job in workflow["jobs"].items()
}
each_job = pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)


def commands(job: dict[str, Any]) -> list[str]:
    """Return the shell commands of a job."""
    return [step["run"] for step in job.get("steps", []) if "run" in step]


def check_commands() -> list[str]:
    """Return the commands of `make check`."""
    recipe = re.search(r"^check:.*\n((?:\t.+\n)+)", MAKEFILE, re.MULTILINE)
    assert recipe
    return [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]


def test_python_versions() -> None:
    """Checks and tests run on all supported versions of Python."""
    test = WORKFLOWS["ci"]["jobs"]["test"]
    assert test["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text()
    assert commands(test) == ["make check", "make test"]
    assert {"push", "pull_request"} <= set(WORKFLOWS["ci"][ON])


def test_release() -> None:
    """A tag is tested, built, attested and released with the zips for Terraform."""
    workflow = WORKFLOWS["release"]
    assert workflow[ON] == {"push": {"tags": ["v*"]}}
    jobs = workflow["jobs"]
    assert jobs["test"]["uses"] == "./.github/workflows/ci.yml"
    assert jobs["build"]["needs"] == "test"
    assert jobs["release"]["needs"] == "build"
    assert "make package" in commands(jobs["build"])

    names = [step["uses"].partition("@")[0] for step in jobs["release"]["steps"] if "uses" in step]
    assert names == ["actions/download-artifact", "actions/attest-build-provenance"]
    attest = jobs["release"]["steps"][1]
    assert attest["with"] == {"subject-path": "dist/*"}
    (create,) = commands(jobs["release"])
    assert create.startswith("gh release create")
    assert create.endswith(" dist/*")


def test_the_zips_are_built_for_the_runtime() -> None:
    """The release is built with Lambda's version of Python, for its bytecode."""
    steps = WORKFLOWS["release"]["jobs"]["build"]["steps"]
    (python,) = [
        step["with"]["python-version"]
        for step in steps
        if step.get("uses", "").startswith("actions/setup-python@")
    ]
    function = (ROOT / "terraform" / "modules" / "s3pypi" / "function.tf").read_text()
    assert f'"python{python}"' in function


@pytest.mark.parametrize("name", WORKFLOWS)
def test_permissions_of_workflows(name: str) -> None:
    """Workflows only have permission to read the repository."""
    assert WORKFLOWS[name]["permissions"] in ({}, {"contents": "read"})


@each_job
def test_permissions_of_jobs(job: dict[str, Any]) -> None:
    """Jobs with write permissions run no code of the repository."""
    if "write" in job.get("permissions", {}).values():
        assert not [step for step in job["steps"] if "checkout" in step.get("uses", "")]
        assert not [command for command in commands(job) if not command.startswith("gh ")]


@each_job
def test_jobs(job: dict[str, Any]) -> None:
    """Jobs have a timeout, pin actions to commits, and keep no credentials."""
    if "steps" not in job:
        assert (ROOT / job["uses"]).is_file()
        return
    assert job["timeout-minutes"] <= 60
    for step in job["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@each_job
def test_commands(job: dict[str, Any]) -> None:
    """Each target of `make` exists, and no command contains an expression of GitHub."""
    for command in commands(job):
        assert "${{" not in command
        for verb in re.findall(r"\bmake (\w+)", command):
            assert re.search(rf"^{verb}:", MAKEFILE, re.MULTILINE)


def test_pre_commit_runs_the_checks() -> None:
    """The hooks are the commands of `make check`, in the same order."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    (repository,) = config["repos"]
    assert repository["repo"] == "local"  # nothing is downloaded
    assert [hook["entry"].removeprefix("env ") for hook in repository["hooks"]] == check_commands()
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert hook["pass_filenames"] is False
