"""A project's page with something of everything, made without the function."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from packaging.utils import canonicalize_name
from packaging.version import Version

from lambda_indexer.model import (
    About,
    ETag,
    ProjectFile,
    ProjectPage,
    RefusedFile,
    Sha256,
    Sidecar,
    Yank,
)
from s3pypi.distributions.facts import Facts


def example_project() -> ProjectPage:
    """A project with something of everything: wheels, a pre-release, a yank, a broken upload."""
    files = []
    for day, version in enumerate(["1.3.0", "1.4.0", "2.0.0rc1"]):
        yank = Yank("rounds half a cent the wrong way", ETag("y")) if version == "1.4.0" else None
        stem = f"pricing_models-{version}"
        for number, end in enumerate(
            [
                "-cp312-cp312-macosx_11_0_arm64.whl",
                "-cp312-cp312-manylinux_2_17_x86_64.whl",
                "-cp313-cp313-manylinux_2_17_x86_64.whl",
                ".tar.gz",
            ]
        ):
            digest = Sha256(sha256(f"{stem}{end}".encode()).hexdigest())
            files.append(
                ProjectFile(
                    filename=stem + end,
                    version=Version(version),
                    etag=ETag(digest[:32]),
                    size=48_213 if end == ".tar.gz" else 1_204_311 + 77_123 * number + 9_001 * day,
                    sha256=digest,
                    upload_time=datetime(2026, 3, 4, 9, tzinfo=UTC) + timedelta(days=61 * day),
                    requires_python=">=3.12" if day else ">=3.10,<4",
                    sidecar=None if end == ".tar.gz" else Sidecar(digest, ETag(digest[:32])),
                    yank=yank,
                )
            )
    broken = RefusedFile(
        "pricing_models-2.0.0-py3-none-any.whl",
        ETag("q"),
        10_240,
        "The archive ends too early: it was not uploaded whole. Upload it again.",
    )
    page = ProjectPage.of(canonicalize_name("pricing-models"), files, [broken])
    source = next(file for file in page.records if file.version == Version("1.3.0"))
    links = (canonicalize_name("pydantic"),)
    return replace(page, about=About(source.filename, source.sha256, _example_facts(), links))


def _example_facts() -> Facts:
    return Facts(
        summary="Prices of everything that we sell, and the rules that make them",
        licence="LicenseRef-Proprietary",
        author="Pricing team",
        keywords=("prices", "tax", "discounts"),
        classifiers=("Development Status :: 5 - Production/Stable", "Framework :: Pydantic"),
        urls=(
            ("Documentation", "https://docs.example.com/pricing-models/"),
            ("Source", "https://git.example.com/pricing/models"),
        ),
        requires=(
            "billing-schemas>=4",
            "pydantic>=2",
            'tomli; python_version < "3.11"',
            'pytest>=8; extra == "test"',
        ),
        description=_EXAMPLE_DESCRIPTION,
        markdown=True,
    )


_EXAMPLE_DESCRIPTION = """# Pricing models

One place for prices: `price(product, customer)` is what the shop, the invoices and the reports use.

```python
from pricing_models import price

price("A-1001", country="PT").gross  # Decimal("12.30")
```

| rule | since |
|---|---|
| discounts by volume | 1.0 |
| prices by country | 1.3 |

Read the [guide](https://docs.example.com/pricing-models/guide) before you change a rule.
"""
