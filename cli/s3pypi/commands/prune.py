"""`s3pypi prune`."""

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from s3pypi.command_line.command import Command, exclusive, option, pass_report
from s3pypi.command_line.options import output_options
from s3pypi.command_line.output import Report, counted
from s3pypi.command_line.parameters import COUNT, DAYS
from s3pypi.command_line.target_options import bucket_options
from s3pypi.command_line.targets import BucketTarget

if TYPE_CHECKING:
    from datetime import timedelta

    from packaging.utils import NormalizedName

    from s3pypi.projects.pruning import Rule, Step

_OPTIONS = ("older_than", "keep", "pre_releases", "dev_releases", "all", "yank_first")
"""Which describe a rule."""


@click.command("prune", cls=Command)
@click.argument("pattern", required=False, metavar="[PATTERN]")
@option(
    "--older-than",
    type=DAYS,
    metavar="AGE",
    help="Consider versions whose files are all older than this, such as 90d or 12w.",
)
@option("--keep", type=COUNT, metavar="N", help="Keep the newest N versions.")
@option("--pre-releases", is_flag=True, help="Consider pre-releases. This is the default.")
@option("--dev-releases", is_flag=True, help="Consider only dev-releases, such as 1.0.dev3.")
@option("--all", is_flag=True, help="Consider all versions.")
@option(
    "--yank-first",
    type=DAYS,
    metavar="AGE",
    help="Yank a version first, and delete it in a run that is later than this.",
)
@option(
    "--rules",
    type=click.Path(readable=False),
    metavar="FILE",
    help="Read the rules from this file instead of the options above.",
)
@option("--apply", is_flag=True, help="Carry out the plan; otherwise it is only printed.")
@option("--dry-run", is_flag=True, help="Only print the plan. This is the default.")
@bucket_options
@output_options
@click.pass_context
@pass_report
def command(
    report: Report,
    context: click.Context,
    target: BucketTarget,
    *,
    pattern: str | None,
    older_than: "timedelta | None",
    keep: int | None,
    pre_releases: bool,  # noqa: ARG001 - as `exclusive` finds it
    dev_releases: bool,  # noqa: ARG001
    all: bool,  # noqa: A002, ARG001
    yank_first: "timedelta | None",
    rules: str | None,
    apply: bool,
    dry_run: bool,  # noqa: ARG001
) -> None:
    """Delete old versions.

    The plan is made from the index's pages and printed with the reason of each line; nothing is
    changed without --apply. The newest N versions of the kind, the newest version of each project
    and files of unknown age always stay. A file that has changed since its page was written is not
    deleted. PATTERN limits this to matching projects. --rules reads one or more rules from a TOML
    file.

    \b
    Examples:
      s3pypi prune --dev-releases --older-than 90d --keep 5 --bucket my-bucket
      s3pypi prune --all --older-than 52w --keep 9 --yank-first 14d -b my-bucket
      s3pypi prune --rules prune.toml --apply --bucket my-bucket
    """
    from datetime import UTC, datetime

    from s3pypi.command_line.rules import read_rules
    from s3pypi.errors import S3PyPIError
    from s3pypi.pages.reading import read_project
    from s3pypi.projects.choice import matching_projects
    from s3pypi.projects.pruner import Pruner
    from s3pypi.projects.pruning import Action, plan

    chosen = exclusive(context, "pre_releases", "dev_releases", "all")
    apply = exclusive(context, "apply", "dry_run") == "apply"
    if rules is None:
        all_rules = [_rule(context, chosen, older_than, keep, yank_first)]
    else:
        _refuse_both(context)
        all_rules = read_rules(rules)
    now = datetime.now(UTC)
    bucket = target.open()
    steps: list[tuple[NormalizedName, Step]] = []
    with report.waiting("reading the index"):
        for name in matching_projects(bucket, target.prefix, pattern):
            page = read_project(bucket, target.prefix, name)
            steps += [(name, each) for each in plan(page, all_rules, now)]
    report.document({"plan": [_fields(name, each) for name, each in steps], "applied": apply})
    if not report.json:
        for name, each in steps:
            report.line(f"{each.action}: {name} {each.version} ({each.reason})")
    work = [(name, each) for name, each in steps if each.action is not Action.KEEP]
    if not apply:
        what = counted(len(work), "version")
        report.note(f"{what} to change; --apply carries out the plan")
        return
    failures = Pruner(bucket, target.prefix).apply(work)
    report.note(f"changed: {counted(len(work), 'version')}")
    if failures:
        raise S3PyPIError("not everything was changed:\n  " + "\n  ".join(failures))


def _rule(
    context: click.Context,
    chosen: str | None,
    older_than: "timedelta | None",
    keep: int | None,
    yank_first: "timedelta | None",
) -> "Rule":
    """Return the rule that the options describe."""
    from s3pypi.projects.pruning import Kind, Rule

    if older_than is None or keep is None:
        missing = "older_than" if older_than is None else "keep"
        param = next(each for each in context.command.params if each.name == missing)
        raise click.MissingParameter("Give it, or '--rules'.", context, param)
    kinds = {"dev_releases": Kind.DEV, "all": Kind.ALL}
    return Rule(kinds.get(chosen or "", Kind.PRE), older_than, keep, yank_first)


def _refuse_both(context: click.Context) -> None:
    """Refuse options that describe a rule beside a file of rules; variables may be set."""
    for each in context.command.params:
        source = context.get_parameter_source(each.name or "")
        if each.name in _OPTIONS and source is ParameterSource.COMMANDLINE:
            hint = each.get_error_hint(context)
            raise click.UsageError(f"{hint} and '--rules' cannot be used together.", context)


def _fields(name: "NormalizedName", step: "Step") -> dict[str, object]:
    return {
        "action": step.action.value,
        "name": name,
        "version": str(step.version),
        "files": [each.filename for each in step.files],
        "reason": step.reason,
    }
