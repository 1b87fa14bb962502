"""Helpers for the tests of regenerations."""

import hashlib

from lambda_indexer.events import batch
from lambda_indexer.events.messages import Message, ObjectEvent
from lambda_indexer.index.places import Project
from s3pypi.layout import DirectoryPath
from tests.unit.indexer.conftest import BUCKET, World

FOO = Project(BUCKET, DirectoryPath("foo/"))


def sha256(body: bytes) -> str:
    """The digest as pages write it."""
    return hashlib.sha256(body).hexdigest()


def lose(world: World, *keys: str) -> None:
    """Remove objects, and handle the resulting events."""
    for key in keys:
        world.storage.remove(BUCKET, key)
    messages = [
        Message((ObjectEvent(BUCKET, key, removed=True),), id=str(number))
        for number, key in enumerate(keys)
    ]
    results = batch.process(messages, world.indexer, map)
    assert batch.failed(messages, results) == {}
