"""Commands, links and names in the README and the docs exist."""

import re
import shlex
from pathlib import Path

import pytest

from basic_auth.put_user import _parser as user_parser
from lambda_indexer.settings import Settings
from tests.unit.cli.parsing import parsed

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
OPERATE = (ROOT / "docs" / "operate.md").read_text()
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [README, *(page.read_text() for page in DOCS)]
COMMANDS = re.findall(r"^ *\$ (.+)$", "\n".join(PAGES), re.MULTILINE)
MOST_WORDS = 800


def test_there_are_commands() -> None:
    """Commands are found on the pages."""
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("s3pypi ")])
def test_s3pypi_commands_parse(command: str) -> None:
    """The command's parser accepts each command."""
    arguments = shlex.split(command)[1:]
    assert parsed(*arguments).context.info_name == arguments[0]


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_make_verbs_exist(command: str) -> None:
    """Each is a target of the Makefile."""
    verb = command.split()[1]
    assert re.search(rf"^{verb}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", [c for c in COMMANDS if "scripts" in c])
def test_scripts_exist(command: str) -> None:
    """Each script is a file or module of this repository."""
    words = shlex.split(command)
    path = words[words.index("-m") + 1].replace(".", "/") + ".py" if "-m" in words else words[0]
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("command", [c for c in COMMANDS if "basic_auth/" in c])
def test_put_user_commands_parse(command: str) -> None:
    """The script's parser accepts each command."""
    path, *arguments = shlex.split(command.partition(" < ")[0])
    assert (ROOT / path).is_file()
    assert user_parser().parse_args(arguments).domain == "pypi.example.com"


def test_terraform_outputs_exist() -> None:
    """Each output in a command is a string of the root configuration."""
    named = set(re.findall(r"terraform output -raw (\w+)", "\n".join(PAGES)))
    source = (ROOT / "terraform" / "outputs.tf").read_text()
    texts = set(re.findall(r'^output "(\w+)"', source, re.MULTILINE))
    assert {"bucket", "function_name", "locks_table", "dlq_arn"} <= named
    assert named <= texts - {"policy_arns", "policy_documents"}


def test_operators_commands_can_be_pasted() -> None:
    """Commands for operators have no placeholders for Terraform's outputs."""
    for name in ("operate.md", "bad-file.md"):
        commands = re.findall(r"^ *\$ (.+)$", (ROOT / "docs" / name).read_text(), re.MULTILINE)
        assert len(commands) >= 8
        for command in commands:
            assert not re.search(r"\b(FUNCTION|BUCKET|TABLE|DLQ_ARN|example-bucket)\b", command)


def test_log_messages_exist() -> None:
    """The function writes each documented log message."""
    source = "\n".join(file.read_text() for file in (ROOT / "lambda_indexer").rglob("*.py"))
    patterns = re.findall(r"--filter-pattern '\"(.+?)\"'", OPERATE)
    assert patterns
    for message in [*patterns, *re.findall(r'If the log says "(.+?)"', OPERATE)]:
        assert f'"{message}"' in source


def test_terraform_addresses_exist() -> None:
    """Each address is or was a resource of the module."""
    module = ROOT / "terraform" / "modules" / "s3pypi"
    source = "\n".join(file.read_text() for file in module.glob("*.tf"))
    addresses = re.findall(r"module\.s3pypi\.(aws_\w+)\.(\w+)", "\n".join(PAGES))
    assert ("aws_s3_bucket", "pypi") in addresses
    for kind, name in addresses:
        moved = re.search(rf"from = {kind}\.{name}\b", source)
        assert moved or f'resource "{kind}" "{name}"' in source


def test_settings_are_documented() -> None:
    """Each setting of the function is documented with its variable."""
    for name in Settings.__dataclass_fields__.keys() - {"function_name"}:  # Lambda sets that one
        assert f"`S3PYPI_{name.upper()}`" in OPERATE


def test_metrics_are_documented() -> None:
    """Each metric of the function is documented."""
    source = (ROOT / "lambda_indexer/events/reporting.py").read_text()
    names = re.findall(r'(?:_count|add_metric)\(\s*"(\w+)"', source)
    assert len(names) >= 10
    for name in names:
        assert f"`{name}`" in OPERATE


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings on GitHub."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def test_links_lead_somewhere() -> None:
    """Each relative link leads to a file and a heading of this repository."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
    links = [
        (page, *link)
        for page in pages
        for link in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", page.read_text())
    ]
    assert len(links) > 20
    assert any(anchor for _, _, anchor in links)
    for page, link, anchor in links:
        target = page.parent / link if link else page
        assert target.exists(), (page, link)
        assert not anchor or anchor in anchors(target), (page, link, anchor)


def test_the_readme_is_short() -> None:
    """The README can be read in a few minutes."""
    assert len(README.split()) <= MOST_WORDS


def test_the_readme_leads_to_every_page() -> None:
    """The README links all pages of the documentation."""
    assert DOCS
    assert [page.name for page in DOCS if f"](docs/{page.name})" not in README] == []
