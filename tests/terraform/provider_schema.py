"""Extract the schema of the AWS provider from generated bindings.

Version 6 of the provider cannot be run where only version 5 is at hand. But the npm package
`@cdktf/provider-aws` is generated from its schema, and says of every attribute whether it is
computed, optional or required. To update tests/data/aws-provider-6.json:

    npm pack @cdktf/provider-aws@21.22.1
    python -m tests.terraform.provider_schema cdktf-provider-aws-21.22.1.tgz
"""

import json
import re
import sys
import tarfile
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from .source import MODULE, used

BLOCK: Final = "(block)"
TARGET: Final = Path(__file__).parents[1] / "data" / "aws-provider-6.json"

_CLASS: Final = re.compile(r"^export class (\w+) extends cdktf\.(\w+) \{$", re.MULTILINE)
# Such as `// rule - computed: false, optional: true, required: false` and, on the next line,
# `private _rule = new RuleList(`.
_ATTRIBUTE: Final = re.compile(
    r"// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n"
    r"(?: *private _\w+ = new (\w+)\()?"
)
_ELEMENT: Final = re.compile(r"return new (\w+)\(this\.terraformResource")
# The JavaScript has lost most comments; the TypeScript that it was made of is in its source map.
_SOURCE_MAP: Final = "//# sourceMappingURL=data:application/json;base64,"


def schema_of(source: str) -> dict[str, Any]:
    """Read the schema of one resource or data source.

    Args:
        source: of the package's TypeScript module for it.

    Returns:
        By attribute, one of `required`, `optional` and `computed` (nobody may set it). By block,
        the same of what is in it, and of itself under the name `BLOCK`.
    """
    starts = list(_CLASS.finditer(source))
    ends = [start.start() for start in starts[1:]] + [len(source)]
    bodies = {start[1]: source[start.end() : end] for start, end in zip(starts, ends, strict=True)}
    [top] = [
        start[1] for start in starts if start[2] in {"TerraformResource", "TerraformDataSource"}
    ]
    return _attributes(top, bodies)


def _attributes(name: str, bodies: Mapping[str, str]) -> dict[str, Any]:
    if element := _ELEMENT.search(bodies[name]):
        return _attributes(element[1], bodies)
    found: dict[str, Any] = {}
    for attribute, _, optional, required, block in sorted(_ATTRIBUTE.findall(bodies[name])):
        need = (
            "required" if required == "true" else "optional" if optional == "true" else "computed"
        )
        inside = {BLOCK: need, **_attributes(block, bodies)} if block in bodies else need
        found[attribute] = inside
    return found


def _read(tar: tarfile.TarFile, name: str) -> str:
    file = tar.extractfile(f"package/{name}")
    if file is None:
        raise ValueError(f"{name} is not a file in this package")
    return file.read().decode()


def _source(tar: tarfile.TarFile, kind: str) -> str:
    """Return the TypeScript of a resource (`aws_s3_bucket`) or data source (`data.aws_region`)."""
    name = kind.replace("data.aws_", "data-aws-").replace("aws_", "").replace("_", "-")
    mapping = _read(tar, f"lib/{name}/index.js").partition(_SOURCE_MAP)[2]
    return str(json.loads(b64decode(mapping))["sourcesContent"][0])


def main(arguments: list[str]) -> int:
    """Write the schema of everything that the module uses."""
    [package] = arguments
    with tarfile.open(package) as tar:
        said = json.loads(_read(tar, "package.json"))
        schema = {
            "package": f"{said['name']} {said['version']}",
            "provider": said["cdktf"]["provider"]["version"],
            "resources": {
                kind: schema_of(_source(tar, kind)) for kind in {use.kind for use in used(MODULE)}
            },
        }
    TARGET.write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
