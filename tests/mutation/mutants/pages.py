"""Mistakes in rendering, parsing and replacing pages."""

from tests.mutation.mutant import REGENERATION, mutants_of

MUTANTS = (
    *mutants_of(
        "lambda_indexer/pages/rendering.py",
        ("indexer/test_rendering", *REGENERATION, "indexer/test_markers"),
        [
            (
                "any seal is a seal",
                "return bool(mark) and seal == f'{digest}\"'.encode() + _END",
                "return bool(mark)",
            ),
            (
                "files of a record are not withheld",
                "if page.records and not page.files:",
                "if False:",
            ),
            ("a file to look at again is not marked", '| ({"again": True} if q.again else {})', ""),
        ],
    ),
    *mutants_of(
        "lambda_indexer/pages/parsing.py",
        ("indexer/test_rendering", "indexer/test_root", *REGENERATION),
        [
            ("the seal is not checked", "sealed=is_sealed(body)", "sealed=True"),
            ("no page is sealed", "sealed=is_sealed(body)", "sealed=False"),
            ("another project's page is taken", "if project in {name, None}", "if name"),
            ("duplicates are believed", "if count[file.filename] == 1", "if True"),
            (
                "an edited page's upload times are lost",
                "unread=_once(_usable(unread_file, files + unread))",
                "unread=()",
            ),
            ("unread files of an edited page are lost", "files + unread", "files"),
            ("withheld files are lost", " + _list(page, WITHHELD_KEY)", ""),
            ("unread files are lost", "unread=_usable(unread_file, unread),", "unread=(),"),
            (
                "one bad entry spoils the page",
                "        with suppress(*UNUSABLE):\n",
                "        if True:\n",
            ),
            ("names are taken as they are", "_NORMALIZED_LINES.fullmatch(lines)", "True"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/pages/entries.py",
        ("indexer/test_rendering", "indexer/test_root", *REGENERATION),
        [
            (
                "a digest may be anything",
                "    if not _DIGEST.fullmatch(digest):\n",
                "    if False:\n",
            ),
            ("a digest may be long", "_DIGEST.fullmatch(digest)", "_DIGEST.match(digest)"),
            ("another project's file is believed", "    version_in(filename, project)\n", ""),
            ("naive times are believed", "if time.tzinfo is None:", "if False:"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/attempts.py",
        ("indexer/test_pages", "indexer/test_interference"),
        [("one attempt is enough", "_ATTEMPTS: Final = 10", "_ATTEMPTS: Final = 1")],
    ),
    *mutants_of(
        "lambda_indexer/index/page_store.py",
        (
            "indexer/test_pages",
            "indexer/test_poison",
            *REGENERATION,
            "indexer/test_kept_names",
            "indexer/test_root",
        ),
        [
            (
                "JSON pages are deleted first",
                "in pages.items() if etag is not None]",
                "in reversed(pages.items()) if etag]",
            ),
            (
                "a page that was written meanwhile is taken",
                "if before.json_etag != json_etag and not before.locked:",
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
                "return PAGE_MARK in html and any(each.encode() in html for each in titles)",
                "return PAGE_MARK in html",
            ),
            (
                "force writes only what differs",
                "json_differs = force or json",
                "json_differs = json",
            ),
            ("HTML is not forced", "html_differs = force or not", "html_differs = not"),
            (
                "an HTML page of another size is hashed",
                "or current.html_size not in {None, len(html)}:",
                "or False:",
            ),
            (
                "an opaque entity tag means other bytes",
                "return look and self._read_html(current) == html",
                "return False",
            ),
            (
                "an unreadable page is no page",
                " raise\n            return CurrentPages(directory, locked=True)",
                " pass\n            return CurrentPages(directory, locked=True)",
            ),
            ("a locked page cannot be replaced", " and not before.locked:", ":"),
            (
                "a locked page fails",
                "                raise\n            return CurrentPages(directory, locked=True)",
                "                raise\n            raise",
            ),
            (
                "an HTML page that goes is taken for one that differs",
                "            raise ChangedError(str(error)) from error\n        except Unreadable",
                '            return b""\n        except Unreadable',
            ),
            ("a locked HTML page is not read", 'return b""', "raise"),
            (
                "a locked root page fails",
                "        if not error.certain:\n            raise error",
                "        raise error",
            ),
        ],
    ),
)
