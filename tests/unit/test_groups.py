"""Groups of tests that share a worker."""

import pytest

from tests.conftest import Groups


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("tests/e2e/test_line.py::a", "tests/e2e/test_line.py::b[1]", True),
        ("tests/e2e/test_line.py::a", "tests/e2e/test_poison.py::a", False),
        ("tests/terraform/test_apply.py::a", "tests/terraform/test_docs.py::a", True),
        ("tests/terraform/test_apply.py::a", "tests/terraform/test_moved.py::a", False),
        ("tests/unit/test_groups.py::a", "tests/unit/test_groups.py::b", False),
    ],
)
def test_what_shares_a_stack_is_a_group(one: str, other: str, *, together: bool) -> None:
    """Modules that share a stack are in one group, so that it is created once."""
    assert (Groups.group(one) == Groups.group(other)) is together
