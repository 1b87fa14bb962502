"""Invalidation of overwritten and deleted files in CloudFront."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import (  # noqa: TID251 - this adapter is where they are translated
    BotoCoreError,
    ClientError,
)

from lambda_indexer.errors import CdnError

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient


class CloudFront:
    """The distribution behind `ports.Cdn`, over a client that is made when it is needed: seldom.

    Args:
        connect: makes the client, of CloudFront.
        distribution: its id.
    """

    def __init__(self, connect: Callable[[], "CloudFrontClient"], distribution: str) -> None:
        self._connect = connect
        self._distribution = distribution

    @cached_property
    def _cloudfront(self) -> "CloudFrontClient":
        return self._connect()

    def invalidate(self, paths: Sequence[str], reference: str) -> None:
        """See `ports.Cdn`."""
        try:
            self._cloudfront.create_invalidation(
                DistributionId=self._distribution,
                InvalidationBatch={
                    "Paths": {"Quantity": len(paths), "Items": list(paths)},
                    "CallerReference": reference,
                },
            )
        except (ClientError, BotoCoreError, OSError) as error:
            raise CdnError(
                f"CloudFront failed to invalidate {', '.join(paths)}: {error}"
            ) from error

    def close(self) -> None:
        """Close the connections."""
        self._cloudfront.close()
