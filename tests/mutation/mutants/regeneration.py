"""Mistakes in writing the pages of a project and of an index."""

from tests.mutation.mutant import mutants_of

MUTANTS = (
    *mutants_of(
        "lambda_indexer/index/regeneration.py",
        (
            "indexer/test_indexer",
            "indexer/test_losses",
            "indexer/test_kept_names",
            "indexer/test_markers",
            "indexer/test_kinds",
        ),
        [
            (
                "after a conflict, the root is not checked",
                "return self.lease.recovery or self.conflicts > 0",
                "return self.lease.recovery",
            ),
            (
                "after a death, the root is not checked",
                "return self.lease.recovery or self.conflicts > 0",
                "return self.conflicts > 0",
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
                "tell = run.uncertain or run.trigger.requested or not",
                "tell = run.uncertain or not",
            ),
            (
                "a new project is not on the root",
                "run.trigger.requested or not is_own_page(current)\n",
                "run.trigger.requested\n",
            ),
            (
                "a covered message that came back is believed",
                "if trigger.redelivered and not self._covered_root(project):",
                "if False:",
            ),
            (
                "a message that came back is believed",
                "if not tell and run.trigger.redelivered and not",
                "if not tell and False and not",
            ),
            (
                "nothing is written by force",
                "force = run.lease.recovery or run.trigger.fresh",
                "force = False",
            ),
            (
                "a death forces nothing",
                "force = run.lease.recovery or run.trigger.fresh",
                "force = run.trigger.fresh",
            ),
            (
                "yank markers of removed files stay",
                "        self._remove_yanks(snapshot, description.removed)\n",
                "",
            ),
            (
                "a file that is back loses its marker",
                'raise ChangedError(f"{filename} is there again")',
                "self.storage.delete(bucket, marker.key, marker.etag)",
            ),
            ("sidecars of files to be looked at go", "- advertised - unknown)", "- advertised)"),
            (
                "sidecars stay for ever",
                "sorted(snapshot.sidecars.keys() - advertised - unknown)",
                "[]",
            ),
            (
                "kept names are let go",
                "if is_own_page(current) or self.pages.is_orphan(current):",
                "if False:",
            ),
            (
                "an uncertain run invalidates only what it saw",
                "if description and not run.uncertain:",
                "if description:",
            ),
            ("nothing is remembered for the CDN", "lease.stale |= {", "_ = {"),
            (
                "an attempt has no number",
                'return f"{self.lease.run}.{self.conflicts}" if self.conflicts else',
                'return f"{self.lease.run}" if self.conflicts else',
            ),
            (
                "what is out of time is done",
                "if description is not None and description.left:",
                "if False:",
            ),
            (
                "the CDN's paths are not forgotten",
                "            self.leases.table.forget(lock_id, stale)",
                "            pass",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/page_store.py",
        (
            "indexer/test_pages",
            "indexer/test_indexer",
            "indexer/test_kept_names",
            "indexer/test_root",
        ),
        [
            (
                "JSON pages are deleted first",
                "self.storage.delete(bucket, html_key, current.html_etag)",
                "self.storage.delete(bucket, directory.page_json, current.json_etag)\n"
                + " " * 12
                + "self.storage.delete(bucket, html_key, current.html_etag)",
            ),
            (
                "a page that was written meanwhile is taken",
                "if before.json_etag != json_etag:",
                "if False:",
            ),
            (
                "somebody's HTML page is deleted",
                "if current.page is None and not self.is_orphan(current):",
                "if False:",
            ),
            ("any HTML page is ours", "return PAGE_MARK in html and", "return"),
            (
                "any project's HTML page is ours",
                'return PAGE_MARK in html and f"<title>{project.name}</title>".encode() in html',
                "return PAGE_MARK in html",
            ),
            (
                "force writes only what differs",
                "json_differs = force or json",
                "json_differs = json",
            ),
            ("HTML is not forced", "if force or not self.is_html", "if not self.is_html"),
            (
                "an opaque entity tag means other bytes",
                "        if not look:\n            return False\n        key",
                "        return False\n        key",
            ),
            (
                "an unreadable page is no page",
                " raise\n            return CurrentPages(project, None, None, None, None, lo",
                " pass\n            return CurrentPages(project, None, None, None, None, lo",
            ),
            ("one attempt is enough", "_ATTEMPTS: Final = 10", "_ATTEMPTS: Final = 1"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/root.py",
        ("indexer/test_root", "indexer/test_indexer", "indexer/test_kinds"),
        [
            (
                "runs are compared as texts",
                "word = (int(run), int(attempt or 0),",
                "word = (run, attempt,",
            ),
            ("attempts do not count", "int(attempt or 0)", "0"),
            (
                "the lowest run decides",
                "max(latest.get(key, word), word)",
                "min(latest.get(key, word), word)",
            ),
            ("pending entries stay", "            lease.settled = pending\n", ""),
            (
                "a root that is being written agrees",
                "if item.owner or item.dirty or",
                "if item.dirty or",
            ),
            (
                "a root that was left half written agrees",
                "if item.owner or item.dirty or",
                "if item.owner or",
            ),
            (
                "pending words do not matter",
                "or project.name in decide(item.pending):",
                "or False:",
            ),
            (
                "an empty root page stays",
                "if not names and not self.kinds.is_declared(index.path):",
                "if False:",
            ),
            (
                "a declared root page goes",
                "if not names and not self.kinds.is_declared(index.path):",
                "if not names:",
            ),
            (
                "a damaged root page is not reported",
                "if current.exist and current.page is None:",
                "if False:",
            ),
            (
                "nobody looks again after a complete page",
                "            if now == names:\n",
                "            if True:\n",
            ),
            (
                "files of others stay in a new index",
                "if is_distribution(stored.filename)\n",
                "if False\n",
            ),
        ],
    ),
)
