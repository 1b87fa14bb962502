"""Apply Terraform to an emulated AWS, and use the deployments with real clients."""

import json
import os
import shutil
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from basic_auth.negotiation import JSON
from lambda_indexer.settings import Settings
from scripts.local.emulator import CREDENTIALS
from scripts.local.resources import EVENTS, HANDLER, Resources
from scripts.smoke.check import outcomes
from scripts.smoke.stack import Stack
from scripts.smoke.world import World
from scripts.smoke_aws import CHECKS
from tests.factories import Distribution, sdist, wheel
from tests.unit.basic_auth.forging import claims, header, token

from .conftest import KINDS, Deployment, Deployments

SECONDS = 60
PIP = f"{JSON}, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"

# What the emulator forgets of what it is told (ministack 1.5.33): fields by type of resource.
FORGOTTEN = {
    "aws_cloudwatch_metric_alarm": {
        *("actions_enabled", "alarm_actions", "alarm_description", "dimensions", "ok_actions"),
        *("insufficient_data_actions", "period", "statistic", "treat_missing_data"),
    },
    # It answers with empty elements where there are none.
    "aws_cloudfront_response_headers_policy": {"custom_headers_config", "remove_headers_config"},
}

# As s3pypi 0.x made it, with what AWS fills in itself and the emulator does not.
OLD_DISTRIBUTION = {
    "CallerReference": "old",
    "Comment": "",
    "Enabled": True,
    "Origins": {
        "Quantity": 1,
        "Items": [
            {
                "Id": "s3",
                "DomainName": "old-bucket.s3.us-east-1.amazonaws.com",
                "S3OriginConfig": {"OriginAccessIdentity": ""},
            }
        ],
    },
    "DefaultCacheBehavior": {
        "TargetOriginId": "s3",
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": {
            "Quantity": 2,
            "Items": ["GET", "HEAD"],
            "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
        },
        "ForwardedValues": {
            "QueryString": False,
            "Cookies": {"Forward": "none"},
            "Headers": {"Quantity": 0},
            "QueryStringCacheKeys": {"Quantity": 0},
        },
        "TrustedSigners": {"Enabled": False, "Quantity": 0},
        "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        "LambdaFunctionAssociations": {"Quantity": 0},
        "FunctionAssociations": {"Quantity": 0},
        "Compress": True,
        "SmoothStreaming": False,
        "MinTTL": 0,
    },
}


@pytest.fixture(scope="module", autouse=True)
def _node_and_an_end(deployments: Deployments) -> Iterator[None]:
    """Require node, and destroy all deployments after the last test."""
    if shutil.which("node") is None:
        pytest.skip("node is not on the PATH: the deployment was not tested")
    yield
    deployments.destroy()


def write(directory: Path, *distributions: Distribution) -> list[str]:
    """Write files to disk, for the command to upload."""
    for distribution in distributions:
        (directory / distribution.filename).write_bytes(distribution.content)
    return [str(directory / distribution.filename) for distribution in distributions]


def settle(deployment: Deployment) -> None:
    """Wait until all events are processed, and check that there are no dead letters."""
    sqs = deployment.clients.sqs
    name = f"{deployment.outputs['bucket']}-events"
    urls = [sqs.get_queue_url(QueueName=each)["QueueUrl"] for each in (name, f"{name}-dlq")]
    resources = Resources(deployment.clients, deployment.outputs["bucket"], "", *urls)
    assert resources.wait_until_idle(SECONDS)
    assert resources.messages(urls[1]) == 0


def test_upload_install_delete(root: Deployment, tmp_path: Path) -> None:
    """Pip and uv install uploaded packages through the distribution."""
    files = write(tmp_path, wheel("demo", "1.0"), sdist("demo", "1.0"))
    root.s3pypi("upload", *files, "--wait", "60")
    assert Path(root.pip("demo==1.0"), "demo-1.0.dist-info").is_dir()
    assert Path(root.uv("demo==1.0"), "demo-1.0.dist-info").is_dir()

    root.s3pypi("delete", "demo", "1.0")
    settle(root)
    assert root.get("demo/").status == 404
    assert "demo" not in [
        each["name"] for each in json.loads(root.get(Accept=JSON).body)["projects"]
    ]


def test_a_bare_put_is_indexed(root: Deployment) -> None:
    """A file at the bucket's root, without headers or checksum, is indexed."""
    file = wheel("bare", "1.0")
    root.clients.s3.put_object(Bucket=root.outputs["bucket"], Key=file.filename, Body=file.content)
    settle(root)
    assert Path(root.pip("bare"), "bare-1.0.dist-info").is_dir()
    assert root.s3pypi("verify").returncode == 0


def test_pages_and_files_have_their_headers(root: Deployment, tmp_path: Path) -> None:
    """Pages have two forms and are revalidated; files are cached."""
    file = wheel("headers", "1.0")
    root.s3pypi("upload", *write(tmp_path, file), "--wait", "60")
    html, document = root.get("headers/"), root.get("headers/", Accept=PIP)
    assert html.headers["Content-Type"] == "text/html; charset=utf-8"
    assert document.headers["Content-Type"] == JSON
    for page in (html, document):
        assert page.headers.get_all("Vary") == ["Accept, Accept-Encoding"]
        assert page.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Referrer-Policy"] == "no-referrer"
    wheel_itself = root.get(f"headers/{file.filename}")
    assert wheel_itself.body == file.content
    assert "Vary" not in wheel_itself.headers
    assert wheel_itself.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "sandbox" in wheel_itself.headers["Content-Security-Policy"]
    for answer in (html, document, wheel_itself):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_an_impossible_path_is_404(root: Deployment) -> None:
    """The function responds without a request to the bucket."""
    answer = root.get("demo/%2e%2e%2fsecret")
    assert (answer.status, answer.headers["Cache-Control"]) == (404, "public, max-age=10")


@pytest.mark.parametrize("path", ["nope/", "demo/nope.whl"])
def test_a_wrong_path_is_404(root: Deployment, path: str) -> None:
    """A missing object is a 404 and not a 403, which would stop uv."""
    assert root.get(path).status == 404


def test_the_wiring_is_that_of_the_local_aws(root: Deployment) -> None:
    """`make local` creates the same resources as Terraform."""
    bucket = root.outputs["bucket"]
    found = root.clients.s3.get_bucket_notification_configuration(Bucket=bucket)
    rules = [queue["Filter"]["Key"]["FilterRules"] for queue in found["QueueConfigurations"]]
    assert sorted(value["Value"] for [value] in rules) == sorted(EVENTS)
    function = root.clients.functions.get_function_configuration(
        FunctionName=root.outputs["function_name"]
    )
    assert function["Handler"] == HANDLER
    variables = function["Environment"]["Variables"]
    settings = Settings.from_environment(variables)
    assert settings.locks_table == f"{bucket}-locks"
    assert settings.distribution_id == root.outputs["distribution_id"]
    assert settings.service == root.outputs["function_name"]
    assert variables.keys() <= {f"S3PYPI_{name.upper()}" for name in Settings.__dataclass_fields__}


def test_the_schedule_sends_a_command(root: Deployment, deployments: Deployments) -> None:
    """The function accepts it, and finds no differences."""
    with closing(deployments.client("events")) as events:
        [rule] = events.list_rules(NamePrefix="root-bucket-")["Rules"]
        [target] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    answer = root.clients.functions.invoke(
        FunctionName=target["Arn"].rpartition(":")[2], Payload=target["Input"].encode()
    )
    with closing(answer["Payload"]) as payload:
        assert json.loads(payload.read())["count"] == 0


def test_the_smoke_checks_of_the_account(
    root: Deployment, deployments: Deployments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that the local stack cannot do, except the metric, which the emulator does not keep."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    outputs = tmp_path / "terraform-outputs.json"
    outputs.write_text(json.dumps({k: {"value": v} for k, v in root.outputs.items()}))
    world = World(
        Stack.read(outputs),
        deployments.emulator.url,
        root.url.rstrip("/"),
        terraform=root.terraform.directory,
    )
    checks = [
        replace(check, aws_only=False)
        for check in CHECKS
        if (check.aws_only and "metric" not in check.name) or check.name == "S3: conditional PUT"
    ]
    assert len(checks) >= 6
    found = {each.name: (each.result, each.message) for each in outcomes(checks, world)}
    assert {name: said for name, (result, said) in found.items() if result != "pass"} == {}
    assert "AWS provider" in found["account: Terraform and its provider"][1]
    assert found["S3: conditional PUT"][1].endswith("with the function's role")
    world.clean_up()


def test_one_at_a_time(deployments: Deployments) -> None:
    """Without a lock table, many projects at once are indexed."""
    single = deployments["single"]
    assert "locks_table" not in single.outputs
    names = [f"project-{number}" for number in range(12)]
    for name in names:
        file = wheel(name, "1.0")
        single.clients.s3.put_object(
            Bucket=single.outputs["bucket"], Key=f"{name}/{file.filename}", Body=file.content
        )
    settle(single)
    found = json.loads(single.get(Accept=JSON).body)["projects"]
    assert {project["name"] for project in found} == set(names)
    assert single.s3pypi("verify").returncode == 0
    assert single.clients.dynamodb.list_tables()["TableNames"].count("single-bucket-locks") == 0


def test_all_options(deployments: Deployments, tmp_path: Path) -> None:
    """An index below a prefix works, through a distribution with basic authentication."""
    complete = deployments["complete"]
    file = wheel("inside", "1.0")
    complete.s3pypi("upload", *write(tmp_path, file), "--prefix", "team", "--wait", "60")
    assert Path(complete.pip("inside", prefix="team/"), "inside-1.0.dist-info").is_dir()
    bucket = complete.outputs["bucket"]
    tags = complete.clients.s3.get_object_tagging(Bucket=bucket, Key="team/inside/index.json")
    assert tags["TagSet"] == [{"Key": "kind", "Value": "page"}]
    function = complete.clients.functions.get_function(
        FunctionName=complete.outputs["basic_auth_function"]
    )
    assert function["Configuration"]["Architectures"] == ["x86_64"]


def test_the_edge_function_lets_users_in(deployments: Deployments) -> None:
    """The one that Terraform made, under its name, with a user that put_user.py has put.

    The emulator runs it when it is invoked, and not before its distribution.
    """
    complete = deployments["complete"]

    def ask(credentials: str | None) -> dict[str, Any]:
        headers = {}
        if credentials is not None:
            value = f"Basic {b64encode(credentials.encode()).decode()}"
            headers["authorization"] = [{"key": "Authorization", "value": value}]
        request = {"method": "GET", "uri": "/team/", "querystring": "", "headers": headers}
        answer = complete.clients.functions.invoke(
            FunctionName=complete.outputs["basic_auth_function"],
            Payload=json.dumps({"Records": [{"cf": {"request": request}}]}),
        )
        response = json.loads(answer["Payload"].read())
        assert isinstance(response, dict)
        return response

    put_user = [sys.executable, "-m", "basic_auth.put_user", "--password-stdin"]
    subprocess.run(  # noqa: S603
        [*put_user, "complete.example.com", "alice"],
        input="se:cret",
        text=True,
        check=True,
        capture_output=True,
        env={**os.environ, **complete.environment},
    )
    assert ask("alice:se:cret")["uri"] == "/team/"
    assert ask("alice:wrong")["status"] == "401"
    assert ask(None)["headers"]["www-authenticate"]


def test_the_edge_function_knows_the_issuers(deployments: Deployments) -> None:
    """It fetches the keys of the configured issuer, and no others.

    The issuer is made up, so its keys cannot be read: 503. A stranger's token is refused: 401.
    """
    complete = deployments["complete"]

    def status(issuer: str) -> str:
        found = claims(time.time(), iss=issuer, aud="complete.example.com")
        value = b64encode(f"aws:{token(header(), found)}".encode()).decode()
        headers = {"authorization": [{"key": "Authorization", "value": f"Basic {value}"}]}
        request = {"method": "GET", "uri": "/team/", "querystring": "", "headers": headers}
        answer = complete.clients.functions.invoke(
            FunctionName=complete.outputs["basic_auth_function"],
            Payload=json.dumps({"Records": [{"cf": {"request": request}}]}),
        )
        return str(json.loads(answer["Payload"].read())["status"])

    assert status("https://abc123-def456.tokens.sts.global.api.aws") == "503"
    assert status("https://elsewhere.tokens.sts.global.api.aws") == "401"


@pytest.mark.parametrize("deployment", KINDS, indirect=True)
def test_nothing_is_left_to_change(deployment: Deployment) -> None:
    """A second plan is empty, except for the emulator's known gaps."""
    for each in deployment.left:
        before, after = each["change"]["before"] or {}, each["change"]["after"] or {}
        assert each["change"]["actions"] == ["update"], each["address"]
        differing = {name for name in after if before.get(name) != after[name]}
        assert differing <= FORGOTTEN.get(each["type"], set()), (each["address"], differing)


def test_an_older_deployment_is_imported(deployments: Deployments) -> None:
    """The bucket and distribution of s3pypi 1.x are updated in place."""
    clients = deployments["root"].clients
    clients.s3.create_bucket(Bucket="old-bucket")
    with closing(deployments.client("cloudfront")) as cloudfront:
        made = cloudfront.create_distribution(DistributionConfig=OLD_DISTRIBUTION)
        distribution = made["Distribution"]["Id"]
    try:
        variables = {**deployments.variables("root"), "bucket": "old-bucket"}
        with deployments.initialized("root", "imported", variables) as terraform:
            for address, known_as in (
                ("module.s3pypi.aws_s3_bucket.pypi", "old-bucket"),
                ("module.s3pypi.aws_cloudfront_distribution.cdn", distribution),
            ):
                terraform.run("import", "-input=false", address, known_as)
            actions = {each["resource"]["addr"]: each["action"] for each in terraform.planned()}
        assert actions["module.s3pypi.aws_s3_bucket.pypi"] == "update"
        assert actions["module.s3pypi.aws_cloudfront_distribution.cdn"] == "update"
        assert {each for each in actions.values() if each != "read"} == {"create", "update"}
    finally:
        clients.s3.delete_bucket(Bucket="old-bucket")
