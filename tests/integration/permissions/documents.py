"""Get Terraform's policy documents by applying the module to an emulated AWS."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.local import emulator
from scripts.local.emulator import REGION, running_emulator
from tests.terraform.runner import EMULATOR, SOURCE, initialized

ACCOUNT = "123456789012"
"""Moto's account, which the documents are translated to."""
BUCKET = "example-bucket"

# The module alone, without the look-ups of certificate and zone that the root makes.
ROOT = f"""
terraform {{
  required_providers {{
    aws = {{
      source = "hashicorp/aws"
    }}
  }}
}}

provider "aws" {{
  region = "{REGION}"
}}

provider "aws" {{
  alias  = "us_east_1"
  region = "us-east-1"
}}

module "s3pypi" {{
  source = "{SOURCE}/modules/s3pypi"

  bucket            = "{BUCKET}"
  domain            = "pypi.example.com"
  prefixes          = ["dev", "prod"]
  promotions = [
    {{ from = "dev", to = "prod" }},
    {{ from = "prod", to = "dev", move = true }},
  ]
  certificate_arn   = "arn:aws:acm:us-east-1:{emulator.ACCOUNT}:certificate/1"
  create_dns_record = false
  function_zip      = "${{path.root}}/none.zip"

  providers = {{
    aws.us_east_1 = aws.us_east_1
  }}
}}

output "documents" {{
  value = module.s3pypi.policy_documents
}}
"""


def policy_documents(directory: Path, provider: Path) -> Mapping[str, Mapping[str, Any]]:
    """Apply the policy documents, and the resources that they need.

    Args:
        directory: an empty one, to work in.
        provider: of Terraform.

    Returns:
        The documents by their names in the module's output `policy_documents`.
    """
    (directory / "main.tf").write_text(ROOT)
    (directory / "none.zip").touch()
    names = (
        *("uploader", "reader", "promoter", "operator"),
        *("function", "function_cdn", "basic_auth", "token"),
    )
    wanted = [f"-target=module.s3pypi.data.aws_iam_policy_document.{name}" for name in names]
    with (
        running_emulator(program=EMULATOR) as aws,
        initialized(directory, provider, aws.url) as terraform,
    ):
        terraform.run("apply", "-input=false", "-auto-approve", *wanted)
        documents = terraform.outputs()["documents"]
    return {
        name: json.loads(text.replace(emulator.ACCOUNT, ACCOUNT))
        for name, text in documents.items()
    }
