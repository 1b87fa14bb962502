"""The adapter of CloudFront: requests, pauses and errors."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from lambda_indexer.aws.cloudfront import CloudFront
from lambda_indexer.errors import CdnError

PATHS = ("/team/example/example-1.0.zip", "/team/example/example-1.0.zip.metadata")
EXPECTED = {
    "DistributionId": "EDFDVBD6EXAMPLE",
    "InvalidationBatch": {
        "Paths": {"Quantity": 2, "Items": list(PATHS)},
        "CallerReference": "run-7",
    },
}
BUSY = "TooManyInvalidationsInProgress"


class Edge:
    """A distribution with queued responses, which records pauses instead of sleeping."""

    def __init__(self) -> None:
        client = boto3.client(
            "cloudfront",
            region_name="us-east-1",
            aws_access_key_id="example",
            aws_secret_access_key="example",
        )
        self.answers = Stubber(client)
        self.pauses: list[float] = []
        self.adapter = CloudFront(lambda: client, "EDFDVBD6EXAMPLE", self.pauses.append)

    def refuses(self, code: str, times: int = 1) -> None:
        """Queue an error several times."""
        for _ in range(times):
            self.answers.add_client_error("create_invalidation", code, expected_params=EXPECTED)

    def accepts(self) -> None:
        """Queue a success."""
        self.answers.add_response("create_invalidation", {}, EXPECTED)


@pytest.fixture
def edge() -> Iterator[Edge]:
    """Provide a distribution whose responses must all be used."""
    edge = Edge()
    with edge.answers:
        yield edge
        edge.answers.assert_no_pending_responses()


def test_one_invalidation_has_all_paths(edge: Edge) -> None:
    """All paths are in one request, with the caller's reference."""
    edge.accepts()
    edge.adapter.invalidate(PATHS, "run-7")
    assert edge.pauses == []


def test_it_waits_for_room_and_tries_again(edge: Edge) -> None:
    """Retries have the same reference, so that CloudFront creates only one invalidation."""
    edge.refuses(BUSY, 2)
    edge.accepts()
    edge.adapter.invalidate(PATHS, "run-7")
    assert edge.pauses == [1.0, 2.0]


def test_it_reports_after_the_last_pause_that_there_is_no_room(edge: Edge) -> None:
    """After four attempts and seven seconds, the message fails."""
    edge.refuses(BUSY, 4)
    with pytest.raises(CdnError, match=f"too many invalidations for {PATHS[0]}, .*{BUSY}"):
        edge.adapter.invalidate(PATHS, "run-7")
    assert edge.pauses == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchDistribution", "InvalidArgument"])
def test_other_errors_are_reported_at_once(edge: Edge, code: str) -> None:
    """Other errors are not retried."""
    edge.refuses(code)
    with pytest.raises(CdnError, match=rf"failed to invalidate /team/example/.*{code}"):
        edge.adapter.invalidate(PATHS, "run-7")
    assert edge.pauses == []


def test_an_error_after_a_pause_is_reported_at_once(edge: Edge) -> None:
    """Only the limit of invalidations is retried."""
    edge.refuses(BUSY)
    edge.refuses("AccessDenied")
    with pytest.raises(CdnError, match="AccessDenied"):
        edge.adapter.invalidate(PATHS, "run-7")
    assert edge.pauses == [1.0]
