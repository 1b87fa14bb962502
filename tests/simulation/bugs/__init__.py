"""Deliberate bugs, each of which the simulation must find: otherwise it would prove nothing."""

from tests.simulation.bugs import cdn, files, leases, pages, roots
from tests.simulation.bugs.registry import BUGS

__all__ = ["BUGS", "cdn", "files", "leases", "pages", "roots"]
