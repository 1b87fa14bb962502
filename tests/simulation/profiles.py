"""The kinds of worlds that there are; a seed is of one of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """A kind of world.

    Attributes:
        name: of the kind.
        shrinking: whether clients also delete, overwrite, and yank.
        unlocks: whether an operator takes leases away from living holders.
        rebuilds: whether an operator has the index rebuilt meanwhile.
        timeout: seconds that an invocation may take.
        large: whether every listing takes many requests, some of which take long.
        receives: how often a message is received before it is a dead letter; None for any number.
        at: the calls that faults happen at; see `Faults`.
        kinds: whether directories change their kind; see `kinds`.
        toggling: how many projects there are of which one file comes and goes; 0 for other worlds.
        overwriting: whether clients mostly overwrite and delete the same few files.
        outage: whether the root page is out of reach for an hour; see `outages`.
    """

    name: str
    shrinking: bool = False
    unlocks: bool = False
    rebuilds: bool = False
    timeout: float = 60
    large: bool = False
    receives: int | None = None
    at: str = "*"
    kinds: bool = False
    toggling: int = 0
    overwriting: bool = False
    outage: bool = False


PROFILES = (
    Profile("growing"),
    Profile("growing, with forced unlocks", unlocks=True),
    Profile("mixed", shrinking=True),
    Profile("mixed, with forced unlocks", shrinking=True, unlocks=True),
    Profile("mixed, with rebuilds", shrinking=True, rebuilds=True),
    Profile("mixed, out of time", shrinking=True, rebuilds=True, timeout=12),
    Profile("growing large, with forced unlocks", unlocks=True, large=True),
    Profile("directories change their kind", shrinking=True, kinds=True),
    Profile("a project comes and goes", shrinking=True, unlocks=True, toggling=1, at="release b/"),
    Profile("two projects come and go", shrinking=True, unlocks=True, toggling=2),
    Profile(
        "last deliveries", shrinking=True, unlocks=True, toggling=1, at="release b/", receives=1
    ),
    Profile(
        "overwrites, and faults at pages",
        shrinking=True,
        overwriting=True,
        at="PUT foo/index.json",
    ),
    Profile("the root page is out of reach", shrinking=True, outage=True),
)
