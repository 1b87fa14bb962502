import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.local.stack import LocalStack

HANDLER = """
import json, os

def handler(event, context):
    failures = []
    for record in event["Records"]:
        for each in json.loads(record["body"]).get("Records", []):
            key = each["s3"]["object"]["key"]
            print("saw", each["eventName"], key, os.environ.get("GREETING"))
            if "fail" in key:
                failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
"""


@pytest.fixture(scope="session")
def stub_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a function that logs its event, and fails for keys with `fail` in them."""
    path = tmp_path_factory.mktemp("stub") / "stub.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lambda_indexer/__init__.py", "")
        archive.writestr("lambda_indexer/handler.py", HANDLER)
    return path


@pytest.fixture(scope="package")
def stack(stub_zip: Path) -> Iterator[LocalStack]:
    """Provide one deployment with the stub for tests that do not change it."""
    with LocalStack(zip_path=stub_zip, record=True) as stack:
        yield stack
