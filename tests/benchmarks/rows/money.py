"""The cost at AWS's list prices, from counted calls."""

from collections.abc import Mapping
from typing import Final

from tests.benchmarks.lab import Lab
from tests.benchmarks.row import Row
from tests.benchmarks.rows.calls import count

# US dollars each, us-east-1, list prices without any free tier.
PRICES: Final = {
    "PutObject": 0.005 / 1000,
    "ListObjectsV2": 0.005 / 1000,
    "GetObject": 0.0004 / 1000,
    "HeadObject": 0.0004 / 1000,
    "UpdateItem": 0.625 / 1e6,  # a write request unit, on demand
    "SQS": 0.40 / 1e6,
    "invocation": 0.20 / 1e6,
    "GB-second": 0.0000133334,  # arm64
    "CloudFront": 0.01 / 10_000,  # an HTTPS request, North America
    "CloudFront Function": 0.10 / 1e6,
    "CodeArtifact": 0.05 / 10_000,
}
ASOF: Final = (
    "List prices of us-east-1 without free tiers, as of November 2026, from"
    " `tests/benchmarks/rows/money.py`."
)
_MEMORY: Final = 0.5  # GB
_MARGIN: Final = 0.15  # seconds of the function beyond its calls
_QUEUE: Final = 3  # a message is sent, received and deleted
_INSTALL: Final = 3  # the page, a metadata file, the file
_UPLOADS, _INSTALLS = 10_000, 1_000_000


def measure(lab: Lab) -> list[Row]:
    """Calculate 1,000 uploads, and a month of 10,000 uploads and a million installs."""
    with lab.site() as site:
        client, function = count(lab, site)
    calls = {name: number for (_, name), number in (client + function).items()}
    duration = sum(lab.latencies.of(*call) * n for call, n in function.items()) + _MARGIN
    upload = _upload(calls, duration)
    install = _install()
    ours = _UPLOADS * upload + _INSTALLS * install
    theirs = (_UPLOADS * 1 + _INSTALLS * 2) * PRICES["CodeArtifact"]
    return [
        Row(
            what="cost of 1,000 uploads",
            ratio=f"{upload / PRICES['CodeArtifact']:.1f} x the price",
            ours=f"${1000 * upload:.3f}",
            beside=f"CodeArtifact: ${1000 * PRICES['CodeArtifact']:.3f}",
            aim="stated",
            met=True,
            note=f"{ASOF} Each upload is assumed to invoke the function for {duration:.2f} s with"
            f" {_MEMORY} GB, although bursts share runs.",
        ),
        Row(
            what="cost of a month",
            ratio=f"{ours / theirs:.2f} x the price",
            ours=f"${ours:.2f}",
            beside=f"CodeArtifact: ${theirs:.2f}",
            aim="stated",
            met=True,
            note=f"{_UPLOADS:,} uploads (${_UPLOADS * upload:.2f}) and {_INSTALLS:,} installs of"
            " one file, requests only; [Costs](costs.md) adds storage and transfer. An install"
            " requests the page (which CloudFront revalidates with S3), a metadata file and the"
            " file (both cached); from CodeArtifact it requests the page and the file.",
        ),
    ]


def _upload(calls: Mapping[str, int], duration: float) -> float:
    return (
        sum(PRICES[name] * number for name, number in calls.items())
        + _QUEUE * PRICES["SQS"]
        + PRICES["invocation"]
        + duration * _MEMORY * PRICES["GB-second"]
    )


def _install() -> float:
    edge = PRICES["CloudFront"] + PRICES["CloudFront Function"]
    return _INSTALL * edge + PRICES["GetObject"]
