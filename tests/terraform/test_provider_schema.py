"""Version 6 of the AWS provider supports everything that the module uses.

It has not been run here: only its schema is at hand (provider_schema.py says from where).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from .provider_schema import BLOCK, TARGET, schema_of
from .source import MODULE, Use, used

PROVIDER_6 = json.loads(TARGET.read_text())


def complaints(uses: set[Use], resources: Mapping[str, Any]) -> list[str]:
    """Return the parts that a provider with these resources would reject."""
    return sorted({*_unknown(uses, resources), *_missing(uses, resources)})


def _at(use: Use, resources: Mapping[str, Any]) -> Any:
    found: Any = resources.get(use.kind)
    for name in use.path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _unknown(uses: set[Use], resources: Mapping[str, Any]) -> Iterator[str]:
    for use in uses:
        found = _at(use, resources)
        name = ".".join([use.kind, *use.path])
        if found is None:
            yield f"{name} is not there"
        elif use.is_set and _need(found) == "computed":
            yield f"{name} cannot be set"


def _missing(uses: set[Use], resources: Mapping[str, Any]) -> Iterator[str]:
    given = {(use.kind, use.path) for use in uses if use.is_set}
    for use in uses:
        inside = _at(use, resources)
        if use.is_set and isinstance(inside, dict):
            for name, each in inside.items():
                path = (*use.path, name)
                if name != BLOCK and _need(each) == "required" and (use.kind, path) not in given:
                    yield ".".join([use.kind, *path]) + " is required"


def _need(found: Any) -> Any:
    return found.get(BLOCK) if isinstance(found, dict) else found


def test_version_6_takes_what_the_module_uses() -> None:
    """If a name is missing, extract the schema again."""
    assert PROVIDER_6["provider"].startswith("6.")
    assert complaints(used(MODULE), PROVIDER_6["resources"]) == []


@pytest.mark.parametrize(
    ("kind", "change", "complaint"),
    [
        ("aws_s3_bucket", {"force_destroy": None}, "aws_s3_bucket.force_destroy is not there"),
        ("aws_s3_bucket", {"bucket": "computed"}, "aws_s3_bucket.bucket cannot be set"),
        ("aws_s3_bucket", {"new": "required"}, "aws_s3_bucket.new is required"),
        ("aws_s3_bucket", {"new": {BLOCK: "required"}}, "aws_s3_bucket.new is required"),
        (
            "aws_cloudfront_distribution",
            {"arn": None},
            "aws_cloudfront_distribution.arn is not there",
        ),
    ],
)
def test_what_would_be_told(kind: str, change: dict[str, Any], complaint: str) -> None:
    """Removed, read-only and newly required attributes are reported."""
    resources = PROVIDER_6["resources"]
    changed = {**resources, kind: {**resources[kind], **change}}
    assert complaints(used(MODULE), changed) == [complaint]


def test_what_a_module_uses(tmp_path: Path) -> None:
    """Attributes in blocks, dynamic blocks and references are found."""
    (tmp_path / "main.tf").write_text("""
resource "aws_a" "one" {
  count = 1
  name  = "x"
  tags = {
    not_an_attribute = data.aws_b.two[0].arn
  }

  empty {}

  dynamic "rule" {
    for_each = aws_c.three
    content {
      id = rule.value
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  name = aws_a.one["x"].id
}
""")
    assert used(tmp_path) == {
        Use("aws_a", ()),
        Use("aws_a", ("name",)),
        Use("aws_a", ("tags",)),
        Use("aws_a", ("empty",)),
        Use("aws_a", ("rule",)),
        Use("aws_a", ("rule", "id")),
        Use("aws_a", ("id",), is_set=False),
        Use("data.aws_b", ("arn",), is_set=False),
    }


def test_the_schema_in_bindings() -> None:
    """The schema of a generated resource with a block is extracted."""
    source = """
export class ThingRuleOutputReference extends cdktf.ComplexObject {
  // id - computed: false, optional: false, required: true
  private _id?: string;
}
export class ThingRuleList extends cdktf.ComplexList {
  public get(index: number): ThingRuleOutputReference {
    return new ThingRuleOutputReference(this.terraformResource, this.terraformAttribute, index);
  }
}
export class Thing extends cdktf.TerraformResource {
  // arn - computed: true, optional: false, required: false
  public get arn() {
    return this.getStringAttribute('arn');
  }
  // region - computed: true, optional: true, required: false
  private _region?: string;
  // rule - computed: false, optional: true, required: false
  private _rule = new ThingRuleList(this, "rule", false);
}
"""
    assert schema_of(source) == {
        "arn": "computed",
        "region": "optional",
        "rule": {BLOCK: "optional", "id": "required"},
    }
