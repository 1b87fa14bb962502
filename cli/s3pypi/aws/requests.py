"""The basis of all requests to a bucket: parameters, errors and ETags."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from s3pypi.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HEADERS = {
    # Installers check the bytes that they get, so nothing on the way may decompress them.
    "ContentType": "application/octet-stream",
    "CacheControl": "public, max-age=31536000, immutable",
}


class BucketRequests:
    """A bucket and the user's parameters for requests to it.

    Args:
        client: A client from `clients.s3_client`.
        name: The bucket's name.
        put_args: Additional parameters of PutObject; other requests get those that they support.
    """

    def __init__(
        self, client: "S3Client", name: str, put_args: Mapping[str, str | int | bool] | None = None
    ) -> None:
        self.client = client
        self._name = name
        self._put_args = put_args or {}

    @property
    def name(self) -> str:
        """The bucket's name."""
        return self._name

    def args(self, operation: str, *, customer_key: bool = True) -> dict[str, Any]:
        """Return the user's parameters that an operation supports."""
        shape = self.client.meta.service_model.operation_model(operation).input_shape
        known = shape.members if shape else {}
        return {
            name: value
            for name, value in self._put_args.items()
            if name in known and (customer_key or not name.startswith("SSECustomer"))
        }

    def attempt(self, verb: str, key: str, permission: str) -> AbstractContextManager[None]:
        """Translate errors to a message such as `cannot write s3://bucket/key`."""
        return translated(f"cannot {verb} s3://{self.name}/{key}", permission)


def condition(*, replace: bool) -> dict[str, str]:
    """Return the parameters that keep a write from replacing an object, unless `replace` is set."""
    return {} if replace else {"IfNoneMatch": "*"}


def etag_of(response: Mapping[str, Any]) -> str:
    """Return the ETag in a response about an object, without quotes. S3 always sends one."""
    etag: str = response["ETag"]
    return etag.strip('"')
