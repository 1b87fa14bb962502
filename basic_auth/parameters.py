"""The records of users and issuers in AWS Systems Manager Parameter Store."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (  # noqa: TID251 - this adapter translates them
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
"""Short timeouts and no retries: a viewer-request function has 5 seconds, and clients retry."""

# The maximum of GetParametersByPath.
_PAGE_SIZE = 10


class ParameterStore:
    """The parameters under `/s3pypi/DOMAIN`. Implements `directory.Store`, and changes users."""

    def __init__(self, client: "SSMClient", domain: str) -> None:
        """Create a store.

        Args:
            client: A client for the region `names.REGION`.
            domain: The domain of the index.
        """
        self._ssm = client
        self._path = parameters_path(domain)

    @classmethod
    def connect(
        cls, domain: str, *, profile: str | None = None, config: Config | None = None
    ) -> "ParameterStore":
        """Create a store and its client.

        Args:
            domain: The domain of the index.
            profile: The profile in the AWS configuration; by default, that of the environment.
            config: The configuration of the client, such as `AT_THE_EDGE`.

        Raises:
            StoreError: The profile does not exist.
        """
        with _translated():
            session = boto3.Session(profile_name=profile)
            client = session.client("ssm", region_name=REGION, config=config)
        return cls(client, domain)

    def page(self, token: str | None) -> Page:
        """Read up to ten records with one request; see `directory.Store`."""
        return self._page(self._path, token)

    def users(self) -> dict[str, str]:
        """Return the stored records of all users, by user name.

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
            user: A user name that `names.is_user` accepts.
            record: The record as JSON.
            overwrite: Whether to replace an existing record.

        Raises:
            UserExistsError: The user exists, and `overwrite` is false.
            StoreError: The record cannot be written.
        """
        with _translated():
            self._ssm.put_parameter(
                Name=self._name(user), Value=record, Type="SecureString", Overwrite=overwrite
            )

    def delete(self, user: str) -> None:
        """Remove a user.

        Args:
            user: The user name.

        Raises:
            UserMissingError: The user does not exist.
            StoreError: The record cannot be deleted.
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
            raise UserExistsError("The user already exists.") from error
        if code == "ParameterNotFound":
            raise UserMissingError("The user does not exist.") from error
        raise StoreError(f"Systems Manager responded with {code}: {error}") from error
    except NoCredentialsError as error:
        raise StoreError(
            "No AWS credentials were found: sign in, or check AWS_PROFILE and --profile."
        ) from error
    except BotoCoreError as error:
        raise StoreError(f"Systems Manager cannot be reached: {error}") from error
