"""The costs in requests, function calls and imports; times are measured by the benchmarks.

Each bound is a little above what it is today. Whoever has to raise one says in the commit why that
is worth it.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Collection
from functools import cache
from pathlib import Path
from types import FrameType

import pytest
from packaging.utils import NormalizedName

from lambda_indexer.index.places import Project
from lambda_indexer.model import ProjectPage, RootPage
from lambda_indexer.pages.rendering import project_html, project_json, root_html, root_json
from s3pypi.layout import DirectoryPath
from tests.benchmarks.records import CONTENT, METADATA, NAME, make_records, put_at
from tests.factories import wheel
from tests.unit.indexer.conftest import BUCKET, World

ROOT = Path(__file__).parents[3]
FILES = 1_000


def put_root(world: World, index: str, projects: int) -> None:
    """Put the pages of an index with a number of projects."""
    page = RootPage.of(NormalizedName(f"some-{number}") for number in range(projects))
    world.put(f"{index}index.json", root_json(page))
    world.put(index, root_html(page))


def test_a_new_project_costs_the_same_in_a_root_of_any_size(world: World) -> None:
    """Requests do not grow with the number of projects."""
    costs = []
    for index, projects in (("small/", 10), ("large/", 100_000)):
        put_root(world, index, projects)
        world.forget()
        world.index(world.put(f"{index}new/", wheel("new")))
        costs.append(Counter(world.storage.operations()) + Counter(c for c, _ in world.table.calls))
        assert len(world.names(index)) == projects + 1
    assert costs[0] == costs[1]
    assert costs[0].total() == 14


@pytest.fixture
def large(world: World) -> World:
    """Return a project with a thousand known files and one new file."""
    records = make_records(FILES)
    for record in records:
        world.put(f"{NAME}/{record.filename}", CONTENT)
        world.put(f"{NAME}/{record.filename}.metadata", METADATA)
    listed = world.storage.list(BUCKET, f"{NAME}/")
    times = {stored.filename: stored.last_modified for stored in listed}
    page = ProjectPage.of(NAME, put_at(records, times))
    world.put(f"{NAME}/index.json", project_json(page))
    world.put(f"{NAME}/", project_html(page))
    world.put(f"{NAME}/", wheel(NAME, "900.0"))
    world.forget()
    return world


def test_a_new_file_in_a_large_project_costs_listing_and_nothing_more(large: World) -> None:
    """A run takes two reads, a metadata file and two pages, and no requests for the other files."""
    large.indexer.regenerate(Project(BUCKET, DirectoryPath(f"{NAME}/")))
    operations = Counter(large.storage.operations())
    assert operations.pop("LIST") == 4  # the first again, after the page is read
    assert operations == {"GET": 2, "PUT": 3}
    assert len(large.filenames(f"{NAME}/")) == FILES + 1


def test_a_known_file_costs_little_work(large: World) -> None:
    """The number of function calls per file, for reading the record and writing both pages.

    It is processor time that can be counted. Every parse that is not shared, every part that is
    escaped by itself, is dozens of calls for each file.
    """
    objects = large.storage.list(BUCKET, f"{NAME}/")
    large.storage.list = lambda *_: objects  # type: ignore[method-assign]
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    indexer = large.indexer
    sys.setprofile(count)
    try:
        indexer.regenerate(Project(BUCKET, DirectoryPath(f"{NAME}/")))
    finally:
        sys.setprofile(None)

    assert calls / FILES < 42


@cache
def imported(code: str) -> frozenset[str]:
    """Return the modules that are imported after some code."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"{code}\nimport json, sys; print(json.dumps(list(sys.modules)))"],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"AWS_DEFAULT_REGION": "us-east-1", "PYTHONPATH": f"{ROOT / 'cli'}:{ROOT}"},
    )
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


def packages(modules: Collection[str]) -> set[str]:
    """Return the packages of modules outside of the standard library."""
    tops = {module.partition(".")[0] for module in modules}
    return {top for top in tops if top not in sys.stdlib_module_names and not top.startswith("_")}


BOTO3 = "import boto3; boto3.client('s3'); boto3.client('dynamodb')"
START = (
    "from lambda_indexer import handler;"
    "handler.Service.start(handler.Settings(locks_table='locks', distribution_id='E1'))"
)


def test_the_command_answers_before_it_imports_aws() -> None:
    """`--version` and `--help` need nothing but Click."""
    for argv in (["--version"], ["--help"], ["upload", "--help"]):
        assert packages(imported(f"from s3pypi.cli import main; main({argv})")) == {
            "click",
            "s3pypi",
        }


def test_an_upload_imports_only_what_it_needs() -> None:
    """An upload only imports boto3, Click and packaging, and no progress bar."""
    command = imported(
        "import s3pypi.cli, s3pypi.commands.upload, s3pypi.aws.bucket, s3pypi.aws.clients,"
        " s3pypi.uploads.selection, s3pypi.uploads.uploader"
    )
    assert packages(command) - packages(imported(BOTO3)) == {"click", "s3pypi", "packaging"}


def test_a_cold_start_imports_only_what_most_events_need() -> None:
    """A cold start imports boto3, Jinja, packaging, and the logger of Powertools."""
    function = imported(START)
    bare = imported(BOTO3)
    added = packages(function) - packages(bare)
    powertools = {"aws_lambda_powertools", "typing_extensions"}
    assert added == {"lambda_indexer", "s3pypi", "jinja2", "markupsafe", "packaging"} | powertools
    foreign = {
        m for m in function - bare if m.partition(".")[0] not in {"lambda_indexer", "s3pypi"}
    }
    assert len(foreign) < 95


def test_a_request_names_the_function_in_one_text() -> None:
    """Botocore would make a text of thirty parts, twice for each request."""
    watch = (
        "import sys; from botocore.useragent import UserAgentString as U; made = []\n"
        "make = U.to_string; U.to_string = lambda self: made.append(make(self)) or made[-1]\n"
    )
    use = "started.storage._s3.meta.events.register('before-send', lambda request, **_: 1 / 0)"
    ask = "started.storage.head('bucket', 'key')"
    named = imported(
        f"{watch}{START.replace('handler.Service', 'started = handler.Service')}\n{use}\n"
        f"try: {ask}\nexcept Exception: pass\nsys.modules.update(dict.fromkeys(made))"
    )
    assert any(name.startswith("s3pypi-indexer Boto3/") for name in named)
    assert not any("ua/2" in name for name in named)


def test_a_cold_start_makes_two_clients() -> None:
    """The clients of SQS and CloudFront are created on first use."""
    watch = (
        "import botocore.session as b, sys; made = []; make = b.Session.create_client\n"
        "def create(self, name, *a, **k): made.append(name); return make(self, name, *a, **k)\n"
        "b.Session.create_client = create\n"
    )
    made = imported(f"{watch}{START}\nsys.modules.update(dict.fromkeys(made))")
    assert made & {"s3", "dynamodb", "sqs", "cloudfront"} == {"s3", "dynamodb"}
