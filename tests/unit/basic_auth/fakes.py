"""A Parameter Store in memory, which passes the same contract tests as the adapter."""

from basic_auth.directory import Page
from basic_auth.errors import StoreError, UserExistsError, UserMissingError
from basic_auth.parameters import ParameterStore

PAGE_SIZE = 10


class MemoryStore(ParameterStore):
    """The parameters of one domain, which tests can inspect and break.

    Attributes:
        stored: The records, by their names below the domain's path.
        pages: How many pages have been asked for.
        broken: Whether every request fails.
    """

    def __init__(self, stored: dict[str, str] | None = None) -> None:
        self.stored = stored or {}
        self.pages = 0
        self.broken = False

    def page(self, token: str | None) -> Page:
        self.pages += 1
        self._check()
        names = sorted(self.stored)
        first = int(token or 0)
        rest = first + PAGE_SIZE
        records = {name: self.stored[name] for name in names[first:rest]}
        return Page(records, str(rest) if rest < len(names) else None)

    def users(self) -> dict[str, str]:
        self._check()
        return {
            path.removeprefix("users/"): record
            for path, record in self.stored.items()
            if path.startswith("users/") and path.count("/") == 1
        }

    def put(self, user: str, record: str, *, overwrite: bool = False) -> None:
        self._check()
        if f"users/{user}" in self.stored and not overwrite:
            raise UserExistsError("The user already exists.")
        self.stored[f"users/{user}"] = record

    def delete(self, user: str) -> None:
        self._check()
        if self.stored.pop(f"users/{user}", None) is None:
            raise UserMissingError("The user does not exist.")

    def _check(self) -> None:
        if self.broken:
            raise StoreError("Systems Manager responded with ThrottlingException: Rate exceeded")
