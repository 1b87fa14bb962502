"""Switch options on a live deployment, and check the order of Terraform's changes.

AWS refuses to delete what is in use, and readers notice what is deleted too early.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from scripts.local.clients import Clients
from scripts.local.emulator import CREDENTIALS, REGION, running_emulator
from scripts.local.proxy.server import running_proxy
from tests.strict import Strict

from .runner import EMULATOR, Terraform, copy_of_the_source, initialized

CONFIGURATION = f"""
provider "aws" {{
  region = "{REGION}"
}}

provider "aws" {{
  alias  = "us_east_1"
  region = "us-east-1"
}}

variable "enable_basic_auth" {{}}

variable "enable_dynamodb_locking" {{}}

module "s3pypi" {{
  source = "./terraform/modules/s3pypi"

  bucket                  = "switched-bucket"
  domain                  = "switched.example.com"
  certificate_arn         = "arn:aws:acm:us-east-1:000000000000:certificate/1"
  create_dns_record       = false
  create_alarms           = false
  function_zip            = "${{path.root}}/none.zip"
  basic_auth_zip          = "${{path.root}}/none.zip"
  enable_basic_auth       = var.enable_basic_auth
  enable_dynamodb_locking = var.enable_dynamodb_locking

  providers = {{
    aws.us_east_1 = aws.us_east_1
  }}
}}

output "basic_auth_function" {{
  value = module.s3pypi.basic_auth_function
}}
"""
# The emulator deploys a distribution at once, and the provider would look after half a minute.
HASTE = """
resource "aws_cloudfront_distribution" "cdn" {
  wait_for_deployment = false
}
"""
DISTRIBUTION = "update aws_cloudfront_distribution.cdn"
# A zip without files: nothing of it is run.
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


@dataclass(frozen=True)
class Applied:
    """The result of one `terraform apply`.

    Attributes:
        steps: as `Terraform.apply` gives them.
        function: the name of the function that checks passwords; None when nobody is asked.
    """

    steps: list[str]
    function: str | None

    def in_order(self, *expected: str) -> bool:
        """Return whether all of these steps happened in this order."""
        return [step for step in self.steps if step in expected] == list(expected)


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory, provider: Path) -> Iterator[list[Applied]]:
    """Basic authentication off, on, off, on, with locking the other way round.

    The AWS is as strict as the real one about what is in use.
    """
    directory = tmp_path_factory.mktemp("switching")
    module = copy_of_the_source(directory) / "modules" / "s3pypi"
    (module / "haste_override.tf").write_text(HASTE)
    (directory / "main.tf").write_text(CONFIGURATION)
    (directory / "none.zip").write_bytes(EMPTY_ZIP)
    with running_emulator(program=EMULATOR) as aws, closing(Clients(aws.url)) as clients:
        cloudfront = boto3.client(
            "cloudfront",
            endpoint_url=aws.url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(proxies={}),
        )
        with (
            closing(cloudfront),
            running_proxy(aws.port, Strict(clients, cloudfront)) as proxy,
            initialized(directory, provider, proxy.url) as terraform,
        ):
            yield [switch(terraform, on=on) for on in (False, True, False, True)]


def switch(terraform: Terraform, *, on: bool) -> Applied:
    """Apply with basic authentication on or off."""
    steps = terraform.apply(enable_basic_auth=on, enable_dynamodb_locking=not on)
    return Applied(steps, terraform.outputs().get("basic_auth_function"))


@pytest.mark.parametrize("number", [1, 3])
def test_basic_auth_on(applied: list[Applied], number: int) -> None:
    """The distribution stops using its function before that is deleted."""
    assert applied[number].in_order(
        "create aws_iam_role_policy.edge: complete",
        "create aws_lambda_function.edge: complete",
        f"{DISTRIBUTION}: start",
        f"{DISTRIBUTION}: complete",
        "delete aws_cloudfront_function.viewer_request: start",
    ), applied[number]


@pytest.mark.parametrize("kind", ["aws_iam_role_policy", "aws_iam_role"])
def test_basic_auth_off(applied: list[Applied], kind: str) -> None:
    """The function keeps its role until the distribution stops using it."""
    assert applied[2].in_order(
        "create aws_cloudfront_function.viewer_request: complete",
        f"{DISTRIBUTION}: start",
        f"{DISTRIBUTION}: complete",
        f"delete {kind}.edge: start",
    ), applied[2]


def test_basic_auth_on_again(applied: list[Applied]) -> None:
    """The second function has another name, as AWS keeps the first for hours."""
    _, first, off, second = (each.function for each in applied)
    assert off is None
    assert first is not None
    assert second is not None
    assert first != second


def test_locking(applied: list[Applied]) -> None:
    """The function has the lock table while it uses it."""
    function = "update aws_lambda_function.indexer"
    off, on = applied[1], applied[2]
    assert off.in_order(f"{function}: complete", "delete aws_dynamodb_table.locks: start"), off
    assert on.in_order("create aws_dynamodb_table.locks: complete", f"{function}: start"), on
