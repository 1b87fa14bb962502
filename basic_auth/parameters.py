"""The parameters of users and issuers in Systems Manager's Parameter Store."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (  # noqa: TID251 - this adapter is where they are translated
    BotoCoreError,
    ClientError,
    NoCredentialsError,
)

from basic_auth.directory import Page
from basic_auth.errors import StoreError, UserExistsError, UserMissingError
from basic_auth.names import REGION, USERS, parameters_path

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

AT_THE_EDGE: Final = Config(connect_timeout=1, read_timeout=1.5, retries={"total_max_attempts": 1})
"""Fails soon: a request at the edge has 5 seconds for all it does, and its client tries again."""

# The most that GetParametersByPath gives at once.
_PAGE_SIZE = 10


class ParameterStore:
    """The parameters below `/s3pypi/DOMAIN`, as `directory.Store`, and to change the users'."""

    def __init__(self, client: "SSMClient", domain: str) -> None:
        """Describe the store.

        Args:
            client: For the region of the parameters, `names.REGION`.
            domain: Whose parameters.
        """
        self._ssm = client
        self._path = parameters_path(domain)

    @classmethod
    def connect(
        cls, domain: str, *, profile: str | None = None, config: Config | None = None
    ) -> "ParameterStore":
        """Make a client.

        Args:
            domain: Whose parameters.
            profile: Of which account, by AWS's configuration files; the environment's when None.
            config: The client's, such as `AT_THE_EDGE`.

        Raises:
            StoreError: There is no such profile.
        """
        with _translated():
            session = boto3.Session(profile_name=profile)
            client = session.client("ssm", region_name=REGION, config=config)
        return cls(client, domain)

    def page(self, token: str | None) -> Page:
        """See `directory.Store`; reads up to ten records by one request."""
        return self._page(self._path, token)

    def users(self) -> dict[str, str]:
        """Read the records of all users, as stored, by their names.

        Raises:
            StoreError: They cannot be read.
        """
        path = f"{self._path}/{USERS}"
        page = self._page(path, None)
        records = dict(page.records)
        while page.next is not None:
            page = self._page(path, page.next)
            records.update(page.records)
        return {name: text for name, text in records.items() if "/" not in name}

    def _page(self, path: str, token: str | None) -> Page:
        more: dict[str, Any] = {} if token is None else {"NextToken": token}
        with _translated():
            answer = self._ssm.get_parameters_by_path(
                Path=path, Recursive=True, WithDecryption=True, MaxResults=_PAGE_SIZE, **more
            )
        prefix = f"{path}/"
        records = {
            each["Name"].removeprefix(prefix): each["Value"]
            for each in answer["Parameters"]
            if each["Name"].startswith(prefix)
        }
        return Page(records, answer.get("NextToken"))

    def put(self, user: str, record: str, *, overwrite: bool = False) -> None:
        """Store a user's record, encrypted with the account's default key.

        Args:
            user: A name that `names.is_user` accepts.
            record: The record, as stored.
            overwrite: Whether it may replace one.

        Raises:
            UserExistsError: There is one, and it may not be replaced.
            StoreError: It cannot be written.
        """
        with _translated():
            self._ssm.put_parameter(
                Name=self._name(user), Value=record, Type="SecureString", Overwrite=overwrite
            )

    def delete(self, user: str) -> None:
        """Remove a user.

        Args:
            user: The name.

        Raises:
            UserMissingError: There is no such user.
            StoreError: It cannot be removed.
        """
        with _translated():
            self._ssm.delete_parameter(Name=self._name(user))

    def _name(self, user: str) -> str:
        return f"{self._path}/{USERS}/{user}"


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code == "ParameterAlreadyExists":
            raise UserExistsError("There is a user of this name already.") from error
        if code == "ParameterNotFound":
            raise UserMissingError("There is no user of this name.") from error
        raise StoreError(f"Systems Manager says {code}: {error}") from error
    except NoCredentialsError as error:
        raise StoreError(
            "No AWS credentials were found: sign in, or check AWS_PROFILE and --profile."
        ) from error
    except BotoCoreError as error:
        raise StoreError(f"Systems Manager cannot be asked: {error}") from error
