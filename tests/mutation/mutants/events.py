"""Mistakes in handling events and commands."""

from tests.mutation.mutant import REGENERATION, mutants_of

MUTANTS = (
    *mutants_of(
        "lambda_indexer/events/commands.py",
        ("indexer/test_commands",),
        [
            ("every rebuild is fresh", 'event.get("fresh") is True', "True"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/events/rebuild.py",
        ("indexer/test_announcements", "indexer/test_commands", "indexer/test_links"),
        [
            (
                "only ten misplaced files are sent",
                "for n in range(0, len(misplaced), PROJECTS_A_MESSAGE)",
                "for n in range(0, min(len(misplaced), 1), PROJECTS_A_MESSAGE)",
            ),
            (
                "fresh regenerates only what is listed",
                "survey.wrong | (survey.projects if fresh else survey.unlinked)",
                "(survey.projects if fresh else survey.wrong | survey.unlinked)",
            ),
            ("indexes below are not passed on", "survey.below.get(index)", "None"),
            ("fresh is not passed on", '"fresh": fresh,', '"fresh": False,'),
            ("no name is announced", '"announced": announced,', '"announced": None,'),
            ("what is not announced is not sent", "+ self._request(left, fresh=fresh)", ""),
            ("all are sent twice", "projects - now\n", "projects\n"),
            ("all names are taken for announced", "if project.name in new}", "}"),
        ],
    ),
    *mutants_of(
        "lambda_indexer/events/work.py",
        (
            "indexer/test_batch",
            *REGENERATION,
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
            (
                "a lost page is not noticed",
                "self.lost |= _is_lost_page(event)",
                "self.lost |= False",
            ),
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
        "lambda_indexer/parallel.py",
        ("indexer/test_parallel",),
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
)
