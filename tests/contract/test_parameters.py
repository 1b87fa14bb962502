"""The contract of Parameter Store, for the fake and the adapter."""

from uuid import uuid4

import pytest
from botocore.config import Config
from botocore.stub import Stubber

from basic_auth.errors import StoreError, UserExistsError, UserMissingError
from basic_auth.names import parameters_path
from basic_auth.parameters import ParameterStore
from scripts.local.clients import Clients
from scripts.local.emulator import CREDENTIALS
from tests.unit.basic_auth.fakes import MemoryStore


@pytest.fixture(params=["memory", "ssm"])
def store(request: pytest.FixtureRequest) -> ParameterStore:
    """Provide the fake, then the real adapter, without users."""
    if request.param == "memory":
        return MemoryStore()
    clients: Clients = request.getfixturevalue("clients")
    return ParameterStore(clients.ssm, f"{uuid4()}.example.com")


def test_is_empty_at_first(store: ParameterStore) -> None:
    """A domain without users is not an error."""
    assert store.users() == {}


def test_gives_back_what_was_put(store: ParameterStore) -> None:
    """A record is returned as it was stored, by the user's name."""
    store.put("alice", '{"a": "ü"}\n')

    assert store.users() == {"alice": '{"a": "ü"}\n'}


def test_replaces_only_on_demand(store: ParameterStore) -> None:
    """An existing user is not overwritten by accident."""
    store.put("alice", "1")

    with pytest.raises(UserExistsError):
        store.put("alice", "2")
    assert store.users() == {"alice": "1"}
    store.put("alice", "2", overwrite=True)
    store.put("bob", "3", overwrite=True)
    assert store.users() == {"alice": "2", "bob": "3"}


def test_removes(store: ParameterStore) -> None:
    """A removed user is gone, and cannot be removed again."""
    store.put("alice", "1")

    store.delete("alice")

    assert store.users() == {}
    with pytest.raises(UserMissingError):
        store.delete("alice")


def test_gives_ten_at_once(store: ParameterStore) -> None:
    """More than ten users are read in pages, each user once."""
    names = {f"user-{number}" for number in range(25)}
    for name in names:
        store.put(name, name)

    pages = [store.page(None)]
    while pages[-1].next is not None:
        pages.append(store.page(pages[-1].next))

    assert [len(page.records) for page in pages] == [10, 10, 5]
    assert {name for page in pages for name in page.records} == {f"users/{name}" for name in names}
    assert store.users() == {name: name for name in names}


def test_sees_its_own_domain_alone(clients: Clients) -> None:
    """Users of other domains and deeper parameters are ignored."""
    domain = f"{uuid4()}.example.com"
    path = parameters_path(domain)
    for name in ("users/alice", "users/alice/more", "users-more/bob", "carol", "issuers/aws"):
        clients.ssm.put_parameter(Name=f"{path}/{name}", Value="1", Type="SecureString")
    clients.ssm.put_parameter(Name=f"{path}2/users/dave", Value="1", Type="SecureString")

    assert ParameterStore(clients.ssm, domain).users() == {"alice": "1"}


def test_reads_users_and_issuers_together(clients: Clients) -> None:
    """One request returns all records of the domain, by their relative names."""
    domain = f"{uuid4()}.example.com"
    path = parameters_path(domain)
    clients.ssm.put_parameter(Name=f"{path}/users/alice", Value="1", Type="SecureString")
    clients.ssm.put_parameter(Name=f"{path}/issuers/aws", Value="2", Type="String")

    page = ParameterStore(clients.ssm, domain).page(None)

    assert page.records == {"users/alice": "1", "issuers/aws": "2"}
    assert page.next is None


def test_is_encrypted(clients: Clients) -> None:
    """Records are SecureStrings, with the names in docs/users.md."""
    domain = f"{uuid4()}.example.com"
    ParameterStore(clients.ssm, domain).put("alice", "1")

    found = clients.ssm.get_parameter(Name=f"/s3pypi/{domain}/users/alice")["Parameter"]

    assert found["Type"] == "SecureString"


def test_tells_that_it_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unreachable store is an error and not an empty list."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    config = Config(retries={"total_max_attempts": 1}, proxies={})

    with pytest.raises(StoreError, match="cannot be reached"):
        ParameterStore.connect("a.example.com", config=config).page(None)


def test_tells_what_it_was_refused(clients: Clients) -> None:
    """An error of the service is reported with its code."""
    with Stubber(clients.ssm) as stubber:
        stubber.add_client_error("get_parameters_by_path", "ThrottlingException", "Rate exceeded")

        with pytest.raises(StoreError, match=r"with ThrottlingException: .*Rate exceeded"):
            ParameterStore(clients.ssm, "a.example.com").page(None)
