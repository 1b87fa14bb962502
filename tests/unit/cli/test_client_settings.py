import json
import tomllib
from configparser import ConfigParser

import pytest
import yaml

from s3pypi.cli import main
from s3pypi.client_settings import TOOLS, Settings, name_of, parse_url
from s3pypi.errors import UsageError

URL = "https://pypi.example.com/"
BARE = Settings(URL, "example", ("your-project", "other"))
ONE_URL = Settings(URL, "example", upstream=True)


def test_pip() -> None:
    """One index URL, with an upstream and without."""
    for settings in (BARE, ONE_URL):
        parser = ConfigParser()
        parser.read_string(TOOLS["pip"](settings))
        assert dict(parser["global"]) == {"index-url": URL}


def test_without_an_upstream_packages_are_named() -> None:
    """Without an upstream, only the named packages come from the index."""
    uv, poetry, pdm = (
        tomllib.loads(TOOLS[name](BARE))["tool"][name] for name in ("uv", "poetry", "pdm")
    )
    assert uv["index"] == [{"name": "example", "url": URL, "explicit": True}]
    assert uv["sources"] == {name: {"index": "example"} for name in BARE.packages}
    assert poetry["source"] == [{"name": "example", "url": URL, "priority": "explicit"}]
    assert poetry["dependencies"] == {name: {"source": "example"} for name in BARE.packages}
    [source] = pdm["source"]
    assert (source["name"], source["include_packages"]) == ("example", [*BARE.packages])
    [rule] = json.loads(TOOLS["renovate"](BARE))["packageRules"]
    assert rule["matchPackageNames"] == [*BARE.packages]


def test_with_an_upstream_the_index_is_the_only_one() -> None:
    """No second index is named, and no package."""
    uv, poetry, pdm = (
        tomllib.loads(TOOLS[name](ONE_URL))["tool"][name] for name in ("uv", "poetry", "pdm")
    )
    assert uv == {"index": [{"name": "example", "url": URL, "default": True}]}
    assert poetry == {"source": [{"name": "example", "url": URL, "priority": "primary"}]}
    assert pdm == {"source": [{"name": "pypi", "url": URL}]}
    document = yaml.safe_load(TOOLS["dependabot"](ONE_URL))
    assert document["registries"]["example"]["replaces-base"] is True
    [rule] = json.loads(TOOLS["renovate"](ONE_URL))["packageRules"]
    assert rule == {"matchDatasources": ["pypi"], "registryUrls": [URL]}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("upstream", [False, True])
def test_no_second_index_and_no_password(tool: str, *, upstream: bool) -> None:
    """The settings never contain other hosts or a password."""
    text = TOOLS[tool](Settings(URL, "example", upstream=upstream, basic_auth=True))

    assert text.count("://") == 1
    assert "extra" not in text
    assert text.lower().count("password") == (2 if tool in {"dependabot", "renovate"} else 0)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (URL, "example"),
        ("https://example.com/team/", "example"),
        ("http://127.0.0.1:8000/", "company"),
        ("http://localhost/", "company"),
        ("https://pypi.acme.example/", "acme"),
        ("https://pypi.example/", "company"),  # "pypi" means something else to poetry and pdm
    ],
)
def test_name(url: str, name: str) -> None:
    """The default name of an index is its domain."""
    assert name_of(url) == name


@pytest.mark.parametrize("url", ["https://pypi.example.com", URL, f"{URL}team", f"{URL}team/"])
def test_url(url: str) -> None:
    """A slash is added where it is missing."""
    assert parse_url(url) == url.rstrip("/") + "/"


@pytest.mark.parametrize(
    "url",
    [
        *("", "pypi.example.com", "ftp://pypi.example.com/", "https://", "https:///x/"),
        *(
            f"{URL}?q",
            f"{URL}#f",
            f'{URL}"',
            f"{URL}\n",
            f"{URL} x",
            f"{URL}%0a",
            "https://é.example/",
        ),
        *("https://alice:secret@pypi.example.com/", "https://alice@pypi.example.com/"),
    ],
)
def test_refused_url(url: str) -> None:
    """URLs with passwords or characters to escape are refused, and not quoted."""
    with pytest.raises(UsageError) as caught:
        parse_url(url)

    assert "secret" not in str(caught.value)


def test_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output only contains the settings; notes are on standard error."""
    assert main(["config", "uv", "--url", URL, "--with-upstream", "--with-basic-auth"]) == 0

    captured = capsys.readouterr()
    assert captured.out == TOOLS["uv"](ONE_URL)
    assert captured.err == (
        "add to ~/.netrc: machine pypi.example.com login USER password PASSWORD\n"
    )


@pytest.mark.parametrize("name", ['a"b', "a b", "", "a\nb", "ä"])
def test_refused_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A name with characters to escape is a usage error."""
    assert main(["config", "uv", "--url", URL, "--name", name]) == 2
    assert "not an index name" in capsys.readouterr().err
