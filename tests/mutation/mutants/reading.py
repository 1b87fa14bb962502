"""Mistakes in what a regeneration reads: files, markers, and what it records of them."""

from tests.mutation.mutant import mutants_of

MUTANTS = (
    *mutants_of(
        "lambda_indexer/index/inspection.py",
        ("indexer/test_indexer", "indexer/test_listing"),
        [
            (
                "only what was read for the metadata is hashed",
                "        while self.read(MIB):\n            pass\n",
                "",
            ),
            ("any version is read", "stored.etag, plain=True)", "plain=True)"),
            ("an encoded file is read", "stored.etag, plain=True)", "stored.etag)"),
            ("small is large", "if stored.size <= SMALL:", "if stored.size < 0:"),
            ("time is not looked at while hashing", "if not self._in_time():", "if False:"),
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
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/description.py",
        ("indexer/test_indexer", "indexer/test_markers", "indexer/test_commands"),
        [
            (
                "upload times move",
                "first, now = record.upload_time,",
                "first, now = stored.last_modified,",
            ),
            (
                "a sidecar is put unconditionally new",
                "if there and there.etag == hashlib.md5",
                "if False and there and there.etag == hashlib.md5",
            ),
            (
                "a sidecar that is there is taken for right",
                "if there and there.etag == hashlib.md5",
                "if there and hashlib.md5",
            ),
            (
                "a missing file is quarantined",
                "raise ChangedError(str(error)) from error",
                "return _refused(stored, str(error))",
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
            (
                "fresh reads only what changed",
                "changed = snapshot.distributions if fresh else outdated",
                "changed = outdated",
            ),
            (
                "the largest file is read first",
                "key=lambda stored: stored.size)",
                "key=lambda stored: -stored.size)",
            ),
            (
                "a file that cannot be read is refused for good",
                "error.reason, again=True)",
                "error.reason)",
            ),
            ("other bytes are no overwrite", "return one.sha256 == other.sha256", "return True"),
            (
                "a file of other bytes keeps its record",
                "!= (stored.etag, stored.size):\n        return None\n    there",
                "== (stored.etag, stored.size):\n        return None\n    there",
            ),
            (
                "a lost sidecar stays advertised",
                "return listed if same else replace(listed, sidecar=None)",
                "return listed",
            ),
            (
                "unread files keep their sidecar",
                "offered.append(replace(record, sidecar=None))",
                "offered.append(record)",
            ),
            (
                "outdated records are offered",
                "            unread.append(record)",
                "            offered.append(record)",
            ),
            ("long keys are not refused", "            _check_key(stored)\n", ""),
            ("nothing is left over", "left=len(changed) - len(looked_at),", "left=0,"),
            (
                "a mended sidecar is not invalidated",
                "and there.etag != file.sidecar.etag\n",
                "and False\n",
            ),
            (
                "a removed file is not noticed",
                "removed=tuple(filename for filename in records if filename not in here)",
                "removed=()",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/snapshot.py",
        ("indexer/test_indexer", "indexer/test_markers", "indexer/test_commands"),
        [
            (
                "other bytes of the same size are the same",
                "(record.etag, record.size) != (stored.etag, stored.size)",
                "record.size != stored.size",
            ),
            (
                "an entity tag is enough",
                "(record.modified or record.upload_time) != stored.last_modified",
                "False",
            ),
            ("quarantine is for ever", "return not record.again", "return True"),
            (
                "a wheel needs no sidecar",
                'return not record.filename.endswith(".whl")',
                "return True",
            ),
            (
                "any sidecar will do",
                "sidecar is not None and sidecar.etag == record.sidecar.etag",
                "sidecar is not None",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/markers.py",
        ("indexer/test_markers",),
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
        ],
    ),
)
