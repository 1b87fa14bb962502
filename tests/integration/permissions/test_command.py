"""The permissions in docs/publish.md are enough for each command."""

import re
from pathlib import Path

import pytest

from tests.integration.permissions.conftest import Account, permit
from tests.unit.cli.factories import make_wheel

PUBLISH = (Path(__file__).parents[3] / "docs" / "publish.md").read_text()


def test_put_is_enough(
    tmp_path: Path, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """s3:PutObject is enough to upload; existing files can then not be compared."""
    account.become(permit("s3:PutObject"))
    argv = ["upload", str(make_wheel(tmp_path))]
    assert account.command(*argv) == 0
    assert account.command(*argv) == 0
    assert "could not be compared" in capsys.readouterr().err
    assert account.command(*argv, "--strict") == 1


@pytest.mark.parametrize(
    ("row", "argv", "permissions"),
    [
        ("delete", ["delete", "demo", "1.0"], ["s3:ListBucket", "s3:DeleteObject"]),
        ("yank", ["yank", "demo", "1.0"], ["s3:ListBucket", "s3:PutObject"]),
        ("unyank", ["unyank", "demo", "2.0"], ["s3:ListBucket", "s3:DeleteObject"]),
        ("status NAME", ["status", "demo"], ["s3:ListBucket", "s3:GetObject"]),
        ("status NAME STATUS", ["status", "demo", "archived"], ["s3:ListBucket", "s3:PutObject"]),
        ("status NAME active", ["status", "demo", "active"], ["s3:ListBucket", "s3:DeleteObject"]),
    ],
)
def test_less_is_refused_by_its_name(
    account: Account,
    capsys: pytest.CaptureFixture[str],
    row: str,
    argv: list[str],
    permissions: list[str],
) -> None:
    """The command names the missing permission, and works with it."""
    [documented] = re.findall(rf"^\| `{row}` \| (.*) \|$", PUBLISH, re.MULTILINE)
    assert re.findall(r"s3:\w+", documented) == permissions
    for key in ("demo/demo-1.0.zip", "demo/demo-2.0.zip", "demo/demo-2.0.zip.yanked"):
        account.put(key, b"")
    account.become(permit(*permissions[:1]))
    assert account.command(*argv) == 1
    assert f"the credentials need {permissions[1]}" in capsys.readouterr().err
    account.become(permit(*permissions))
    assert account.command(*argv) == 0
