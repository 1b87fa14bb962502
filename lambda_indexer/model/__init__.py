"""The content of the pages: frozen values without a clock, the same for HTML and JSON.

The names are those of the Simple Repository API; each field cites its rule.
"""

from lambda_indexer.model.files import (
    ProjectFile,
    RefusedFile,
    Sidecar,
    UnreadFile,
    Yank,
    newest_version,
)
from lambda_indexer.model.objects import ETag, Sha256, StoredObject
from lambda_indexer.model.pages import (
    MAX_SHOWN,
    MAX_SUMMARY,
    About,
    ProjectPage,
    ProjectStatus,
    RootPage,
)

__all__ = [
    "MAX_SHOWN",
    "MAX_SUMMARY",
    "About",
    "ETag",
    "ProjectFile",
    "ProjectPage",
    "ProjectStatus",
    "RefusedFile",
    "RootPage",
    "Sha256",
    "Sidecar",
    "StoredObject",
    "UnreadFile",
    "Yank",
    "newest_version",
]
