"""Resources of s3pypi 1.x and 2.x keep their state under new addresses."""

import json
from pathlib import Path
from typing import Any

from scripts.local.emulator import Emulator

from .runner import SOURCE, initialized

PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'
BUCKET, ZONE = "old-bucket", "Z0000000000000OLD"


def old(kind: str, called: str, version: int, **attributes: Any) -> dict[str, Any]:
    """Return a resource in a state."""
    return {
        "module": "module.s3pypi",
        "mode": "managed",
        "type": kind,
        "name": called,
        "provider": PROVIDER,
        "instances": [{"schema_version": version, "attributes": attributes}],
    }


CONFIGURATION = f"""
provider "aws" {{
  region = "us-east-1"
}}

provider "aws" {{
  alias  = "us_east_1"
  region = "us-east-1"
}}

module "s3pypi" {{
  source = "{SOURCE}/modules/s3pypi"

  bucket          = "{BUCKET}"
  domain          = "old.example.com"
  certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/1"
  hosted_zone_id  = "{ZONE}"
  function_zip    = "${{path.root}}/none.zip"

  providers = {{
    aws.us_east_1 = aws.us_east_1
  }}
}}
"""


def test_nothing_of_an_old_state_is_deleted(
    tmp_path: Path, provider: Path, emulator: Emulator
) -> None:
    """No resource of an old state is deleted and created again."""
    (tmp_path / "main.tf").write_text(CONFIGURATION)
    (tmp_path / "none.zip").touch()
    state = {
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 1,
        "lineage": "old",
        "outputs": {},
        "resources": [
            old("aws_s3_bucket", "pypi", 0, id=BUCKET, bucket=BUCKET),
            old("aws_s3_bucket_policy", "s3_policy", 0, id=BUCKET, bucket=BUCKET, policy="{}"),
            old(
                *("aws_route53_record", "alias", 2),
                id=f"{ZONE}_old.example.com_A",
                name="old.example.com",
                type="A",
                zone_id=ZONE,
            ),
        ],
    }
    (tmp_path / "terraform.tfstate").write_text(json.dumps(state))
    with initialized(tmp_path, provider, emulator.url) as terraform:
        changes = terraform.planned("-refresh=false")
    assert not [each for each in changes if each["action"] in {"delete", "remove", "replace"}]
    moved = {
        each["previous_resource"]["addr"]: each["resource"]["addr"]
        for each in changes
        if "previous_resource" in each
    }
    assert moved == {
        "module.s3pypi.aws_s3_bucket_policy.s3_policy": "module.s3pypi.aws_s3_bucket_policy.pypi",
        "module.s3pypi.aws_route53_record.alias": 'module.s3pypi.aws_route53_record.cdn["A"]',
    }
