"""The metadata files beside wheels (PEP 658, PEP 714)."""

from typing import Final

from lambda_indexer.index.places import Project
from lambda_indexer.model import ETag
from lambda_indexer.ports import PutOptions, Storage
from s3pypi.layout import SIDECAR_EXTENSION

_OPTIONS: Final = PutOptions("text/plain; charset=utf-8", "public, max-age=31536000, immutable")


def sidecar_key(project: Project, filename: str) -> str:
    """The key of a wheel's metadata file."""
    return project.path + filename + SIDECAR_EXTENSION


def put_sidecar(
    storage: Storage, project: Project, filename: str, metadata: bytes, version: ETag | None
) -> ETag:
    """Put the metadata file of a wheel, before any page names it.

    Args:
        storage: the bucket.
        project: the project.
        filename: of the wheel.
        metadata: the bytes of its METADATA.
        version: the metadata file to replace; None if there must not be one.

    Returns:
        The entity tag.

    Raises:
        ChangedError: another writer got in.
        StorageError: S3 refused or failed.
    """
    key = sidecar_key(project, filename)
    return storage.put(project.bucket, key, metadata, _OPTIONS, version)
