"""The script put_user.py, with a store in memory."""

import getpass
import io
import json
from typing import Any

import pytest

from basic_auth.errors import StoreError
from basic_auth.parameters import ParameterStore
from basic_auth.passwords import Record, verify
from basic_auth.put_user import main
from basic_auth.users import MAX_USERS
from tests.unit.basic_auth.fakes import MemoryStore

DOMAIN = "pypi.example.com"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch, store: MemoryStore) -> list[tuple[str, Any]]:
    """Connect the script to a store in memory; return the domains and profiles."""
    asked = []

    def connect(domain: str, *, profile: str | None = None) -> MemoryStore:
        asked.append((domain, profile))
        return store

    monkeypatch.setattr(ParameterStore, "connect", connect)
    return asked


def type_in(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Answer the prompts, and return them."""
    prompts: list[str] = []
    replies = iter(answers)

    def ask(prompt: str = "Password: ") -> str:
        prompts.append(prompt)
        return next(replies)

    monkeypatch.setattr(getpass, "getpass", ask)
    return prompts


def pipe_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Set the standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def password_is(store: MemoryStore, user: str, password: str) -> bool:
    """Return whether a password matches the stored user."""
    return verify(password, Record.parse(store.stored[f"users/{user}"]))


def test_asks_twice(monkeypatch: pytest.MonkeyPatch, store: MemoryStore, capsys: Capture) -> None:
    """A typed password is confirmed, hidden, hashed, and never printed."""
    prompts = type_in(monkeypatch, "correct horse: battery", "correct horse: battery")

    assert main([DOMAIN, "bob"]) == 0

    assert len(prompts) == 2
    assert password_is(store, "bob", "correct horse: battery")
    assert json.loads(store.stored["users/bob"]).keys() >= {"password_hash", "password_salt"}
    assert "horse" not in "".join(capsys.readouterr()) + store.stored["users/bob"]


def test_two_that_differ_are_none(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, capsys: Capture
) -> None:
    """If the two passwords differ, nothing is stored."""
    type_in(monkeypatch, "one", "other")

    assert main([DOMAIN, "bob"]) == 1
    assert "users/bob" not in store.stored
    assert "differ" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "password"),
    [("secret\n", "secret"), ("secret", "secret"), ("secret\r\n", "secret"), (" ü: \n", " ü: ")],
)
def test_reads_the_standard_input(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, text: str, password: str
) -> None:
    """The password is the input without its line ending."""
    pipe_in(monkeypatch, text)

    assert main([DOMAIN, "bob", "--password-stdin"]) == 0
    assert password_is(store, "bob", password)


@pytest.mark.parametrize("text", ["", "\n", "a\nb\n", "a\tb", "x" * 1025])
def test_refuses_what_no_client_can_send(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, capsys: Capture, text: str
) -> None:
    """Empty passwords and control characters are refused."""
    pipe_in(monkeypatch, text)

    assert main([DOMAIN, "bob", "--password-stdin"]) == 1
    assert "users/bob" not in store.stored
    assert "control characters" in capsys.readouterr().err


def test_makes_a_random_password(store: MemoryStore, capsys: Capture) -> None:
    """Standard output only contains the password."""
    assert main([DOMAIN, "bob", "--random-password", "24", "--salt-nbytes", "16"]) == 0

    password = capsys.readouterr().out.removesuffix("\n")
    assert len(password) == 32
    assert password_is(store, "bob", password)
    assert len(json.loads(store.stored["users/bob"])["password_salt"]) == 22


def test_a_short_password_is_remarked_on(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """A short password causes a warning."""
    pipe_in(monkeypatch, "secret")

    assert main([DOMAIN, "bob", "--password-stdin"]) == 0
    assert "warning: fewer than 15 characters" in capsys.readouterr().err


def test_a_password_that_pip_cannot_send_is_remarked_on(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, capsys: Capture
) -> None:
    """It is stored for other clients, with a warning."""
    pipe_in(monkeypatch, "a long password with a € in it")

    assert main([DOMAIN, "bob", "--password-stdin"]) == 0
    assert "users/bob" in store.stored
    assert "warning: pip only supports" in capsys.readouterr().err


def test_overwrites_only_on_demand(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, capsys: Capture
) -> None:
    """An existing user is only changed with --overwrite."""
    before = dict(store.stored)
    pipe_in(monkeypatch, "new")
    assert main([DOMAIN, "old", "--password-stdin"]) == 1
    assert store.stored == before
    assert "--overwrite replaces" in capsys.readouterr().err

    pipe_in(monkeypatch, "new")
    assert main([DOMAIN, "old", "--password-stdin", "--overwrite"]) == 0
    assert password_is(store, "old", "new")
    assert not Record.parse(store.stored["users/old"]).is_old


def test_removes(store: MemoryStore, capsys: Capture) -> None:
    """A user is removed; removing an unknown user is an error."""
    assert main([DOMAIN, "alice", "--delete"]) == 0
    assert "users/alice" not in store.stored
    assert main([DOMAIN, "alice", "--delete"]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_lists(store: MemoryStore, capsys: Capture) -> None:
    """The list shows users and the formats of their records, without hashes."""
    store.stored["users/bad"] = '{"password_hash": "topsecret"}'

    assert main([DOMAIN, "--list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("\t")[0] for line in lines] == ["alice", "bad", "old"]
    assert lines[0] == "alice\tscrypt"
    assert "invalid" in lines[1]
    assert "topsecret" not in lines[1]
    assert lines[2] == "old\told (salted SHA-1): replace it with --overwrite"


def prefixes(store: MemoryStore, user: str) -> list[str]:
    """Return a stored user's prefixes."""
    return Record.parse(store.stored[f"users/{user}"]).prefixes.to_json()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["/"]),
        (["--prefix", "team"], ["team/"]),
        (["--prefix", "team/dev/", "--prefix", "/other"], ["other/", "team/dev/"]),
    ],
)
def test_a_user_can_be_restricted(
    store: MemoryStore, capsys: Capture, options: list[str], expected: list[str]
) -> None:
    """The prefixes are stored and listed."""
    assert main([DOMAIN, "bob", "--random-password", "24", *options]) == 0
    assert prefixes(store, "bob") == expected
    capsys.readouterr()

    assert main([DOMAIN, "--list"]) == 0
    shown = " ".join(expected)
    line = "bob\tscrypt" if expected == ["/"] else f"bob\tscrypt\t{shown}"
    assert line in capsys.readouterr().out.splitlines()


def test_a_new_password_keeps_the_prefixes(store: MemoryStore) -> None:
    """A new password keeps the prefixes, unless others are given."""
    new = [DOMAIN, "bob", "--overwrite", "--random-password", "24"]
    assert main([*new, "--prefix", "team/"]) == 0
    assert main(new) == 0
    assert prefixes(store, "bob") == ["team/"]
    assert main([*new, "--prefix", "/"]) == 0
    assert prefixes(store, "bob") == ["/"]


def test_an_unusable_record_says_nothing_of_prefixes(store: MemoryStore, capsys: Capture) -> None:
    """An invalid record is an error unless --prefix is given."""
    store.stored["users/bob"] = "{}"
    new = [DOMAIN, "bob", "--overwrite", "--random-password", "24"]

    assert main(new) == 1
    assert "--prefix / is the whole index" in capsys.readouterr().err
    assert store.stored["users/bob"] == "{}"
    assert main([*new, "--prefix", "/"]) == 0


def test_there_is_a_limit(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, capsys: Capture
) -> None:
    """A user beyond the limit is refused; existing users can be changed."""
    store.stored |= {f"users/user-{number}": "{}" for number in range(MAX_USERS - 2)}
    pipe_in(monkeypatch, "secret")
    assert main([DOMAIN, "bob", "--password-stdin", "--overwrite"]) == 1
    assert "already 100 users" in capsys.readouterr().err

    pipe_in(monkeypatch, "secret")
    assert main([DOMAIN, "alice", "--password-stdin", "--overwrite"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [DOMAIN],
        ["https://pypi.example.com", "bob"],
        ["Pypi.example.com", "bob"],
        [DOMAIN, "bob/x"],
        [DOMAIN, "bob:x"],
        [DOMAIN, ""],
        [DOMAIN, "bob", "--list"],
        [DOMAIN, "bob", "--password-stdin", "--random-password", "24"],
        [DOMAIN, "bob", "--random-password", "0"],
        [DOMAIN, "bob", "--salt-nbytes", "15"],
        [DOMAIN, "bob", "--salt-nbytes", "many"],
        [DOMAIN, "bob", "--delete", "--overwrite"],
        [DOMAIN, "bob", "--delete", "--prefix", "team/"],
        [DOMAIN, "--list", "--prefix", "team/"],
        [DOMAIN, "bob", "--prefix", ""],
        [DOMAIN, "bob", "--prefix", "../x"],
        [DOMAIN, "bob", "--prefix", "a//b"],
    ],
)
def test_refuses_wrong_arguments(arguments: list[str], connected: list[tuple[str, Any]]) -> None:
    """Usage errors are reported before any request."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert not connected


def test_an_outage_is_an_error(store: MemoryStore, capsys: Capture) -> None:
    """An error of the store is one line."""
    store.broken = True

    assert main([DOMAIN, "bob", "--random-password", "24"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert (
        captured.err == "error: Systems Manager responded with ThrottlingException: Rate exceeded\n"
    )


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (EOFError, 1)])
def test_giving_up_at_the_prompt(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, error: type[BaseException], code: int
) -> None:
    """Ctrl-C and Ctrl-D store nothing, without a traceback."""

    def ask(_: str) -> str:
        raise error

    monkeypatch.setattr(getpass, "getpass", ask)

    assert main([DOMAIN, "bob"]) == code
    assert "users/bob" not in store.stored


def test_the_profile_is_passed_on(connected: list[tuple[str, Any]]) -> None:
    """`--profile` selects the AWS profile."""
    main([DOMAIN, "--list", "--profile", "other"])

    assert connected == [(DOMAIN, "other")]


def test_an_unknown_profile_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown profile is named."""
    monkeypatch.undo()

    with pytest.raises(StoreError, match="no-such-profile"):
        ParameterStore.connect(DOMAIN, profile="no-such-profile")
