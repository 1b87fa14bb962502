"""The keyring backend."""

import time
from importlib.metadata import entry_points

import keyring.backend
import pytest
from keyring.errors import PasswordDeleteError, PasswordSetError

from s3pypi.aws.tokens import WebToken
from s3pypi.command_line.targets import Account
from s3pypi.errors import AwsError
from s3pypi.keyring_backend import TokenBackend

HOST = "pypi.example.com"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the hosts of requested tokens, which are valid for an hour."""
    hosts: list[str] = []

    def token(_self: Account, host: str) -> WebToken:
        hosts.append(host)
        return WebToken(f"token {len(hosts)} for {host}", time.time() + 3600)

    monkeypatch.setattr(Account, "token", token)
    return hosts


@pytest.mark.parametrize(
    "service", [HOST, f"https://{HOST}/", f"https://{HOST}/team/foo.whl", f"{HOST}:443"]
)
@pytest.mark.usefixtures("asked")
def test_answers_the_user_aws(service: str) -> None:
    """For any URL, the user `aws` gets a token for its host."""
    backend = TokenBackend()
    assert backend.get_password(service, "aws") == f"token 1 for {HOST}"
    credential = backend.get_credential(service, "aws")
    assert credential
    assert (credential.username, credential.password) == ("aws", f"token 1 for {HOST}")


def test_answers_for_configured_hosts(monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> None:
    """Without a user, a client only gets credentials for hosts in S3PYPI_HOSTS."""
    monkeypatch.setenv("S3PYPI_HOSTS", f"other.example.com,{HOST}")
    backend = TokenBackend()

    credential = backend.get_credential(f"https://{HOST}/simple/", None)

    assert credential
    assert (credential.username, credential.password) == ("aws", f"token 1 for {HOST}")
    assert backend.get_credential("https://elsewhere.example.com/", None) is None
    assert asked == [HOST]


@pytest.mark.parametrize(
    ("service", "user"),
    [
        (HOST, "alice"),
        (HOST, ""),
        (HOST, None),
        ("", "aws"),
        ("not a host", "aws"),
        ("https://company-123456789012.d.codeartifact.eu-west-1.amazonaws.com/", "aws"),
    ],
)
def test_leaves_the_rest_to_others(asked: list[str], service: str, user: str | None) -> None:
    """Other users, other services and CodeArtifact are left to other backends."""
    assert TokenBackend().get_password(service, user) is None
    assert TokenBackend().get_credential(service, user) is None
    assert not asked


def test_a_wrong_variable_is_no_answer(monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> None:
    """An invalid list of hosts is empty."""
    monkeypatch.setenv("S3PYPI_HOSTS", "a_b")

    assert TokenBackend().get_credential(HOST, None) is None
    assert TokenBackend().get_password(HOST, "aws")
    assert asked == [HOST]


def test_a_token_is_kept(monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> None:
    """A process requests one token per host until it is about to expire."""
    backend = TokenBackend()
    for _ in range(10):
        assert backend.get_password(HOST, "aws") == f"token 1 for {HOST}"
    assert backend.get_password("other.example.com", "aws")
    assert asked == [HOST, "other.example.com"]

    later = time.time() + 3541
    monkeypatch.setattr(time, "time", lambda: later)
    assert backend.get_password(HOST, "aws") == f"token 3 for {HOST}"


def test_a_refusal_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error is printed, and the client continues without a password."""

    def refuse(_self: Account, host: str) -> WebToken:
        raise AwsError(f"cannot get a token for {host}: no AWS credentials were found")

    monkeypatch.setattr(Account, "token", refuse)
    backend = TokenBackend()
    for _ in range(3):
        assert backend.get_password(HOST, "aws") is None
        assert backend.get_credential(HOST, "aws") is None

    captured = capsys.readouterr()
    assert captured.out == ""
    expected = f"s3pypi: error: cannot get a token for {HOST}: no AWS credentials were found\n"
    assert captured.err == expected


def test_nothing_is_stored() -> None:
    """Passwords are left to other backends to store."""
    with pytest.raises(PasswordSetError):
        TokenBackend().set_password(HOST, "aws", "x")
    with pytest.raises(PasswordDeleteError):
        TokenBackend().delete_password(HOST, "aws")


def test_keyring_finds_it() -> None:
    """The entry point refers to the module of the backend."""
    [entry] = [each for each in entry_points(group="keyring.backends") if each.name == "s3pypi"]

    assert entry.load().TokenBackend is TokenBackend
    assert TokenBackend in {type(each) for each in keyring.backend.get_all_keyring()}
