"""Fixtures of all tests, and the distribution of tests to workers."""

import gc
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from scripts.build.basic_auth_zip import build as build_basic_auth
from scripts.build.indexer_zip import build as build_lambda
from scripts.local.emulator import Emulator, running_emulator
from tests.no_skips import (  # noqa: F401 - hooks of this plugin, too
    pytest_make_collect_report,
    pytest_runtest_makereport,
)
from tests.sharing import shared_directory, shared_file
from tests.terraform.runner import install_provider, plugins

TESTS = Path(__file__).parent

# What is found by chance belongs to whoever runs the tests at their desk, not to the next landing.
# There is no deadline for an example: how long it takes belongs in benchmarks.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# By default, Python looks for garbage after each 700 new objects; a worker keeps half a million.
gc.set_threshold(50_000)

# The tests of these need no stack, or one of their own each: any worker may take any of them.
INDEPENDENT = ("unit/", "simulation/", "terraform/test_plans.py")
# One worker takes these in this order. The last of them are done at once, so that xdist, which is
# two tests ahead, lets nothing wait behind the end of the deployments.
TERRAFORM = (
    "test_apply.py",
    "test_docs.py",
    "test_uninstall.py",
    "test_runner.py",
    "test_repeats.py",
)
# These begin first: they take minutes, and do little but wait, for Terraform or for retries.
WAITING = (
    "terraform/test_apply.py",
    "terraform/test_switching.py",
    "e2e/test_safe_url.py",
    "terraform/test_plans.py",
    "stress/",
)


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of workers: three more than processors, as stacks often wait."""
    return (os.cpu_count() or 1) + 3


class Groups(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Runs the tests of a group on one worker, and every other test on any worker."""

    @staticmethod
    def group(nodeid: str) -> str:
        """Return the group of a test: its own name if it shares nothing."""
        return _group(nodeid.partition("::")[0].removeprefix("tests/")) or nodeid

    def _split_scope(self, nodeid: str) -> str:
        return self.group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    """Distribute tests by our groups.

    xdist's own `--dist loadgroup` adds groups to the names of tests, which has no effect in pytest
    9.2.
    """
    return Groups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slowest modules first."""
    items.sort(key=lambda item: _rank(item.path.relative_to(TESTS).as_posix()))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking through all modules and tests again and again."""
    gc.freeze()


def _group(path: str) -> str:
    """Return the group of a module; empty for none."""
    if path.startswith(INDEPENDENT):
        return ""
    directory, _, name = path.rpartition("/")
    return directory if directory == "terraform" and name in TERRAFORM else path


def _rank(path: str) -> tuple[int, int]:
    """Return the position of a module in the order."""
    group = _group(path)
    if group == "terraform":
        return 0, TERRAFORM.index(path.rpartition("/")[2])
    for rank, beginning in enumerate(WAITING):
        if path.startswith(beginning):
            return rank, 0
    return len(WAITING), not group  # what can be spread over the workers fills the end


@pytest.fixture(scope="session", autouse=True)
def _aws_models() -> Iterator[None]:
    """Have all sessions of boto3 in a worker parse the description of a service once."""
    load = cache(JSONFileLoader().load_file)

    def load_file(_: object, path: str) -> Any:
        return load(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", load_file)
        yield


@pytest.fixture(scope="session", autouse=True)
def _unpacked_functions(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """Have all emulators of a run unpack and compile the same function once."""
    directory = shared_directory(tmp_path_factory, worker_id) / "functions"
    directory.mkdir(exist_ok=True)
    os.environ["UNPACKED_FUNCTIONS"] = str(directory)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """Provide an emulated AWS for the tests of a worker that use unique names."""
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def function_zip(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Build the function's zip once in a run."""
    return shared_file(tmp_path_factory, worker_id, "lambda_indexer.zip", build_lambda)


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Install Terraform's provider once in a run."""
    plugins()
    return shared_file(tmp_path_factory, worker_id, "provider", install_provider)


@pytest.fixture(scope="session")
def basic_auth_zip(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Build the zip of the edge functions once in a run."""
    return shared_file(tmp_path_factory, worker_id, "basic_auth.zip", build_basic_auth)
