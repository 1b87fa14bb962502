"""Mistakes in rendering and parsing pages."""

from tests.mutation.mutant import mutants_of

MUTANTS = (
    *mutants_of(
        "lambda_indexer/pages/rendering.py",
        ("indexer/test_rendering", "indexer/test_indexer", "indexer/test_markers"),
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
        ("indexer/test_rendering", "indexer/test_root", "indexer/test_indexer"),
        [
            ("the seal is not checked", "if not is_sealed(body):", "if False:"),
            ("another project's page is taken", "project in {name, None}", "name"),
            ("a digest may be anything of 64 characters", "or value.strip(_HEXADECIMAL)", ""),
            ("a digest may be short", "len(value) != 64 or ", ""),
            ("duplicates are believed", "if count[file.filename] == 1", "if True"),
            ("negative sizes are believed", "0 <= value < 1 << 63", "value < 1 << 63"),
            ("booleans are sizes", "type(value) is not int", "not isinstance(value, int)"),
            ("naive times are believed", "if time.tzinfo is None:", "if False:"),
            ("an edited page's upload times are lost", "unread=records)", "unread=())"),
            ("names are taken as they are", "_NORMALIZED_LINES.fullmatch(lines)", "True"),
        ],
    ),
)
