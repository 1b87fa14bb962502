"""The policy documents as Terraform makes them, from an apply of the module to an emulated AWS."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts.emulator import REGION, running_emulator

MODULE = Path(__file__).parents[3] / "terraform" / "modules" / "s3pypi"
PLUGINS = "S3PYPI_TERRAFORM_PLUGINS"
ACCOUNT = "123456789012"
"""Moto's account, whose number is in the documents' ARNs; to ministack an access key as well."""
BUCKET = "example-bucket"

ROOT = f"""
terraform {{
  required_providers {{
    aws = {{
      source = "hashicorp/aws"
    }}
  }}
}}

provider "aws" {{
  region            = "{REGION}"
  s3_use_path_style = true
}}

module "s3pypi" {{
  source = "{MODULE}"

  bucket            = "{BUCKET}"
  domain            = "pypi.example.com"
  prefixes          = ["team"]
  certificate_arn   = "arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1"
  create_dns_record = false
  function_zip      = "${{path.root}}/none.zip"

  providers = {{
    aws.us_east_1 = aws
  }}
}}

output "documents" {{
  value = module.s3pypi.policy_documents
}}
"""


def policy_documents(directory: Path) -> Mapping[str, Mapping[str, Any]]:
    """Apply the module's documents, and of its resources what they need to know.

    Args:
        directory: an empty one, to work in.

    Returns:
        The documents by their names in the module's output `policy_documents`.
    """
    plugins = os.environ.get(PLUGINS)
    if not shutil.which("terraform"):
        pytest.skip("terraform is not on the PATH: its policies were not tested")
    if not plugins:
        unfit = pytest.fail if os.environ.get("CI") else pytest.skip
        unfit(f"{PLUGINS} does not name a mirror of the AWS provider: its policies were not tested")
    (directory / "main.tf").write_text(ROOT)
    (directory / "none.zip").touch()
    with running_emulator() as emulator:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_ENDPOINT_URL": emulator.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CHECKPOINT_DISABLE": "1",
        }

        def terraform(*argv: str) -> str:
            done = subprocess.run(  # noqa: S603
                ["terraform", *argv],  # noqa: S607 - wherever it is installed
                cwd=directory,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        names = ("uploader", "reader", "operator", "function", "function_cdn", "basic_auth")
        wanted = [f"-target=module.s3pypi.data.aws_iam_policy_document.{name}" for name in names]
        terraform("init", "-input=false", "-backend=false", f"-plugin-dir={plugins}")
        terraform("apply", "-input=false", "-auto-approve", "-no-color", *wanted)
        documents = json.loads(terraform("output", "-json", "documents"))
    return {name: json.loads(text) for name, text in documents.items()}
