import json
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basic_auth.negotiation import Decision, NotFound, Redirect, Serve, negotiate, preferred

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "negotiation.json").read_text())

HOSTILE = st.text(alphabet="/.%\\ \n2eEfF+" + string.ascii_letters + "_-é").map("/".__add__)


def as_vector(decision: Decision) -> dict[str, Any]:
    """Return a decision in the format of the vectors."""
    match decision:
        case Serve(uri, media_type):
            return {"serve": uri, "type": media_type}
        case Redirect(location, status):
            return {"redirect": location, "status": status}
        case NotFound():
            return {"not_found": True}


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_vector(vector: dict[str, Any]) -> None:
    """All vectors pass."""
    decision = negotiate(vector["uri"], vector["query"], vector["accept"])

    assert as_vector(decision) == vector["expect"]


@given(HOSTILE)
def test_one_redirect_is_enough(uri: str) -> None:
    """A redirect leads to an object on the same host in one step."""
    decision = negotiate(uri)

    if isinstance(decision, Redirect):
        assert decision.location.startswith("/")
        assert not decision.location.startswith(("//", "/\\"))
        assert isinstance(negotiate(decision.location), Serve)


@given(HOSTILE)
def test_nothing_served_can_traverse(uri: str) -> None:
    """Paths that are sent to the bucket have no dot segments."""
    decision = negotiate(uri)

    if isinstance(decision, Serve):
        parts = decision.uri.lower().replace("%2e", ".").split("/")
        assert not {".", ".."} & set(parts)


@given(st.text())
def test_any_accept_header_has_an_answer(accept: str) -> None:
    """No header raises."""
    assert preferred(accept)
