"""Generate the settings of clients for an index, for `s3pypi config`. Pure.

`docs/clients.md` shows the same texts, and a test compares them. No text contains a password.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from s3pypi.errors import UsageError

# No user, query or fragment, and no characters that a settings file would have to escape.
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?", re.ASCII)


@dataclass(frozen=True)
class Settings:
    """The index and how clients use it.

    Attributes:
        url: The URL of the index, with a trailing slash.
        name: The name of the index in the settings.
        packages: Packages of this index, for clients that choose the index by package.
        upstream: Whether the index redirects to an upstream for other packages. Clients then need
            no other index.
        basic_auth: Whether the index requires a password.
    """

    url: str
    name: str
    packages: tuple[str, ...] = ("your-project",)
    upstream: bool = False
    basic_auth: bool = False

    @property
    def host(self) -> str:
        """The host of the index."""
        return urlsplit(self.url).hostname or ""


def parse_url(text: str) -> str:
    """Return the URL of an index, with a trailing slash.

    Raises:
        UsageError: It is not an HTTP URL, or contains a user, a query or a fragment.
    """
    if "@" in text:
        raise UsageError("leave the user and the password out of the URL; use --with-basic-auth")
    if not _URL.fullmatch(text):
        raise UsageError(f"not a URL of an index: {text!r}; write it as https://pypi.example.com/")
    return text.rstrip("/") + "/"


def name_of(url: str) -> str:
    """Return a name for an index, such as `example` for https://pypi.example.com/.

    It is never `pypi`, which poetry and pdm treat specially.
    """
    labels = (urlsplit(url).hostname or "").split(".")
    name = labels[-2] if len(labels) > 1 and not labels[-1].isdigit() else "company"
    return "company" if name == "pypi" else name


def pip(settings: Settings) -> str:
    """Return a pip.conf."""
    return f"[global]\nindex-url = {settings.url}\n"


def uv(settings: Settings) -> str:
    """Return tables for a pyproject.toml."""
    table = f'[[tool.uv.index]]\nname = "{settings.name}"\nurl = "{settings.url}"\n'
    if settings.upstream:
        return f"{table}default = true\n"
    sources = "".join(f'{each} = {{ index = "{settings.name}" }}\n' for each in settings.packages)
    return f"{table}explicit = true\n\n[tool.uv.sources]\n{sources}"


def poetry(settings: Settings) -> str:
    """Return tables for a pyproject.toml."""
    table = f'[[tool.poetry.source]]\nname = "{settings.name}"\nurl = "{settings.url}"\n'
    if settings.upstream:
        return f'{table}priority = "primary"\n'
    needed = "".join(f'{each} = {{ source = "{settings.name}" }}\n' for each in settings.packages)
    return f'[tool.poetry.dependencies]\n{needed}\n{table}priority = "explicit"\n'


def pdm(settings: Settings) -> str:
    """Return a table for a pyproject.toml."""
    # Only a source of this name replaces the public index.
    name = "pypi" if settings.upstream else settings.name
    table = f'[[tool.pdm.source]]\nname = "{name}"\nurl = "{settings.url}"\n'
    if settings.upstream:
        return table
    return f"{table}include_packages = {json.dumps(list(settings.packages))}\n"


def dependabot(settings: Settings) -> str:
    """Return a .github/dependabot.yml."""
    login = "    username: dependabot\n    password: ${{ secrets.INDEX_PASSWORD }}\n"
    return f"""\
version: 2
registries:
  {settings.name}:
    type: python-index
    url: {settings.url}
{login if settings.basic_auth else ""}    replaces-base: true
updates:
  - package-ecosystem: pip
    directory: /
    registries: [{settings.name}]
    schedule:
      interval: weekly
"""


def renovate(settings: Settings) -> str:
    """Return a renovate.json."""
    rule: dict[str, object] = {"matchDatasources": ["pypi"]}
    if not settings.upstream:
        rule["matchPackageNames"] = list(settings.packages)
    rule["registryUrls"] = [settings.url]
    content: dict[str, object] = {"packageRules": [rule]}
    if settings.basic_auth:
        password = "{{ secrets.INDEX_PASSWORD }}"  # noqa: S105 - where Renovate looks for it
        login = {"matchHost": settings.host, "username": "renovate", "password": password}
        content["hostRules"] = [login]
    return json.dumps(content, indent=2) + "\n"


TOOLS: Mapping[str, Callable[[Settings], str]] = {
    "pip": pip,
    "uv": uv,
    "poetry": poetry,
    "pdm": pdm,
    "dependabot": dependabot,
    "renovate": renovate,
}
"""The settings of each tool, by its name."""

NETRC = frozenset({"pip", "uv", "poetry", "pdm"})
"""The tools that read passwords from ~/.netrc."""
