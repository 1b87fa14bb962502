"""Find the resources and attributes that a Terraform configuration uses.

Not a parser of HCL: it relies on the layout that `terraform fmt` gives, which a test holds.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MODULE: Final = Path(__file__).parents[2] / "terraform" / "modules" / "s3pypi"

# Of Terraform itself, in every resource and block.
_META: Final = {"count", "for_each", "provider", "depends_on", "lifecycle", "content"}
_HEAD: Final = re.compile(r'^(resource|data) "(aws_\w+)" "(\w+)" \{$')
_BLOCK: Final = re.compile(r'^(dynamic "(\w+)"|\w+) \{(\})?$')
_SETTING: Final = re.compile(r"^(\w+) += (.*)$")
_READ: Final = re.compile(r"(?<![\w.])(data\.)?(aws_[a-z0-9_]+)\.\w+(?:\[[^][]*\])?\.(\w+)")
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True, order=True)
class Use:
    """An attribute or block that a configuration sets or reads.

    Attributes:
        kind: of the resource, `data.` before that of a data source.
        path: the blocks around it and its own name; empty for the resource itself.
        is_set: whether it is set, not only read.
    """

    kind: str
    path: tuple[str, ...]
    is_set: bool = True


def used(module: Path) -> set[Use]:
    """Read the resources and attributes that a module uses.

    Args:
        module: its directory.
    """
    found: set[Use] = set()
    for file in sorted(module.glob("*.tf")):
        lines = [line.strip() for line in file.read_text().splitlines()]
        code = [line for line in lines if line and not line.startswith("#")]
        found.update(_settings(code))
        for data, kind, name in _READ.findall("\n".join(code)):
            found.add(Use(data + kind, (name,), is_set=False))
    return found


def _settings(lines: Iterable[str]) -> Iterator[Use]:
    """Yield the attributes that the resources of a file set."""
    kind, blocks, nested = "", list[str](), 0
    for line in lines:
        if nested:  # a value of several lines
            nested += _nesting(line)
        elif head := _HEAD.match(line):
            kind, blocks = ("data." if head[1] == "data" else "") + head[2], []
            yield Use(kind, ())
        elif not kind:
            continue
        elif line == "}":
            if blocks:
                blocks.pop()
            else:
                kind = ""
        elif block := _BLOCK.match(line):
            blocks.append(block[2] or block[1])
            yield from _use(kind, blocks)
            if block[3]:
                blocks.pop()
        elif setting := _SETTING.match(line):
            nested = _nesting(setting[2])
            yield from _use(kind, [*blocks, setting[1]])


def _use(kind: str, blocks: list[str]) -> Iterator[Use]:
    path = tuple(each for each in blocks if each not in _META)
    if path and "lifecycle" not in blocks and blocks[-1] not in _META:
        yield Use(kind, path)


def _nesting(text: str) -> int:
    return sum(text.count(each) for each in _OPENING) - sum(text.count(each) for each in _CLOSING)
