"""Mistakes in regenerating projects."""

from tests.mutation.mutant import REGENERATION, mutants_of

MUTANTS = (
    *mutants_of(
        "lambda_indexer/index/prefetch.py",
        ("indexer/test_prefetch",),
        [
            ("memory is not bounded", "if size <= left:", "if True:"),
            ("memory is not used up", "            left -= size\n", ""),
            (
                "what the page lists is read",
                "            return None\n        return _read",
                "            pass\n        return _read",
            ),
            (
                "another version is used",
                "if file is None or file.stored.etag != stored.etag:",
                "if file is None:",
            ),
            (
                "a prefetching error fails the run",
                "with suppress(KeyError, StorageError):",
                "with suppress(KeyError):",
            ),
            (
                "the metadata file waits for the listing",
                "if (metadata := inspection().metadata) is not None:",
                "if (metadata := None) is not None:",
            ),
            (
                "a metadata file of another version is taken",
                "return file.sidecar if file and file.stored.etag == stored.etag else None",
                "return file.sidecar if file else None",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/snapshot.py",
        ("indexer/test_prefetch",),
        [
            (
                "prefetched metadata files are forgotten",
                "{**put, **self.sidecars}",
                "self.sidecars",
            ),
            (
                "prefetched metadata files count more than the listing",
                "{**put, **self.sidecars}",
                "{**self.sidecars, **put}",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/regeneration.py",
        (
            *REGENERATION,
            "indexer/test_announcements",
            "indexer/test_prefetch",
            "indexer/test_commands",
            "indexer/test_losses",
            "indexer/test_root",
            "indexer/test_kept_names",
            "indexer/test_markers",
            "indexer/test_kinds",
        ),
        [
            (
                "prefetched metadata files are still there in the next attempt",
                "        if not run.conflicts:\n",
                "        if True:\n",
            ),
            (
                "a request may be covered",
                "NEVER_COVERED if trigger.requested or trigger.lost else None",
                "NEVER_COVERED if trigger.lost else None",
            ),
            (
                "a lost page may be covered",
                "NEVER_COVERED if trigger.requested or trigger.lost else None",
                "NEVER_COVERED if trigger.requested else None",
            ),
            (
                "a request does not check the root",
                "        elif new or trigger.requested:\n",
                "        elif new:\n",
            ),
            (
                "a new project is not on the root",
                "        elif new or trigger.requested:\n",
                "        elif trigger.requested:\n",
            ),
            (
                "an uncertain run does not check the root",
                "        if run.uncertain:\n            there = False\n",
                "        if run.uncertain:\n            there = True\n",
            ),
            (
                "an uncertain run believes an announcement",
                "        if run.uncertain:\n            there = False\n        elif",
                "        if",
            ),
            (
                "no announcement is believed",
                "there = announced is not None and",
                "there = False and",
            ),
            (
                "the root page comes before every page",
                "new=True) if new else None",
                "new=new)",
            ),
            (
                "the root page comes after every page",
                "new=True) if new else None",
                "new=True) if False else None",
            ),
            (
                "a project's page keeps the place of a root page",
                "        if result.displaced:\n",
                "        if False:\n",
            ),
            (
                "a covered message that came back is believed",
                "if trigger.redelivered and not self._covered_root(project):",
                "if False:",
            ),
            (
                "a message that came back is believed",
                "there = not trigger.redelivered or",
                "there = True or",
            ),
            (
                "what is out of time is done",
                "                if outcome.left:\n",
                "                if False:\n",
            ),
            (
                "a project that is gone stays on the root",
                "if check or is_own_page(current) or not self.root.agrees(project, present=False):",
                "if check:",
            ),
            (
                "the root above is not asked",
                "or not self.root.agrees(project, present=False):",
                "or False:",
            ),
            (
                "the directory above keeps its page",
                "        if update.gone or check or run.trigger.redelivered:\n",
                "        if False:\n",
            ),
            (
                "files of others are on an index",
                "for each in snapshot.distributions]",
                "for each in ()]",
            ),
            (
                "an index that loses its files is no index",
                "or any(self.storage.directories(index.bucket, index.path))",
                "or False",
            ),
            ("a root page that is lost is changed", "lost=trigger.lost", "lost=False"),
            ("forgetting keeps the name", "replace(self, keep_names=False)", "self"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/page_maker.py",
        REGENERATION,
        [("no time is reserved for pages", "self.leases.remaining() > reserve", "True")],
    ),
    *mutants_of(
        "lambda_indexer/index/publishing.py",
        (
            *REGENERATION,
            "indexer/test_losses",
            "indexer/test_root",
            "indexer/test_kept_names",
            "indexer/test_markers",
            "indexer/test_kinds",
        ),
        [
            ("nothing is written by force", "force=run.trigger.fresh", "force=False"),
            (
                "yank markers of removed files stay",
                "        self._remove_yanks(snapshot, description.outcome.removed)\n",
                "",
            ),
            (
                "a file that is back loses its marker",
                'raise ChangedError(f"{filename} is there again")',
                "storage.delete(bucket, marker.key, marker.etag)",
            ),
            ("sidecars of files to be read go", "- named - unknown", "- named"),
            ("sidecars of refused files stay", "| {file.filename for file in page.refused}", ""),
            (
                "sidecars of hidden files stay",
                " and not (unshown and stored.fingerprint in unshown)",
                "",
            ),
            (
                "sidecars stay for ever",
                "return snapshot.sidecars.keys() - named - unknown",
                "return set()",
            ),
            (
                "sidecars stay in an index",
                "        self._remove_sidecars(run, snapshot, snapshot.sidecars)\n",
                "",
            ),
            (
                "yank markers stay in an index",
                "        self._remove_yanks(snapshot, removed)\n",
                "",
            ),
            (
                "the CDN keeps files of a project that is an index now",
                "        self.invalidation.note(run, removed)\n",
                "",
            ),
            (
                "a run without a lease deletes sidecars",
                "if orphans and not self.invalidation",
                "if False and not self.invalidation",
            ),
            (
                "nothing is invalidated",
                "        self.invalidation.note(run, description.stale)\n",
                "",
            ),
            (
                "a page without files stays",
                "if page.foreign and not snapshot.distributions:",
                "if False:",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/invalidation.py",
        (
            "indexer/test_markers",
            "indexer/test_losses",
            "indexer/test_root",
            "indexer/test_invalidation",
            *REGENERATION,
        ),
        [
            (
                "an uncertain run invalidates only what it saw",
                "if run.uncertain or len(stale) > MAX_PATHS:",
                "if len(stale) > MAX_PATHS:",
            ),
            (
                "every run invalidates the directory",
                "if run.uncertain or len(stale) > MAX_PATHS:",
                "if True:",
            ),
            ("nothing is remembered for the CDN", "lease.stale = stale", "pass"),
            (
                "a lock item has no bound",
                "if run.uncertain or len(stale) > MAX_PATHS:",
                "if run.uncertain:",
            ),
            (
                "what was noted before is forgotten",
                "stale = lease.stale.union(",
                "stale = frozenset(",
            ),
            (
                "what was noted before is kept beside the whole directory",
                'stale = frozenset({f"{lease.run} {everything_in(path)}"})',
                'stale |= frozenset({f"{lease.run} {everything_in(path)}"})',
            ),
            (
                "the CDN's paths are not forgotten",
                "            self.leases.table.forget(lock_id, stale)",
                "            pass",
            ),
            (
                "paths are forgotten before they are invalidated",
                "        self.cdn.invalidate(merged(",
                "        self.stale.clear()\n        self.cdn.invalidate(merged(",
            ),
            (
                "runs share their entries",
                'f"{lease.run} {each}"',
                'f"0 {each}"',
            ),
            (
                "sidecars are not invalidated",
                '("", SIDECAR_EXTENSION) if is_wheel(filename) else ("",)',
                '("",)',
            ),
            ("only one spelling is invalidated", 'for safe in ("", "+!")', 'for safe in ("",)'),
            (
                "any number of paths is sent",
                "return paths if len(paths) <= MAX_PATHS else",
                "return paths if True else",
            ),
            ("any number of wildcards is sent", "if len(wild) > _MAX_WILDCARDS:", "if False:"),
            ("covered paths are sent", "rest = paths - covered", "rest = paths"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/outcome.py",
        (
            *REGENERATION,
            "indexer/test_losses",
            "indexer/test_root",
            "indexer/test_kept_names",
            "indexer/test_markers",
            "indexer/test_kinds",
        ),
        [
            (
                "after a conflict, the root is not checked",
                "return self.lease.recovery or self.conflicts > 0 or",
                "return self.lease.recovery or",
            ),
            (
                "after a death, the root is not checked",
                "return self.lease.recovery or self.conflicts > 0 or",
                "return self.conflicts > 0 or",
            ),
            (
                "the record of what is gone is not missed",
                " or self.conflicts > 0 or self.trigger.lost",
                " or self.conflicts > 0",
            ),
            (
                "an attempt has no number",
                'return f"{self.lease.run}.{self.conflicts}" if self.conflicts else',
                'return f"{self.lease.run}" if self.conflicts else',
            ),
        ],
    ),
)
