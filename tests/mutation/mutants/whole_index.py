"""Mistakes in moving misplaced files, and in comparing whole indexes."""

from tests.mutation.mutant import mutants_of

MUTANTS = (
    *mutants_of(
        "lambda_indexer/index/filing.py",
        ("indexer/test_filing",),
        [
            (
                "sizes are enough",
                "if one.size != other.size:\n            return False\n",
                "if one.size == other.size:\n            return True\n",
            ),
            (
                "a different file is deleted",
                "if not self._same(bucket, stored, there):",
                "if False:",
            ),
            (
                "any project's file is moved",
                "if only is not None and project.name != only:",
                "if False:",
            ),
            (
                "a file is filed into another index",
                "if self.kinds.is_declared(project.path):",
                "if False:",
            ),
            (
                "a marker is left behind",
                "if here and not there:\n            self.storage.move(bucket, here, moved)",
                "pass",
            ),
            (
                "a marker is not taken back",
                "if here and not there and back:",
                "if False:",
            ),
            (
                "a marker moves before its file",
                "if self._find(bucket, marker.key.removesuffix(YANK_EXTENSION)):",
                "if False:",
            ),
            (
                "a marker that was passed over stays",
                " or self._find(bucket, key + YANK_EXTENSION)",
                "",
            ),
            (
                "what is gone at its place is gone itself",
                "            raise ChangedError(str(error)) from error\n        return digest",
                "            raise\n        return digest",
            ),
            (
                "a marker yanks nothing",
                "if not self._find(bucket, target):",
                "if False:",
            ),
            (
                "a changed file is moved as it was",
                "self.storage.head(index.bucket, stored.key) if conflicts else stored",
                "stored",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/survey/surveyor.py",
        (
            "indexer/test_commands",
            "indexer/test_kinds",
            "indexer/test_links",
            "indexer/test_summaries",
            "indexer/test_survey",
        ),
        [
            (
                "misplaced files are not seen",
                "survey.misplaced += [path + one.key for one in objects if _may_be_filed(one)]",
                "pass",
            ),
            (
                "an unreadable page ends the survey",
                "            except StorageError as error:  # it does",
                "            except KeyError as error:  # it does",
            ),
            ("links of some projects are compared", " if whole else None", ""),
            (
                "what is outside is no difference",
                "for key in survey.misplaced:",
                "for key in ():",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/survey/root_comparison.py",
        ("indexer/test_commands", "indexer/test_summaries", "indexer/test_survey"),
        [
            (
                "the root page is not compared",
                "for project in sorted(present ^ listed):",
                "for project in sorted(present & listed - present):",
            ),
            ("projects only on the root are not looked at", "survey.projects |= listed", "pass"),
            (
                "an outdated root page is not seen",
                "if current.json != root_json(page) or not same:",
                "if False:",
            ),
            (
                "summaries stay as they are",
                "survey.outdated.add(index)",
                "pass",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/links.py",
        ("indexer/test_links",),
        [
            (
                "each run of a rebuild reads the root page",
                "if index not in self.known:",
                "if True:",
            ),
            ("each run reads the root page", "if look and about.facts.requires:", "if True:"),
            ("a rebuild looks nothing up", "if look and", "if False and"),
            (
                "a new dependency is not looked up",
                "elif _dependencies(about) - (_dependencies(before) if before else set()):",
                "elif False:",
            ),
            ("a page waits for its links", "except StorageError:", "except KeyError:"),
            ("a project links itself", " - {page.name} if", " if"),
            ("links that were there are lost", "before.links if before else ()", "()"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/survey/result.py",
        ("indexer/test_survey",),
        [("differences are not bounded", "del self.differences[MAX_DIFFERENCES:]", "pass")],
    ),
    *mutants_of(
        "lambda_indexer/survey/directories.py",
        ("indexer/test_survey", "indexer/test_links"),
        [
            (
                "other indexes are below, too",
                "if path.startswith(index.path) and path != index.path",
                "if path != index.path",
            ),
            (
                "foreign objects are kept",
                "if _concerns_index(stored) and has_place:",
                "if has_place:",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/events/name_check.py",
        ("indexer/test_name_check",),
        [
            ("without time names are free", "if enough else _NO_TIME", "if enough else None"),
            ("an unreadable page shows a mirror", "return set()", 'return {"f" * 64}'),
            ("all names are checked at once", "NAMES_A_RUN, day)", "None, day)"),
        ],
    ),
    *mutants_of(
        "cli/s3pypi/upstream/names.py",
        ("indexer/test_name_check", "cli/upstream/test_names"),
        [
            ("no answer is free", "state = State.UNKNOWN", "state = State.FREE"),
            ("an upstream that is down is asked", "failures < PATIENCE", "True"),
            ("each failure counts", " and found.is_down", ""),
        ],
    ),
    *mutants_of(
        "cli/s3pypi/layout.py",
        ("indexer/test_poison", "indexer/test_inspection"),
        [
            ("what is unreadable is refused for good", 'f"/{filename}" if again else', "True and"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/survey/comparison.py",
        ("indexer/test_commands",),
        [
            ("an edited page is right", "not is_sealed(current.json)", "False"),
            (
                "removed files are not seen",
                "for filename in sorted(listed - here)",
                "for filename in sorted(listed & here - here)",
            ),
            (
                "outdated yanks are not seen",
                "if (marker := snapshot.yanks.get(record.filename), record.yank) != (None, None)\n",
                "if False and (marker := None)\n",
            ),
            (
                "an outdated status is not seen",
                "if (snapshot.status and snapshot.status.etag) != known:",
                "if False:",
            ),
            (
                "a stray sidecar is not seen",
                "sorted(snapshot.sidecars.keys() - with_sidecar)",
                "()",
            ),
            ("an outdated page is right", "if current.json != project_json(page):", "if False:"),
            (
                "other HTML is right",
                "if not pages.is_html(current, html, look=True):",
                "if False:",
            ),
        ],
    ),
)
