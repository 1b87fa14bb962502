"""The operators' command, over a store in memory."""

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
    """Have the command use the store in memory; the domains and profiles it has asked for."""
    asked = []

    def connect(domain: str, *, profile: str | None = None) -> MemoryStore:
        asked.append((domain, profile))
        return store

    monkeypatch.setattr(ParameterStore, "connect", connect)
    return asked


def type_in(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Have somebody type this at the prompts; the prompts."""
    prompts: list[str] = []
    replies = iter(answers)

    def ask(prompt: str = "Password: ") -> str:
        prompts.append(prompt)
        return next(replies)

    monkeypatch.setattr(getpass, "getpass", ask)
    return prompts


def pipe_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Have this on the standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def password_is(store: MemoryStore, user: str, password: str) -> bool:
    """Whether this is the stored user's password."""
    return verify(password, Record.parse(store.stored[f"users/{user}"]))


def test_asks_twice(monkeypatch: pytest.MonkeyPatch, store: MemoryStore, capsys: Capture) -> None:
    """A typed password is asked for twice, without echo, stored as a hash, and never printed."""
    prompts = type_in(monkeypatch, "correct horse: battery", "correct horse: battery")

    assert main([DOMAIN, "bob"]) == 0

    assert len(prompts) == 2
    assert password_is(store, "bob", "correct horse: battery")
    assert json.loads(store.stored["users/bob"]).keys() >= {"password_hash", "password_salt"}
    assert "horse" not in "".join(capsys.readouterr()) + store.stored["users/bob"]


def test_two_that_differ_are_none(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, capsys: Capture
) -> None:
    """A slip of the fingers stores nothing."""
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
    """The password is all of the input but the end of its line."""
    pipe_in(monkeypatch, text)

    assert main([DOMAIN, "bob", "--password-stdin"]) == 0
    assert password_is(store, "bob", password)


@pytest.mark.parametrize("text", ["", "\n", "a\nb\n", "a\tb", "x" * 1025])
def test_refuses_what_no_client_can_send(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, capsys: Capture, text: str
) -> None:
    """A password is not empty and has no control characters."""
    pipe_in(monkeypatch, text)

    assert main([DOMAIN, "bob", "--password-stdin"]) == 1
    assert "users/bob" not in store.stored
    assert "control characters" in capsys.readouterr().err


def test_makes_a_random_password(store: MemoryStore, capsys: Capture) -> None:
    """It is printed alone on the standard output, for another program to take it from there."""
    assert main([DOMAIN, "bob", "--random-password", "24", "--salt-nbytes", "16"]) == 0

    password = capsys.readouterr().out.removesuffix("\n")
    assert len(password) == 32
    assert password_is(store, "bob", password)
    assert len(json.loads(store.stored["users/bob"])["password_salt"]) == 22


def test_a_short_password_is_remarked_on(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """Whoever types a short password is told of a better way."""
    pipe_in(monkeypatch, "secret")

    assert main([DOMAIN, "bob", "--password-stdin"]) == 0
    assert "warning: fewer than 15 characters" in capsys.readouterr().err


def test_a_password_that_pip_cannot_send_is_remarked_on(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, capsys: Capture
) -> None:
    """It is stored, for uv and browsers can send it, and whoever chose it is warned."""
    pipe_in(monkeypatch, "a long password with a € in it")

    assert main([DOMAIN, "bob", "--password-stdin"]) == 0
    assert "users/bob" in store.stored
    assert "warning: pip only supports" in capsys.readouterr().err


def test_overwrites_only_on_demand(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, capsys: Capture
) -> None:
    """A user who is there is changed with --overwrite alone, an old record too."""
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
    """A user is removed, and one who is not there is an error."""
    assert main([DOMAIN, "alice", "--delete"]) == 0
    assert "users/alice" not in store.stored
    assert main([DOMAIN, "alice", "--delete"]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_lists(store: MemoryStore, capsys: Capture) -> None:
    """The list says who is there and whose record is to be replaced, and nothing of the record."""
    store.stored["users/bad"] = '{"password_hash": "topsecret"}'

    assert main([DOMAIN, "--list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("\t")[0] for line in lines] == ["alice", "bad", "old"]
    assert lines[0] == "alice\tscrypt"
    assert "invalid" in lines[1]
    assert "topsecret" not in lines[1]
    assert lines[2] == "old\told (salted SHA-1): replace it with --overwrite"


def prefixes(store: MemoryStore, user: str) -> list[str]:
    """What a stored user may read."""
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
    """A user reads what the options say, and the list shows it."""
    assert main([DOMAIN, "bob", "--random-password", "24", *options]) == 0
    assert prefixes(store, "bob") == expected
    capsys.readouterr()

    assert main([DOMAIN, "--list"]) == 0
    shown = " ".join(expected)
    line = "bob\tscrypt" if expected == ["/"] else f"bob\tscrypt\t{shown}"
    assert line in capsys.readouterr().out.splitlines()


def test_a_new_password_keeps_the_prefixes(store: MemoryStore) -> None:
    """Whoever changes a password does not widen what it opens, unless they say so."""
    new = [DOMAIN, "bob", "--overwrite", "--random-password", "24"]
    assert main([*new, "--prefix", "team/"]) == 0
    assert main(new) == 0
    assert prefixes(store, "bob") == ["team/"]
    assert main([*new, "--prefix", "/"]) == 0
    assert prefixes(store, "bob") == ["/"]


def test_an_unusable_record_says_nothing_of_prefixes(store: MemoryStore, capsys: Capture) -> None:
    """What cannot be read is not taken for the whole index."""
    store.stored["users/bob"] = "{}"
    new = [DOMAIN, "bob", "--overwrite", "--random-password", "24"]

    assert main(new) == 1
    assert "--prefix / is the whole index" in capsys.readouterr().err
    assert store.stored["users/bob"] == "{}"
    assert main([*new, "--prefix", "/"]) == 0


def test_there_is_a_limit(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, capsys: Capture
) -> None:
    """One more than the edge can read is refused; those who are there can be changed."""
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
    """What makes no sense is refused before anybody is asked anything."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert not connected


def test_an_outage_is_an_error(store: MemoryStore, capsys: Capture) -> None:
    """What the store says is passed on, without a traceback."""
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
    """Ctrl-C and Ctrl-D store nothing and show no traceback."""

    def ask(_: str) -> str:
        raise error

    monkeypatch.setattr(getpass, "getpass", ask)

    assert main([DOMAIN, "bob"]) == code
    assert "users/bob" not in store.stored


def test_the_profile_is_passed_on(connected: list[tuple[str, Any]]) -> None:
    """Another account is reached by its profile."""
    main([DOMAIN, "--list", "--profile", "other"])

    assert connected == [(DOMAIN, "other")]


def test_an_unknown_profile_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that is not configured is reported as what it is."""
    monkeypatch.undo()

    with pytest.raises(StoreError, match="no-such-profile"):
        ParameterStore.connect(DOMAIN, profile="no-such-profile")
