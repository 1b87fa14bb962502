"""The smoke test for real accounts, with a local deployment."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.local.edge.viewer_function import DOMAIN
from scripts.local.emulator import ACCOUNT, CREDENTIALS, REGION
from scripts.local.proxy.server import running_proxy
from scripts.local.resources import Settings
from scripts.local.stack import LocalStack
from scripts.smoke_aws import CHECKS, main
from tests.strict import Strict

# A message that fails comes back at once, and is a dead letter after the second time.
QUICK = Settings(visibility_timeout=1, max_receive_count=2)


@pytest.fixture(scope="module")
def stack(function_zip: Path) -> Iterator[LocalStack]:
    """Provide a separate deployment, because a message stays in its queues for a while."""
    with LocalStack(QUICK, zip_path=function_zip) as stack:
        yield stack


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the caller's credentials."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


def outputs(stack: LocalStack, tmp_path: Path, **more: str) -> str:
    """Write the output of `terraform output -json`, and return the filename."""
    resources = stack.resources
    values = {
        "bucket": resources.bucket,
        "function_name": resources.function,
        "queue_url": resources.queue_url,
        "dlq_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{resources.dlq_url.rpartition('/')[2]}",
        "distribution_id": "E1",
        "index_url": f"https://{DOMAIN}/",
        "locks_table": resources.table,
        **more,
    }
    file = tmp_path / "terraform-outputs.json"
    file.write_text(json.dumps({name: {"value": value} for name, value in values.items()}))
    return str(file)


def rows(said: str) -> dict[str, list[str]]:
    """Return the table: the text, the result and the seconds, by check."""
    cells = [line.strip("| ").split(" | ") for line in said.splitlines() if line.startswith("| ")]
    return {name: rest for name, *rest in cells[1:]}


def test_every_check_that_an_emulator_can_do(
    stack: LocalStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table has a row for each check, and nothing fails.

    What the emulator does wrongly is put right on the way: `tests.strict`.
    """
    with running_proxy(stack.emulator.port, Strict(stack.clients)) as proxy:
        code = main(
            [
                *("--stack", outputs(stack, tmp_path), "--uploads", "2"),
                *("--endpoint-url", proxy.url, "--edge-url", stack.edge.url),
            ]
        )
    said = capsys.readouterr().out
    table = rows(said)
    assert list(table) == [check.name for check in CHECKS]
    assert {name: cells for name, cells in table.items() if cells[1] == "fail"} == {}
    assert code == 0
    skipped = {name for name, cells in table.items() if cells[1] == "skip"}
    assert skipped == {check.name for check in CHECKS if check.aws_only} | {"operation: users"}
    left = stack.clients.s3.list_object_versions(Bucket=stack.resources.bucket)
    assert not left.get("Versions"), "all is removed"
    assert not left.get("DeleteMarkers"), "all is removed"


def test_what_fails_is_told(
    stack: LocalStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The emulator ignores If-None-Match of CopyObject, so this check fails."""
    code = main(
        [
            *("--stack", outputs(stack, tmp_path), "--only", "COPY"),
            *("--endpoint-url", stack.emulator.url, "--edge-url", stack.edge.url),
        ]
    )
    said, result, _ = rows(capsys.readouterr().out)["S3: conditional COPY"]
    assert "[200, 200, 412, 404], expected [200, 412, 412, 404]" in said
    assert (result, code) == ("fail", 1)


def test_users(
    function_zip: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A user is added, changed and removed, with the real edge function.

    It reads its users again after a second; half a minute would be waited for three times.
    """
    monkeypatch.setattr("basic_auth.directory.FRESH_SECONDS", 1)
    with LocalStack(zip_path=function_zip, basic_auth=("alice", "secret")) as stack:
        code = main(
            [
                *("--stack", outputs(stack, tmp_path, basic_auth_function="auth")),
                *("--endpoint-url", stack.emulator.url, "--edge-url", stack.edge.url),
                *("--only", "users"),
            ]
        )
    assert rows(capsys.readouterr().out)["operation: users"][1] == "pass"
    assert code == 0


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"bucket": "x"}', '{"bucket": {"value": "x"}}'])
def test_outputs_that_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """The error explains how to create the file."""
    file = tmp_path / "outputs.json"
    file.write_text(text)
    assert main(["--stack", str(file)]) == 2
    assert "terraform output -json" in capsys.readouterr().err
