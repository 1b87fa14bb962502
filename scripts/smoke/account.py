"""Checks of the account and the function that need no uploads."""

import json
import shutil
import subprocess

from scripts.smoke.check import Check, NotHereError, SmokeError, expect
from scripts.smoke.world import World

# Conditional requests require it: https://github.com/boto/botocore/blob/develop/CHANGELOG.rst
OLDEST_BOTOCORE = (1, 40, 61)
NEW_ACCOUNT = 10
# See docs/deploy.md.
TERRAFORM, PROVIDER, TESTED = (1, 9), (5, 100), (5, 100)
# Keys of certificates that CloudFront supports:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
KEYS = {"RSA-2048", "RSA-3072", "RSA-4096", "EC-prime256v1"}


def provider(world: World) -> str:
    """Check the versions of Terraform and its AWS provider."""
    program = shutil.which("terraform")
    if program is None:
        raise NotHereError("terraform is not on the PATH")
    done = subprocess.run(  # noqa: S603
        [program, "version", "-json"],
        cwd=world.terraform,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    chosen = found.get("provider_selections", {})
    version = next((chosen[name] for name in chosen if name.endswith("/hashicorp/aws")), None)
    if version is None:
        raise NotHereError(f"no AWS provider in {world.terraform}: use --terraform DIRECTORY")
    for what, text, oldest in (
        ("Terraform", found["terraform_version"], TERRAFORM),
        ("the AWS provider", version, PROVIDER),
    ):
        if _version(text) < oldest:
            raise SmokeError(f"{what} {text} is too old: see docs/deploy.md")
    tested = "tested" if _version(version)[:2] == TESTED else "not tested yet"
    return f"Terraform {found['terraform_version']}, AWS provider {version} ({tested})"


def _version(text: str) -> tuple[int, ...]:
    """Return the numbers of a version, without what follows a hyphen."""
    return tuple(int(part) for part in text.partition("-")[0].split("."))


def quotas(world: World) -> str:
    """Check the quota of concurrent executions of Lambda. New accounts may have 10."""
    limits = world.client("lambda").get_account_settings()["AccountLimit"]
    executions, unreserved = (
        limits["ConcurrentExecutions"],
        limits["UnreservedConcurrentExecutions"],
    )
    if executions <= NEW_ACCOUNT:
        raise SmokeError(f"{executions} concurrent executions: request more in Service Quotas")
    return f"{executions} concurrent executions, {unreserved} of them unreserved"


def certificate(world: World) -> str:
    """Check that the certificate is for the domain, with a key that CloudFront supports."""
    config = world.client("cloudfront", "us-east-1").get_distribution(
        Id=world.stack.distribution_id
    )["Distribution"]
    arn = config["DistributionConfig"]["ViewerCertificate"]["ACMCertificateArn"]
    found = world.client("acm", "us-east-1").describe_certificate(CertificateArn=arn)["Certificate"]
    key = found["KeyAlgorithm"].replace("_", "-")
    if key not in KEYS:
        raise SmokeError(f"CloudFront does not support keys of type {key}")
    expect(found["Status"], "ISSUED", "status of the certificate")
    expect(config["Status"], "Deployed", "status of the distribution")
    return f"{key}, until {found['NotAfter']:%Y-%m-%d}; distribution deployed"


def function(world: World) -> str:
    """Check the versions of Python and botocore that the function logs when it starts."""
    functions = world.client("lambda")
    config = functions.get_function_configuration(FunctionName=world.stack.function_name)
    functions.invoke(
        FunctionName=world.stack.function_name,
        Payload=json.dumps(
            {"command": "verify", "bucket": world.stack.bucket, "prefix": world.prefix}
        ),
    )["Payload"].read()
    logs = world.client("logs")
    started: dict[str, str] = {}

    def is_logged() -> bool:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{world.stack.function_name}", filterPattern='"started"'
        )
        for page in pages:
            for event in page["events"]:
                _, brace, rest = event["message"].partition("{")
                line = json.loads(brace + rest) if brace else {}
                if line.get("message") == "started":
                    started.update(line)
        return bool(started)

    world.until(is_logged, "the function logs its versions")
    if _version(started["botocore"]) < OLDEST_BOTOCORE:
        raise SmokeError(f"botocore {started['botocore']} is too old")
    runtime, [machine] = config["Runtime"], config["Architectures"]
    return f"{runtime} on {machine}: Python {started['python']}, botocore {started['botocore']}"


# Calls that each policy must allow or deny: (action, key, allowed).
_CALLS = {
    "uploader": (
        ("s3:PutObject", "foo/foo-1.0-py3-none-any.whl", True),
        ("s3:GetObject", "foo/index.json", True),
        ("s3:PutObject", "foo/index.json", False),
        ("s3:PutObject", "foo/foo-1.0-py3-none-any.whl.yanked", False),
        ("s3:DeleteObject", "foo/foo-1.0-py3-none-any.whl", False),
    ),
    "reader": (
        ("s3:GetObject", "foo/index.json", True),
        ("s3:PutObject", "foo/foo-1.0-py3-none-any.whl", False),
        ("s3:DeleteObject", "foo/foo-1.0-py3-none-any.whl", False),
    ),
    "operator": (
        ("s3:PutObject", "foo/foo-1.0-py3-none-any.whl.yanked", True),
        ("s3:DeleteObject", "foo/foo-1.0-py3-none-any.whl", True),
        ("s3:PutObject", "foo/index.json", False),
        ("s3:DeleteObject", "foo/index.json", False),
    ),
    "function": (
        ("s3:PutObject", "foo/index.json", True),
        ("s3:DeleteObject", "foo/foo-1.0-py3-none-any.whl", True),
        ("s3:PutBucketPolicy", "", False),
    ),
}


def policies(world: World) -> str:
    """Check with IAM's simulator what each policy allows and denies."""
    if not world.stack.policy_documents:
        raise NotHereError("the outputs have no policy_documents")
    iam, asked = world.client("iam", "us-east-1"), 0
    for name, calls in _CALLS.items():
        for action, key, allowed in calls:
            arn = f"arn:aws:s3:::{world.stack.bucket}" + (f"/{key}" if key else "")
            [result] = iam.simulate_custom_policy(
                PolicyInputList=[world.stack.policy_documents[name]],
                ActionNames=[action],
                ResourceArns=[arn],
            )["EvaluationResults"]
            decision = result["EvalDecision"]
            expect(decision == "allowed", allowed, f"{name}: {action} of {key} is {decision}")
            asked += 1
    return f"{asked} calls of {len(_CALLS)} policies"


CHECKS = (
    Check("account: Terraform and its provider", provider, aws_only=True),
    Check("account: Lambda's quota", quotas, aws_only=True),
    Check("account: certificate and distribution", certificate, aws_only=True),
    Check("account: policies", policies, aws_only=True),
    Check("function: versions", function),
)
