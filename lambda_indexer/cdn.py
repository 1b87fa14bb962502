"""CloudFront as what has to forget files that were overwritten or deleted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import (  # noqa: TID251 - this adapter is where they are translated
    BotoCoreError,
    ClientError,
)

from lambda_indexer.errors import CdnError

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient


class CloudFront:
    """The distribution behind `ports.Cdn`, over one client."""

    def __init__(self, client: "CloudFrontClient", distribution: str) -> None:
        self._cloudfront = client
        self._distribution = distribution

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
