"""Mistakes about who uploaded a file."""

from tests.mutation.mutant import mutants_of

MUTANTS = (
    *mutants_of(
        "lambda_indexer/index/uploaders.py",
        ("indexer/test_uploaders",),
        [
            ("uploaders are always shown", "if not site.show_uploaders:", "if False:"),
            ("the function is an uploader", "if session != site.session and", "if"),
            (
                "any version's event counts",
                "uploads.get((file.filename, file.etag), ())",
                "[each for several in uploads.values() for each in several]",
            ),
            (
                "old events count",
                "if upload.time is None or upload.time + RESOLUTION >= file.last_modified",
                "if True",
            ),
            ("one of several is taken", "if len(principals) > 1:", "if False:"),
            (
                "another version keeps its uploader",
                "and version == (before.etag, before.last_modified):",
                "and True:",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/events/uploads.py",
        ("indexer/test_uploaders",),
        [
            ("what was there is the uploader's", "if copied_since and", "if"),
            ("other bytes are the uploader's", "and copy.etag == upload.etag:", "and True:"),
        ],
    ),
)
