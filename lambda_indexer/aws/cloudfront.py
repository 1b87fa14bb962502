"""Invalidation of overwritten and deleted files in CloudFront."""

import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from botocore.exceptions import (  # noqa: TID251 - this adapter translates them
    BotoCoreError,
    ClientError,
)

from lambda_indexer.errors import CdnError

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient


_PAUSES: Final = (1.0, 2.0, 4.0)
"""The pauses, in seconds, before retries while the limit of invalidations is reached."""


class CloudFront:
    """A CloudFront distribution; implements `ports.Cdn`.

    Args:
        connect: Creates a CloudFront client; called on first use, because most events need none.
        distribution: The ID of the distribution.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self,
        connect: Callable[[], "CloudFrontClient"],
        distribution: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connect = connect
        self._sleep = sleep
        self._distribution = distribution

    @cached_property
    def _cloudfront(self) -> "CloudFrontClient":
        return self._connect()

    def invalidate(self, paths: Sequence[str], reference: str) -> None:
        """See `ports.Cdn`."""
        for pause in (*_PAUSES, None):
            try:
                self._cloudfront.create_invalidation(
                    DistributionId=self._distribution,
                    InvalidationBatch={
                        "Paths": {"Quantity": len(paths), "Items": list(paths)},
                        "CallerReference": reference,
                    },
                )
            except self._cloudfront.exceptions.TooManyInvalidationsInProgress as error:
                if pause is None:
                    raise CdnError(f"too many invalidations for {_some(paths)}: {error}") from error
                self._sleep(pause)
            except (ClientError, BotoCoreError, OSError) as error:
                raise CdnError(
                    f"CloudFront failed to invalidate {_some(paths)}: {error}"
                ) from error
            else:
                return

    def close(self) -> None:
        """Close the connections."""
        self._cloudfront.close()


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:5]) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")  # noqa: PLR2004
