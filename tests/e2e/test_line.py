"""Upload wheels and sdists, and install them with pip and uv."""

import hashlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.conftest import Index
from tests.factories import Distribution, sdist, wheel

ODD_NAMES = [
    wheel("plus", "1.0+local.1"),
    wheel("epoch", "1!2.0"),
    wheel("build", "1.0", build="1abc"),
    wheel("Dotted.Name", "1.0"),
    wheel("Capital_Letters", "1.0"),
    wheel("tags", "1.0", tag="py2.py3-none-any"),
]


def canonical(distribution: Distribution) -> str:
    """Return the project of a wheel."""
    return distribution.filename.partition("-")[0].replace("_", "-").replace(".", "-").lower()


def imported(index: Index, module: str) -> str:
    """Return the version of an installed module, in a separate interpreter."""
    code = f"import sys; sys.path.insert(0, {str(index.tmp / 'site')!r}); import {module} as m;"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-c", f"{code} print(m.__version__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("client", ["pip", "uv"])
@pytest.mark.parametrize("how", ["s3pypi", "put", "put at the root"])
def test_a_wheel_put_in_the_bucket_is_installable(index: Index, how: str, client: str) -> None:
    """It can be installed and imported, however it was uploaded."""
    foo = wheel("foo", "1.0", "Requires-Python: >=3.8")
    if how == "s3pypi":
        index.s3pypi("upload", *index.write(foo), "--wait", "60")
    else:
        if how == "put at the root":
            index.put("bar/", wheel("bar"))  # so that there is an index to drop it into
            index.until(index.projects, ["bar"])
        index.put("" if how == "put at the root" else "foo/", foo)
        index.until(lambda: index.files("foo"), [foo.filename])
    target = str(index.tmp / "site")
    if client == "pip":
        index.pip("--target", target, "foo==1.0")
    else:
        index.uv("pip", "install", "--python", sys.executable, "--target", target, "foo==1.0")
    assert imported(index, "foo") == "1.0"


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_names_that_urls_read_differently_are_installable(index: Index, client: str) -> None:
    """Local versions, epochs, build tags, dots and capitals work."""
    index.s3pypi("upload", *index.write(*ODD_NAMES), "--wait", "60")
    target = str(index.tmp / "site")
    names = [canonical(one) for one in ODD_NAMES]
    if client == "pip":
        index.pip("--target", target, *names)
    else:
        index.uv("pip", "install", "--python", sys.executable, "--target", target, *names)
    for one in ODD_NAMES:
        assert imported(index, one.filename.partition("-")[0].replace(".", "_"))
    assert index.projects() == sorted(names)


@pytest.mark.parametrize("extension", [".tar.gz", ".tar.bz2", ".tar.xz", ".zip"])
def test_an_sdist_is_installable(index: Index, extension: str) -> None:
    """Pip builds and installs it with its digest required."""
    foo = sdist("foo", "1.0", extension=extension)
    index.put("foo/", foo)
    index.until(lambda: index.files("foo"), [foo.filename])
    requirements = index.tmp / "requirements.txt"
    digest = hashlib.sha256(foo.content).hexdigest()
    requirements.write_text(f"foo==1.0 --hash=sha256:{digest}\n")
    target = str(index.tmp / "site")
    index.pip("--target", target, "--require-hashes", "-r", str(requirements))
    assert imported(index, "foo") == "1.0"


def test_removing_the_last_file_removes_the_project(index: Index) -> None:
    """The project is 404 afterwards, so that uv uses the next index."""
    index.put("foo/", wheel("foo"))
    index.put("bar/", wheel("bar"))
    index.until(index.projects, ["bar", "foo"])
    index.until(lambda: len(index.files("foo")), 1)
    index.remove(f"foo/{wheel('foo').filename}")
    index.until(index.projects, ["bar"])
    index.until(lambda: index.get("foo/"), None)
    index.until(lambda: [key for key in index.objects() if key.startswith("foo")], [])


def test_deleting_a_version_with_the_command(index: Index) -> None:
    """The other versions stay."""
    index.s3pypi("upload", *index.write(wheel("foo", "1.0"), wheel("foo", "2.0")), "--wait")
    index.s3pypi("delete", "foo", "1.0")
    index.until(lambda: index.files("foo"), [wheel("foo", "2.0").filename])
    index.until(lambda: [key for key in index.objects() if "1.0" in key], [])


def test_a_hundred_wheels_of_twenty_projects(index: Index) -> None:
    """Many clients upload at once, and all files are on their pages."""
    wheels = [wheel(f"project-{number % 20}", f"1.{number // 20}") for number in range(100)]
    with ThreadPoolExecutor(16) as pool:
        for _ in pool.map(lambda one: index.put(f"{canonical(one)}/", one), wheels):
            pass
    names = sorted(f"project-{number}" for number in range(20))
    index.until(index.projects, names)
    for name in names:
        index.until(lambda name=name: len(index.files(name)), 5)  # type: ignore[misc]


def test_a_bad_file_is_reported_by_the_upload_that_waits_for_it(index: Index) -> None:
    """`--wait` prints the reason of the quarantine."""
    index.put("foo/", Distribution("foo-1.0-py3-none-any.whl", b"junk", b""))
    index.until(lambda: [bad["filename"] for bad in index.page("foo").get("_quarantined", [])],
                ["foo-1.0-py3-none-any.whl"])  # fmt: skip
    assert index.files("foo") == []
    assert index.projects() == ["foo"]


def test_a_line_for_each_project_and_metrics(index: Index) -> None:
    """The log is JSON with counts and durations; metrics are in CloudWatch's embedded format."""
    index.put("foo/", Distribution("foo-3.0-py3-none-any.whl", b"junk", b""))
    index.until(lambda: len(index.page("foo").get("_quarantined", [])), 1)
    assert index.stack.resources.wait_until_idle(60)
    project = f"{index.stack.resources.bucket}/{index.prefix}/foo"
    lines = [
        json.loads(line) for line in index.stack.resources.function_log() if line.startswith("{")
    ]
    [line] = [
        line
        for line in lines
        if line.get("message") == "regenerated" and line["project"] == project and line["indexed"]
    ]
    assert (line["files"], line["indexed"], line["quarantined"]) == (0, 1, 1)
    assert line["seconds"] > 0
    assert line["oldest_event_seconds"] > 0
    [bad] = [
        line
        for line in lines
        if line.get("message") == "quarantined" and line["project"] == project
    ]
    assert bad["file"] == "foo-3.0-py3-none-any.whl"
    assert "not a readable zip archive" in bad["reason"]
    assert any(
        line.get("FilesQuarantined") == [1.0] and line["_aws"]["CloudWatchMetrics"]
        for line in lines
    )


def test_yanking_with_the_command(index: Index) -> None:
    """The page shows the yank with its reason, until it is undone."""
    index.s3pypi("upload", *index.write(wheel("foo", "1.0"), wheel("foo", "2.0")), "--wait")

    def yanked() -> list[object]:
        return [file.get("yanked") for file in index.page("foo")["files"]]

    index.s3pypi("yank", "foo", "2.0", "--reason", 'breaks "<&" all')
    index.until(yanked, ['breaks "<&" all', None])
    index.s3pypi("unyank", "foo", "2.0")
    index.until(yanked, [None, None])
    index.s3pypi("yank", "foo", "1.0", "--file", wheel("foo", "1.0").filename)
    index.until(yanked, [None, True])


def test_setting_a_status_with_the_command(index: Index) -> None:
    """A quarantined project offers no files, until it is active again."""
    index.s3pypi("upload", *index.write(wheel("foo")), "--wait")
    before = index.page("foo")
    index.s3pypi("status", "foo", "quarantined", "--reason", "looked into")
    index.until(lambda: index.files("foo"), [])
    assert index.page("foo")["project-status"] == {
        "status": "quarantined",
        "reason": "looked into",
    }
    assert index.s3pypi("status", "foo").stdout == "quarantined: looked into\n"
    index.s3pypi("status", "foo", "active")
    index.until(lambda: index.page("foo"), before)


def test_an_overwritten_file_is_installable_and_logged(index: Index) -> None:
    """With --force, the content changes; digest and metadata follow."""
    index.s3pypi("upload", *index.write(wheel("foo")), "--wait")
    new = wheel("foo", "1.0", "Summary: new")
    index.s3pypi("upload", *index.write(new), "--force", "--wait")
    [file] = index.page("foo")["files"]
    assert file["hashes"]["sha256"] == hashlib.sha256(new.content).hexdigest()
    assert index.get(f"foo/{new.filename}.metadata") == new.metadata
    index.pip("--target", str(index.tmp / "site"), "foo==1.0")
    assert index.stack.resources.wait_until_idle(60)
    project = f"{index.stack.resources.bucket}/{index.prefix}/foo"
    lines = [json.loads(one) for one in index.stack.resources.function_log() if one[0] == "{"]
    [line] = [one for one in lines if one.get("message") == "overwritten"
              and one["project"] == project]  # fmt: skip
    assert line["file"] == new.filename
