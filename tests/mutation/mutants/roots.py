"""Mistakes in root pages, and in the kinds of directories."""

from tests.mutation.mutant import REGENERATION, mutants_of

MUTANTS = (
    *mutants_of(
        "lambda_indexer/index/kinds.py",
        (
            "indexer/test_kinds",
            "indexer/test_kept_names",
            "indexer/test_losses",
            "indexer/test_root",
            *REGENERATION,
        ),
        [
            (
                "a declared index is a project",
                "return not self.is_declared(project.path) and any(",
                "return any(",
            ),
            (
                "any distribution makes a project",
                "is_distribution(stored.filename) and names_project(stored.filename, project.name)",
                "is_distribution(stored.filename)",
            ),
            (
                "a foreign page is a project's",
                "return isinstance(current.page, ProjectPage) and not current.page.foreign",
                "return isinstance(current.page, ProjectPage)",
            ),
            (
                "kept names are let go",
                "if is_own_page(current) or self.pages.is_orphan(current):",
                "if False:",
            ),
            (
                "a name on the root is let go",
                "return isinstance(root, RootPage) and project.name in root.projects",
                "return False",
            ),
            (
                "a declared index keeps a project's name",
                "if not self.keep_names or self.is_declared(project.path):",
                "if not self.keep_names:",
            ),
            (
                "pages without files do not count",
                "any(stored.key == project.page_json for stored in objects) and",
                "False and",
            ),
            (
                "a declared index below is a project",
                "return False\n        objects =",
                "pass\n        objects =",
            ),
            (
                "odd names below are projects",
                "            if is_normalized(DirectoryPath(path))\n",
                "",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/declarations.py",
        ("indexer/test_root",),
        [
            (
                "runs are compared as texts",
                "declared = (int(run), int(attempt or 0),",
                "declared = (run, attempt,",
            ),
            ("attempts do not count", "int(attempt or 0)", "0"),
            (
                "the lowest run decides",
                "max(latest.get(key, declared), declared)",
                "min(latest.get(key, declared), declared)",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/root.py",
        (
            "indexer/test_root",
            "indexer/test_announcements",
            "indexer/test_commands",
            *REGENERATION,
            "indexer/test_kinds",
        ),
        [
            ("pending entries stay", "            lease.processed = entries\n", ""),
            (
                "declared names are announced",
                "frozenset(names) - resolve(lease.pending).keys()",
                "frozenset(names)",
            ),
            (
                "a name is announced where a project's page is",
                "if self.writer.update(index, lease.pending | announced).displaced:",
                "if not self.writer.update(index, lease.pending | announced):",
            ),
            (
                "an index that ends has a page",
                "lost=lost)\n                if update.gone:",
                "lost=lost)\n                if False:",
            ),
            ("processed entries stay", "            lease.processed = lease.pending\n", ""),
            ("a later run changes nothing", "item.run == item.completed == run and", ""),
            ("a dirty page stands", "not item.owner and not item.dirty\n", "not item.owner\n"),
            ("what is declared does not matter", "return untouched and", "return untouched or"),
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
                "pending declarations do not matter",
                "or project.name in resolve(item.pending):",
                "or False:",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/root_writer.py",
        (
            "indexer/test_root",
            "indexer/test_announcements",
            "indexer/test_commands",
            *REGENERATION,
            "indexer/test_kinds",
        ),
        [
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
                "a declared index stays a project",
                "if displaced and not is_index and is_normalized(index.path):",
                "if displaced:",
            ),
            (
                "anybody replaces a project's page by a root page",
                "if displaced and not is_index and is_normalized(index.path):",
                "if False:",
            ),
        ],
    ),
)
