"""`s3pypi config`."""

import click

from s3pypi.command_line.command import Command, option, pass_report
from s3pypi.command_line.options import output_options
from s3pypi.command_line.output import Report
from s3pypi.command_line.parameters import PROJECT, URL


@click.command("config", cls=Command)
@click.argument(
    "tool",
    type=click.Choice(["pip", "uv", "poetry", "pdm", "dependabot", "renovate"]),
    metavar="TOOL",
)
@option("--url", type=URL, required=True, metavar="URL", help="The URL of the index.")
@option("--with-upstream", is_flag=True, help="The index has an upstream, so it is the only one.")
@option("--with-basic-auth", is_flag=True, help="The index requires a password.")
@option(
    "--package",
    type=PROJECT,
    multiple=True,
    metavar="NAME",
    help="A package of this index; repeat the option for several. Not needed with --with-upstream.",
)
@option("--name", metavar="NAME", help="The name of the index in the settings.")
@output_options
@pass_report
def command(
    report: Report,
    *,
    tool: str,
    url: str,
    with_upstream: bool,
    with_basic_auth: bool,
    package: tuple[str, ...],
    name: str | None,
) -> None:
    """Print a client's settings for an index.

    TOOL is pip, uv, poetry, pdm, dependabot or renovate. With these settings, the client takes your
    packages only from your index. With --with-upstream, one URL also serves all public packages.

    \b
    Examples:
      s3pypi config pip --url https://pypi.example.com/ --with-upstream
      s3pypi config uv --url https://pypi.example.com/ --package my-package
    """
    from s3pypi.client_settings import NETRC, TOOLS, Settings, name_of
    from s3pypi.errors import UsageError

    if name is not None and not (name.isascii() and name.replace("-", "").isalnum()):
        raise UsageError(f"not an index name: {name!r}; use letters, digits and hyphens")
    packages = tuple(dict.fromkeys(package)) or ("your-project",)
    settings = Settings(url, name or name_of(url), packages, with_upstream, with_basic_auth)
    text = TOOLS[tool](settings)
    report.document({"tool": tool, "settings": text})
    if not report.json:
        report.line(text.rstrip("\n"))
    if with_basic_auth and tool in NETRC:
        report.note(f"add to ~/.netrc: machine {settings.host} login USER password PASSWORD")
    if tool == "pip" and not with_upstream:
        report.note("note: pip then finds only packages that are in this index")
