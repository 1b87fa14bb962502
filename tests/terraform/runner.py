"""Run Terraform in a separate directory, with a shared provider and no user configuration."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from scripts.local.emulator import CREDENTIALS
from tests.sharing import locked

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "terraform"
# What `running_emulator` runs for Terraform; -P keeps the modules beside it out of its way.
EMULATOR = ("-P", str(Path(__file__).with_name("repeats.py")))
PLUGINS = "S3PYPI_TERRAFORM_PLUGINS"
INSTALLED = ROOT / ".cache" / "terraform"

# The version of the provider that is tested, where no mirror brings its own.
TESTED = "5.100.0"
REQUIREMENT = f"""
terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "{TESTED}"
    }}
  }}
}}
"""

# Terraform's own files beside the configurations.
_OF_TERRAFORM = shutil.ignore_patterns(".terraform", "*.tfstate*", "*.tfvars")

# What the provider must not try at an emulator.
OVERRIDE = """
provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
}

provider "aws" {
  alias                       = "us_east_1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
}
"""


def plugins() -> str:
    """Return the directory of the AWS provider; skip the test if there is none.

    It is the mirror that `S3PYPI_TERRAFORM_PLUGINS` names, or else what a plain `terraform init`
    installs.
    """
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not on the PATH: the deployment was not tested")
    return os.environ.get(PLUGINS) or installed_plugins(INSTALLED / TESTED)


def installed_plugins(directory: Path) -> str:
    """Return the directory of the provider that a plain `terraform init` installs.

    Args:
        directory: where to run it, unless it has succeeded there before.
    """
    succeeded = directory / ".terraform.lock.hcl"
    with locked(directory / "lock"):
        (directory / "main.tf").write_text(REQUIREMENT)
        if not succeeded.exists():
            done = subprocess.run(
                ["terraform", "init", "-input=false", "-no-color"],  # noqa: S607
                cwd=directory,
                capture_output=True,
                text=True,
                check=False,
                timeout=600,
            )
            if done.returncode:
                pytest.skip(
                    f"terraform init cannot install the AWS provider, and {PLUGINS} does not name"
                    f" a mirror of it: the deployment was not tested\n{done.stderr.strip()}"
                )
    return str(directory / ".terraform" / "providers")


@dataclass(frozen=True)
class Terraform:
    """Terraform in one directory.

    Attributes:
        directory: of the configuration.
        environment: of all commands.
    """

    directory: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> str:
        """Run a command that must succeed, and return its output."""
        done = subprocess.run(  # noqa: S603
            ["terraform", *arguments],  # noqa: S607
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, f"{arguments}\n{done.stdout[-4000:]}\n{done.stderr}"
        return done.stdout

    def outputs(self) -> dict[str, Any]:
        """Return the values of the outputs."""
        outputs = json.loads(self.run("output", "-json"))
        return {name: output["value"] for name, output in outputs.items()}

    def apply(self, **variables: Any) -> list[str]:
        """Apply with these variables, and return the steps in order.

        Returns:
            One entry for each step, such as `update aws_cloudfront_distribution.cdn: start`; the
            names of modules and the indices of counts are left out.
        """
        given = (f"-var={name}={json.dumps(value)}" for name, value in variables.items())
        said = self.run("apply", "-input=false", "-auto-approve", "-refresh=false", "-json", *given)
        steps = []
        for event in map(json.loads, said.splitlines()):
            if event["type"] in {"apply_start", "apply_complete"}:
                hook = event["hook"]
                resource = (
                    f"{hook['resource']['resource_type']}.{hook['resource']['resource_name']}"
                )
                ends = event["type"].removeprefix("apply_")
                steps.append(f"{hook['action']} {resource}: {ends}")
        return steps

    def planned(self, *options: str) -> list[dict[str, Any]]:
        """Return the planned change of each resource: address and action, without the values."""
        said = self.run("plan", "-input=false", "-json", *options)
        events = map(json.loads, said.splitlines())
        return [event["change"] for event in events if event["type"] == "planned_change"]

    def changes(self) -> list[dict[str, Any]]:
        """Return the changes of a plan, as Terraform describes them."""
        self.run("plan", "-input=false", "-out=plan")
        plan = json.loads(self.run("show", "-json", "plan"))
        return [each for each in plan["resource_changes"] if each["change"]["actions"] != ["no-op"]]


def install_provider(directory: Path) -> None:
    """Install the provider that the root's lock file selects.

    Args:
        directory: for a copy of the configurations.
    """
    shutil.copytree(SOURCE, directory, ignore=_OF_TERRAFORM)
    terraform = Terraform(directory, _environment(""))
    terraform.run("init", "-input=false", f"-plugin-dir={plugins()}")


@contextmanager
def initialized(
    directory: Path,
    provider: Path,
    endpoint: str = "",
    variables: Mapping[str, Any] | None = None,
) -> Iterator[Terraform]:
    """Run one provider for all commands in a directory; otherwise Terraform starts five for each.

    It has one configuration, so all `provider` blocks must have the same region.

    Args:
        directory: of the configuration.
        provider: where `install_provider` has installed it.
        endpoint: of the emulated AWS, empty for none.
        variables: of the configuration.
    """
    if endpoint:
        (directory / "emulator_override.tf").write_text(OVERRIDE)
    if variables:
        (directory / "test.auto.tfvars.json").write_text(json.dumps(variables))
    environment = _environment(endpoint)
    [binary] = provider.glob(".terraform/providers/*/*/*/*/*/terraform-provider-aws_*")
    with subprocess.Popen(  # noqa: S603 - of the tested configuration
        [str(binary), "-debug"],
        cwd=directory,  # for the paths of zips
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            found = (re.search("(TF_REATTACH_PROVIDERS)='(.+)'", x) for x in process.stdout)
            [line] = islice(filter(None, found), 1)
            terraform = Terraform(directory, {**environment, line[1]: line[2]})
            terraform.run("init", "-input=false")
            yield terraform
        finally:
            process.kill()


def _environment(endpoint: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {
        **kept,
        **CREDENTIALS,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        **({"AWS_ENDPOINT_URL": endpoint} if endpoint else {}),
        "CHECKPOINT_DISABLE": "1",
        # A third less processor time for a third more memory.
        "GOGC": "400",
        "GOMAXPROCS": "1",
        "TF_CLI_CONFIG_FILE": os.devnull,
        "TF_IN_AUTOMATION": "1",
        "TF_CLI_ARGS": "-no-color",
    }


def copy_of_the_source(directory: Path) -> Path:
    """Copy the configurations without Terraform's own files; return the copy's root."""
    target = directory / "terraform"
    shutil.copytree(SOURCE, target, ignore=_OF_TERRAFORM)
    return target
