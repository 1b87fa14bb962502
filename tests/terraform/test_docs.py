"""The docs match Terraform's configuration."""

import json
import re
from pathlib import Path

from lambda_indexer.settings import PUT_ARGS

from .conftest import Deployments
from .runner import ROOT, SOURCE

MODULE = SOURCE / "modules" / "s3pypi"
PUBLISH = (ROOT / "docs" / "publish.md").read_text()
DEPLOY = (ROOT / "docs" / "deploy.md").read_text()
OPERATE = (ROOT / "docs" / "operate.md").read_text()
ROW = re.compile(r"^\| `\w+` \| .* \| .* \| .* \|$", re.MULTILINE)


def variables(file: Path) -> dict[str, tuple[str, str]]:
    """Return the description and the default of each variable in a file."""
    found = {}
    blocks = re.findall(
        r'^variable "(\w+)" \{\n(.*?)^\}', file.read_text(), re.MULTILINE | re.DOTALL
    )
    for name, block in blocks:
        description = re.search(r'^  description = "(.*)"$', block, re.MULTILINE)
        default = re.search(r"^  default +=\s+(.*)$", block, re.MULTILINE)
        assert description, f"{name} has no description"
        said = description.group(1).replace('\\"', '"')
        found[name] = (said, f"`{default.group(1)}`" if default else "required")
    return found


def tables() -> str:
    """Return the expected tables of docs/deploy.md, one for each group of variables."""
    root = variables(SOURCE / "variables.tf")
    module = variables(MODULE / "variables.tf")
    source = (MODULE / "variables.tf").read_text()
    lines: list[str] = []
    for group, name in re.findall(r'^# (.+)$|^variable "(\w+)"', source, re.MULTILINE):
        if group:
            head = ["| variable | description | default | root |", "|---|---|---|---|"]
            lines += [*([""] if lines else []), f"### {group}", "", *head]
        else:
            said, default = module[name]
            said = re.sub(r"docs/([\w-]+\.md)", r"[docs/\1](\1)", said)
            lines.append(f"| `{name}` | {said} | {default} | {'yes' if name in root else ''} |")
    return "\n".join([*lines, ""])


def test_every_variable_is_documented() -> None:
    """Each is in its group, with its description and its default."""
    assert tables() in DEPLOY
    assert len(ROW.findall(tables())) == len(variables(MODULE / "variables.tf")) >= 30
    assert ROW.findall(DEPLOY) == ROW.findall(tables())


def test_the_root_says_of_its_variables_what_the_module_says() -> None:
    """The root's variables have the module's defaults."""
    module, root = variables(MODULE / "variables.tf"), variables(SOURCE / "variables.tf")
    assert root.keys() - module.keys() == {"region"}
    assert all(root[name][1] == module[name][1] for name in root if name != "region")


def test_the_root_passes_its_variables_on() -> None:
    """All variables are passed to the module."""
    passed = re.findall(r"^  (\w+) += var\.(\w+)$", (SOURCE / "main.tf").read_text(), re.MULTILINE)
    assert {(name, name) for name in variables(SOURCE / "variables.tf")} == {
        *passed,
        ("region", "region"),
    }


def test_what_operators_raise_is_in_the_root() -> None:
    """All variables in docs/operate.md can be set in the root."""
    module, root = variables(MODULE / "variables.tf"), variables(SOURCE / "variables.tf")
    named = set(re.findall(r"`(\w+)`", OPERATE)) & module.keys()
    assert {"function_timeout", "function_memory", "batch_size", "maximum_concurrency"} <= named
    assert named <= root.keys()


def test_every_alarm_is_explained() -> None:
    """Each alarm has a section with its name."""
    source = (MODULE / "alarms.tf").read_text()
    names = re.findall(r"^    ([\w-]+) += \{$", source, re.MULTILINE)
    [section] = re.findall(r"^## Alarms$(.*?)^## ", OPERATE, re.MULTILINE | re.DOTALL)
    assert re.findall(r"^### (.+)$", section, re.MULTILINE) == names


def test_the_uploaders_policy_is_the_one_in_the_documentation(deployments: Deployments) -> None:
    """The documented policy is Terraform's."""
    [text] = re.findall(r"```json\n(.*?)```", PUBLISH, re.DOTALL)
    made = deployments["root"].outputs["policy_documents"]["uploader"]
    assert json.loads(text) == json.loads(made.replace("root-bucket", "example-bucket"))


def test_terraform_takes_the_put_arguments_that_the_function_takes() -> None:
    """Both support the same arguments."""
    text = (MODULE / "variables.tf").read_text()
    [listed] = re.findall(r"in keys\(var\.page_put_args\) : contains\(\[(.*?)\]", text, re.DOTALL)
    assert tuple(re.findall(r'"(\w+)"', listed)) == PUT_ARGS
