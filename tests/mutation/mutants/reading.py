"""Mistakes in reading the files of a project."""

from tests.mutation.mutant import REGENERATION, mutants_of

MUTANTS = (
    *mutants_of(
        "lambda_indexer/files/inspection.py",
        (*REGENERATION, "indexer/test_listing", "indexer/test_read_ahead"),
        [
            ("any version is read", "stored.etag, plain=True)", "plain=True)"),
            ("an encoded file is read", "stored.etag, plain=True)", "stored.etag)"),
            ("small is large", "if stored.size <= SMALL:", "if stored.size < 0:"),
            (
                "sdists have sidecars",
                "Inspection(file, metadata if wheel else None,",
                "Inspection(file, metadata,",
            ),
            (
                "the checksum of S3 is ignored",
                "    if known is not None:\n        return known\n",
                "",
            ),
            ("zip archives are streamed", 'name.endswith((".whl", ".zip"))', "False"),
            ("all files are read at once", "(_one_at_a_time, CONN", "(nullcontext(), CONN"),
            ("all is read ahead for metadata", "(nullcontext(), 1)", "(nullcontext(), 9)"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/files/readers.py",
        (*REGENERATION, "indexer/test_listing"),
        [
            (
                "only what was read for the metadata is hashed",
                "        while self._advance():\n            pass\n",
                "",
            ),
            ("time is not looked at while hashing", "if not self._in_time():", "if False:"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/files/read_ahead.py",
        ("indexer/test_read_ahead",),
        [
            ("the last block is lost", "range(0, size, BLOCK)", "range(0, size - BLOCK, BLOCK)"),
            ("blocks overlap", "min(start + BLOCK, size)", "min(start + BLOCK + 1, size)"),
            ("no bound to what is read ahead", "len(waiting) == ahead", "False"),
            ("one request at a time", "len(waiting) == ahead", "waiting"),
            (
                "the newest block comes first",
                "        while waiting:\n            yield waiting.popleft()",
                "        while waiting:\n            yield waiting.pop()",
            ),
            ("requests go on after the end", "pool.shutdown(cancel_futures=True)", "pass"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/decision.py",
        (*REGENERATION, "indexer/test_markers", "indexer/test_commands"),
        [
            (
                "upload times move",
                "first, now = before.upload_time,",
                "first, now = stored.last_modified,",
            ),
            (
                "other content keeps its upload time",
                "and before and before.sha256 == file.sha256:",
                "and before:",
            ),
            (
                "the time of a version is not noted",
                "modified=None if now == first else now",
                "modified=None",
            ),
            (
                "a sidecar is always put",
                "if there and there in {md5, self.prefetched.sidecar(stored)}:",
                "if False:",
            ),
            (
                "a sidecar that is there is taken for right",
                "if there and there in {md5, self.prefetched.sidecar(stored)}:",
                "if there:",
            ),
            (
                "a missing file is quarantined",
                "raise ChangedError(str(error)) from error",
                "now = RefusedFile.of(stored, str(error))",
            ),
            (
                "a file that cannot be read is refused for good",
                "error.reason, again=True)",
                "error.reason)",
            ),
            (
                "a file that cannot be read is not offered",
                "            now = self._still_listed(stored, before)\n",
                "            now = None\n",
            ),
            ("time does not matter", "            if self.in_time():\n", "            if True:\n"),
            (
                "other bytes are no overwrite",
                "overwritten = put_again and not _same_content(before, now)",
                "overwritten = False",
            ),
            (
                "the same bytes are an overwrite",
                "overwritten = put_again and not _same_content(before, now)",
                "overwritten = put_again",
            ),
            ("a new version is not invalidated", "stale = put_again or", "stale = overwritten or"),
            (
                "a mended sidecar is not invalidated",
                "put_again or self._sidecar_changed(now)",
                "put_again",
            ),
            (
                "what was unread is not invalidated",
                "isinstance(before, UnreadFile) or bool(",
                "False or bool(",
            ),
            (
                "a file of other bytes keeps its record",
                "if (before.etag, before.size) != (stored.etag, stored.size):",
                "if False:",
            ),
            (
                "a lost sidecar stays advertised",
                "return before if same else replace(before, sidecar=None)",
                "return before",
            ),
            ("long keys are not refused", ".encode()) > MAX_KEY:", ".encode()) > 2 * MAX_KEY:"),
            ("what is postponed is read", "unread, read=False)", "unread)"),
            (
                "upload times of postponed files are lost",
                "unread = UnreadFile(before.filename, before.sha256, before.upload_time)",
                "pass",
            ),
            (
                "a second postponement loses upload times",
                "unread = before if isinstance(before, UnreadFile) else None",
                "unread = None",
            ),
            (
                "quarantined files are forgotten for want of time",
                "            now = before\n",
                "            pass\n",
            ),
            (
                "outdated reasons are kept",
                "isinstance(before, RefusedFile) and self.snapshot.confirms(before, stored)",
                "isinstance(before, RefusedFile)",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/snapshot.py",
        ("indexer/test_markers", "indexer/test_losses"),
        [
            (
                "a marker is a removed file",
                "if name not in self.files and is_distribution(name))",
                "if name not in self.files)",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/description.py",
        (
            *REGENERATION,
            "indexer/test_markers",
            "indexer/test_commands",
            "indexer/test_poison",
        ),
        [
            (
                "fresh reads only what changed",
                "snapshot.distributions if run.trigger.fresh else ",
                "",
            ),
            (
                "everything is read again",
                " if run.trigger.fresh else files_to_read(snapshot, previous)",
                "",
            ),
            (
                "the largest file is read first",
                "key=lambda stored: stored.size)",
                "key=lambda stored: -stored.size)",
            ),
            ("nothing is left over", "left=len(due) - len(read),", "left=0,"),
            ("a removed file is not noticed", "removed=snapshot.missing(previous),", ""),
            (
                "removed files are not invalidated",
                "frozenset({*outcome.removed, *stale})",
                "frozenset(stale)",
            ),
            ("what was refused before is news", "if file not in previous.refused)", ")"),
            (
                "unread files are forgotten",
                "unread=[decision.unread for decision in decisions if decision.unread],",
                "",
            ),
            (
                "hidden files are read",
                "    if not previous.unshown:\n        return outdated\n",
                "    return outdated\n",
            ),
            (
                "hidden files stay hidden",
                "hidden = unshown - set(sorted(unshown | shown)[:MAX_SHOWN])",
                "hidden = unshown",
            ),
            ("what is gone stays hidden", "        unshown &= {", "        _ = {"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/snapshot.py",
        (*REGENERATION, "indexer/test_markers", "indexer/test_commands"),
        [
            (
                "any version is the one that was read",
                "        if not record.describes(stored):\n",
                "        if False:\n",
            ),
            ("quarantine is for ever", "return not record.again", "return True"),
            (
                "a wheel needs no sidecar",
                'return not record.filename.endswith(".whl")',
                "return True",
            ),
            (
                "any sidecar will do",
                "self.sidecars.get(record.filename) == record.sidecar.etag",
                "record.filename in self.sidecars",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/markers.py",
        ("indexer/test_markers", *REGENERATION),
        [
            (
                "a yank marker is read whole",
                "end = min(marker.size, _LONGEST)",
                "end = marker.size",
            ),
            (
                "an unreadable marker fails",
                '    except UnreadableError:\n        text = ""',
                '    except KeyError:\n        text = ""',
            ),
            ("a long status is read", "if marker.size > _LONGEST:", "if False:"),
            ("an empty marker is read", '    if not marker.size:\n        return b""\n', ""),
            (
                "any version of a marker is read",
                "raise ChangedError(str(error)) from error",
                'return b""',
            ),
            (
                "yank markers are believed for ever",
                "if file.yank == yank else replace(file, yank=yank)",
                "if file.yank else replace(file, yank=yank)",
            ),
            (
                "a status is believed for ever",
                "previous.status.etag == marker.etag",
                "previous.status.etag",
            ),
            ("each marker is read again", "and marker.etag not in known}", "}"),
            (
                "an invalid status fails",
                "except InvalidMarkerError as error:",
                "except KeyError as error:",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/model/files.py",
        (*REGENERATION, "indexer/test_markers", "indexer/test_commands", "indexer/test_poison"),
        [
            (
                "other bytes of the same size are the same",
                "return version == (stored.etag, stored.size, stored.last_modified)",
                "return version[1:] == (stored.size, stored.last_modified)",
            ),
            (
                "an entity tag is enough",
                "return version == (stored.etag, stored.size, stored.last_modified)",
                "return version[:2] == (stored.etag, stored.size)",
            ),
            (
                "a new version keeps its quarantine",
                "return (self.etag, self.size) == (stored.etag, stored.size)",
                "return self.size == stored.size",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/model/pages.py",
        (*REGENERATION, "indexer/test_markers", "indexer/test_poison"),
        [
            (
                "a quarantined project offers its files",
                "return () if withheld else self.records",
                "return self.records",
            ),
            ("every file is shown in quarantine", "tuple(by_name[:MAX_SHOWN])", "tuple(by_name)"),
        ],
    ),
    *mutants_of(
        "cli/s3pypi/layout.py",
        ("indexer/test_poison", "cli/uploads/test_waiter"),
        [
            (
                "a fingerprint ignores the version",
                'f"{etag}\\n{size}\\n{name}"',
                'f"{name}"',
            ),
        ],
    ),
)
