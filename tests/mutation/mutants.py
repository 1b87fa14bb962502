"""The mutants: mistakes that somebody may well make, in the parts that must not be wrong."""

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
        "lambda_indexer/index/survey.py",
        ("indexer/test_commands", "indexer/test_kinds"),
        [
            (
                "misplaced files are not seen",
                "survey.misplaced += [one.key for one in objects if _may_be_filed(one)]",
                "pass",
            ),
            (
                "the root page is not compared",
                "for project in sorted(present ^ listed):",
                "for project in sorted(present & listed - present):",
            ),
            ("projects only on the root are not looked at", "survey.projects |= listed", "pass"),
            (
                "an unreadable page ends the survey",
                "            except StorageError as error:  # the other",
                "            except KeyError as error:  # the other",
            ),
            (
                "an outdated root page is not seen",
                "if current.json != root_json(page) or not html:",
                "if False:",
            ),
            (
                "what is outside is no difference",
                'directory") for key in survey.misplaced',
                'directory") for key in ()',
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/index/comparison.py",
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
                "if (snapshot.status and snapshot.status.etag) != said:",
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
                "if not pages.is_html(current, project_html(page, one_url=one_url), look=True):",
                "if False:",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/events/commands.py",
        ("indexer/test_commands",),
        [
            (
                "only ten misplaced files are sent",
                "for n in range(0, len(keys), PROJECTS_A_MESSAGE)",
                "for n in range(0, min(len(keys), 1), PROJECTS_A_MESSAGE)",
            ),
            (
                "fresh regenerates only what is listed",
                "survey.projects | survey.wrong if fresh else survey.wrong",
                "survey.projects if fresh else survey.wrong",
            ),
            ("fresh is not passed on", '"fresh": fresh,', '"fresh": False,'),
            ("every rebuild is fresh", 'event.get("fresh") is True', "True"),
            ("differences are not bounded", "differences[:MAX_DIFFERENCES]", "differences"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/events/work.py",
        (
            "indexer/test_batch",
            "indexer/test_indexer",
            "indexer/test_reporting",
            "indexer/test_commands",
        ),
        [
            ("the newest event counts", "event.time < self.oldest", "event.time > self.oldest"),
            (
                "an ordinary request takes fresh back",
                "causes[requested].fresh |= request.fresh",
                "causes[requested].fresh = request.fresh",
            ),
            ("a request is none", "causes[requested].requested = True", "pass"),
            ("a message that came back is new", "|= message.receive_count > 1", "|= False"),
            (
                "the last message decides",
                "causes[work].redelivered |= message.receive_count > 1",
                "causes[work].redelivered = message.receive_count > 1",
            ),
            ("an old event is new", "now - self.oldest.timestamp() > LATE", "False"),
            ("a lost page is not noticed", "self.lost |= _is_lost_page(event)", "pass"),
            (
                "only the last message fails",
                "        self.messages.add(message)\n",
                "        self.messages = {message}\n",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/events/batch.py",
        ("indexer/test_batch", "indexer/test_markers"),
        [
            ("a malformed message is done", "if message.error\n", "if False\n"),
            (
                "a failure fails nothing",
                "errors.update(dict.fromkeys(result.cause.messages, result.outcome))",
                "pass",
            ),
            (
                "a CDN that fails is not asked again",
                "    except IndexerError as error:\n        # A directory",
                "    except IndexerError as error:\n        return results\n        # A directory",
            ),
        ],
    ),
    *mutants_of(
        "lambda_indexer/locks/lease.py",
        ("indexer/test_lease", "indexer/test_root"),
        [
            (
                "the run under way covers",
                "if before.completed > since:",
                "if before.completed >= since:",
            ),
            (
                "a dead holder is trusted",
                "before.owner is not None or before.dirty is not None",
                "before.dirty is not None",
            ),
            (
                "a failed run is trusted",
                "before.owner is not None or before.dirty is not None",
                "before.owner is not None",
            ),
            (
                "a lease that was lost is not noticed",
                "        if not released:\n",
                "        if False:\n",
            ),
            (
                "a failed release keeps the lease",
                "self._abandon(lock_id, owner, lease.run, error)\n            raise\n        if",
                "raise\n        if",
            ),
            (
                "leases end with their invocation",
                "now + self.remaining() + self.margin",
                "now + self.remaining()",
            ),
            ("the bound of waiting is ignored", "min(self.max_wait, spare / 2)", "spare / 2"),
            ("a full item is ignored", "        if run is None:\n", "        if False:\n"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/locks/memory.py",
        ("indexer/test_lease", "indexer/test_local_locks", "indexer/test_root"),
        [
            (
                "all pending entries are dropped",
                "pending=item.pending - settled,",
                "pending=frozenset(),",
            ),
            (
                "a lease that is held is free",
                "item.owner in (None, owner) or item.expires_at < now",
                "True",
            ),
            (
                "an abandoned lease is clean",
                'self.items[lock_id] = replace(item, dirty=f"abandoned by run {run}")',
                "self.items[lock_id] = item",
            ),
            (
                "a lost lease is clean",
                'self.items[lock_id] = replace(item, dirty=f"lost by run {run}")',
                "self.items[lock_id] = item",
            ),
            (
                "another's dirt is wiped",
                "dirty=None if item.dirty in (None, dirty) else item.dirty,",
                "dirty=None,",
            ),
            ("pending entries have no bound", "if len(item.pending) >= MAX_PENDING:", "if False:"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/handler.py",
        ("indexer/test_handler",),
        [
            (
                "a map ends before its calls",
                "        finally:\n            wait(under_way)\n",
                "        finally:\n            pass\n",
            ),
            (
                "a map takes all threads at once",
                "islice(waiting, width - len(under_way))",
                "waiting",
            ),
            (
                "results come as they are ready",
                "for number in range(len(results))",
                "for number in results",
            ),
        ],
    ),
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
        ("cli/uploads/test_uploader",),
        [
            ("a part may be short", "if len(body) != part.size:", "if False:"),
            (
                "a failed part waits for no other",
                "wait(sending, timeout=GRACE if isinstance(error, KeyboardInterrupt) else None)",
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
            (
                "the second look is not conditional",
                "pages[project] = self._page(project, left[project], pages.get(project))",
                "pages[project] = self._page(project, left[project], None)",
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
                "self.clock() + seconds, FIRST",
                "self.clock() + 2 * seconds, FIRST",
            ),
        ],
    ),
)
"""Every one must be noticed by its tests."""
