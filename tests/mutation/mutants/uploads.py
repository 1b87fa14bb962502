"""Mistakes in the command's uploads."""

from tests.mutation.mutant import mutants_of

MUTANTS = (
    *mutants_of(
        "cli/s3pypi/uploads/uploader.py",
        ("cli/uploads/test_uploader",),
        [
            (
                "the size is not checked again",
                "if os.fstat(file.fileno()).st_size != digest.size:",
                "if False:",
            ),
            (
                "an existing file is replaced",
                "replace = self.existing is Existing.REPLACE\n        digest",
                "replace = True\n        digest",
            ),
            (
                "a conflict is not retried",
                "            with contextlib.suppress(ConflictError):\n                return",
                "            if True:\n                return",
            ),
            (
                "large files are sent in vain",
                "if _is_large(distribution.digest) and not replace:",
                "if False:",
            ),
        ],
    ),
    *mutants_of(
        "cli/s3pypi/uploads/multipart.py",
        ("cli/uploads/test_uploader", "cli/uploads/test_multipart"),
        [
            ("a part may be short", "if len(body) != part.size:", "if False:"),
            (
                "a failed part waits for no other",
                "wait(pending, timeout=GRACE if is_interrupt(error) else None)",
                "pass",
            ),
            (
                "parts are not given up",
                "            bucket.abort_parts(key, upload)\n",
                "            pass\n",
            ),
            ("parts go on after a failure", "        stop.set()\n", ""),
        ],
    ),
    *mutants_of(
        "cli/s3pypi/uploads/waiter.py",
        ("cli/uploads/test_waiter",),
        [
            ("one page after the other", "workers(POLLS)", "workers(1)"),
            ("pauses never grow", "waited / 6)", "0)"),
            (
                "the second look is not conditional",
                "map(pages.get, left))",
                "[None] * len(left))",
            ),
            (
                "a filename is enough",
                "(each.distribution.filename, each.distribution.digest.sha256.hex()) not in listed",
                "each.distribution.filename not in dict(listed)",
            ),
            (
                "an old refusal counts",
                "if (each.distribution.filename, each.etag) in refused\n",
                "if each.distribution.filename in dict(refused)\n",
            ),
            (
                "waiting takes twice as long",
                "waited = self.clock() - started\n",
                "waited = (self.clock() - started) / 2\n",
            ),
        ],
    ),
)
