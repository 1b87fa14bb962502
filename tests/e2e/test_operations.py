"""`s3pypi verify` and `s3pypi rebuild` against the real function."""

import json
import subprocess
import sys

from tests.e2e.conftest import SECONDS, Index
from tests.factories import wheel

FOO, BAR = wheel("foo"), wheel("bar")


def s3pypi(index: Index, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run the command, whether it succeeds or not."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "s3pypi", *argv],
        capture_output=True,
        text=True,
        check=False,
        env=index.environment,
        timeout=300,
    )
    assert "Traceback" not in done.stderr
    return done


def differences(index: Index, *names: str) -> dict[str, list[str]]:
    """Return the differences that `verify` finds, by place."""
    done = s3pypi(index, "verify", *names)
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        place, what = line.split(": ", 1)
        found.setdefault(place.removeprefix(f"{index.prefix}/"), []).append(what)
    assert done.returncode == (1 if found else 0), done.stderr
    return found


def filled(index: Index) -> None:
    """Upload two projects, and wait until they are indexed."""
    index.s3pypi("upload", *index.write(FOO, BAR), "--wait", "60")
    index.until(index.projects, ["bar", "foo"])
    assert index.stack.resources.wait_until_idle(SECONDS)


def test_damage_is_found_and_repaired(index: Index) -> None:
    """`rebuild` repairs damaged pages and metadata files."""
    filled(index)
    before = {key: index.get(key) for key in ("foo/", "bar/", "")}
    assert differences(index) == {}
    index.put_object("foo/index.json", b"garbage")
    index.put_object(f"bar/{BAR.filename}.metadata", b"garbage")
    found = differences(index)
    assert set(found) >= {"foo/", "bar/"}
    assert any(BAR.filename in what for what in found["bar/"])
    assert set(differences(index, "Bar")) == {"bar/"}

    answer = json.loads(s3pypi(index, "verify", "--json").stdout)
    assert answer["count"] == len(answer["differences"]) >= 2

    done = s3pypi(index, "rebuild")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "regenerating: 2 projects"
    assert differences(index) == {}
    assert {key: index.get(key) for key in before} == before
    assert index.get(f"bar/{BAR.filename}.metadata") == BAR.metadata


def test_a_bucket_that_loses_its_pages_has_them_again(index: Index) -> None:
    """Pages that `aws s3 sync --delete` removes are restored."""
    filled(index)
    paths = ("foo/", "bar/", "", f"foo/{FOO.filename}.metadata")
    before = {path: index.get(path) for path in paths}
    for key in index.objects():
        if not key.endswith(".whl"):
            index.remove(key)
    index.until(lambda: {path: index.get(path) for path in paths}, before)
    assert index.stack.resources.wait_until_idle(SECONDS)
    assert differences(index) == {}
    index.pip("--target", str(index.tmp / "site"), "foo", "bar")


def test_one_project_is_rebuilt(index: Index) -> None:
    """The others are not changed."""
    filled(index)
    for project in ("foo", "bar"):
        index.put_object(f"{project}/", b"garbage")  # the HTML page
    index.s3pypi("rebuild", "Foo", "--fresh")
    assert set(differences(index)) == {"bar/"}


def test_uploads_go_on_during_a_rebuild(index: Index) -> None:
    """Neither disturbs the other."""
    wheels = [wheel(f"project-{number}") for number in range(25)]
    index.s3pypi("upload", *index.write(*wheels), "--wait", "60")
    assert s3pypi(index, "rebuild", "--fresh", "--no-wait").returncode == 0
    later = [wheel(f"project-{number}", "2.0") for number in range(0, 25, 5)]
    index.s3pypi("upload", *index.write(*later, FOO), "--wait", "60")
    done = s3pypi(index, "rebuild")
    assert done.returncode == 0, done.stderr
    assert "regenerating: " in done.stdout
    assert differences(index) == {}
    assert set(index.files("project-5")) == {wheels[5].filename, later[1].filename}


def test_errors_of_the_function_are_told(index: Index) -> None:
    """Missing and failing functions are reported with advice."""
    done = s3pypi(index, "verify", "--function", "no-such-function")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no such function; check --function" in done.stderr
    done = s3pypi(index, "verify", "--bucket", "no-such-bucket")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"function {index.stack.resources.function!r} failed for 'verify': " in done.stderr
    assert "no-such-bucket" in done.stderr
