import argparse
from collections.abc import Mapping

import pytest

from s3pypi.arguments import WAIT, parse

UPLOAD = ("upload", "a.whl", "-b", "bucket")
YANK = ("yank", "demo", "1.0", "-b", "bucket")


def parsed(*argv: str, **environ: str) -> argparse.Namespace:
    """Parse a command line in an environment."""
    return parse(argv, environ)


def refusal(capsys: pytest.CaptureFixture[str], *argv: str, **environ: str) -> str:
    """Return what is said about a command line that makes no sense."""
    with pytest.raises(SystemExit) as caught:
        parse(argv, environ)
    assert caught.value.code == 2
    return capsys.readouterr().err


def test_every_option_of_2() -> None:
    """The options of s3pypi 2 are all accepted; those of no use any more are noted."""
    args = parsed(
        *("-v", "upload", "a.whl", "b.zip", "--bucket", "bucket", "--prefix", "/team/"),
        *("--profile", "p", "--region", "r", "--no-sign-request", "--s3-endpoint-url", "u"),
        *("--s3-put-args", "ACL=private", "--index.html", "--locks-table", "t", "--lock-indexes"),
        *("--put-root-index", "-f"),
    )
    assert args.dist == ["a.whl", "b.zip"]
    assert (args.bucket, args.prefix, args.profile, args.region) == ("bucket", "team", "p", "r")
    assert (args.no_sign_request, args.s3_endpoint_url) == (True, "u")
    assert (args.s3_put_args, args.existing, args.verbose) == ({"ACL": "private"}, "force", True)
    assert args.retired == ["--index.html", "--locks-table", "--lock-indexes", "--put-root-index"]


@pytest.mark.parametrize("argv", [("-v", *UPLOAD), (*UPLOAD, "-v"), (*UPLOAD, "--verbose")])
def test_verbose_stands_anywhere(argv: tuple[str, ...]) -> None:
    """`-v` is understood before and after the command."""
    assert parsed(*argv).verbose is True


def test_nothing_given_is_none() -> None:
    """Options that nobody gives are None."""
    args = parsed(*UPLOAD)
    names = "prefix profile region s3_put_args existing wait jobs dry_run verbose no_sign_request"
    assert {name: getattr(args, name) for name in names.split()} == dict.fromkeys(names.split())


@pytest.mark.parametrize(
    ("given", "seconds"), [(("--wait", "5"), 5), (("--wait=2.5",), 2.5), (("--wait",), WAIT)]
)
def test_wait(given: tuple[str, ...], seconds: float) -> None:
    """`--wait` takes seconds, or a default."""
    assert parsed(*UPLOAD, *given).wait == seconds


def test_wait_before_files() -> None:
    """`--wait` does not take a file for its seconds."""
    args = parsed("upload", "-b", "bucket", "--wait", "a.whl", "b.whl")
    assert (args.wait, args.dist) == (WAIT, ["a.whl", "b.whl"])


def test_environment() -> None:
    """Options come from variables."""
    environ = {
        "S3PYPI_BUCKET": "bucket",
        "S3PYPI_PREFIX": "team/",
        "S3PYPI_PROFILE": "p",
        "S3PYPI_REGION": "r",
        "S3PYPI_S3_ENDPOINT_URL": "u",
        "S3PYPI_S3_PUT_ARGS": "ACL=private",
        "S3PYPI_NO_SIGN_REQUEST": "yes",
        "S3PYPI_STRICT": "1",
        "S3PYPI_FORCE": "0",
        "S3PYPI_WAIT": "7",
        "S3PYPI_JOBS": "3",
        "S3PYPI_DRY_RUN": "TRUE",
        "S3PYPI_VERBOSE": "1",
        "S3PYPI_LOCKS_TABLE": "what the local stack prints",
    }
    args = parsed("upload", "a.whl", **environ)
    assert (args.bucket, args.prefix, args.profile, args.region) == ("bucket", "team", "p", "r")
    assert (args.s3_endpoint_url, args.s3_put_args) == ("u", {"ACL": "private"})
    assert (args.no_sign_request, args.existing, args.wait, args.jobs) == (True, "strict", 7, 3)
    assert (args.dry_run, args.verbose, tuple(args.retired)) == (True, True, ())


def test_command_line_wins() -> None:
    """What is given on the command line is not looked up, not even when it is empty."""
    environ = {"S3PYPI_BUCKET": "other", "S3PYPI_PREFIX": "other", "S3PYPI_STRICT": "1"}
    args = parsed(*UPLOAD, "--prefix", "", "--force", **environ)
    assert (args.bucket, args.prefix, args.existing) == ("bucket", "", "force")


def test_empty_variable() -> None:
    """An empty variable is as if unset."""
    args = parsed(*UPLOAD, S3PYPI_PREFIX="", S3PYPI_STRICT="", S3PYPI_JOBS="")
    assert (args.prefix, args.existing, args.jobs) == (None, None, None)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"S3PYPI_STRICT": "maybe"}, "S3PYPI_STRICT: write 1 or 0, not 'maybe'"),
        ({"S3PYPI_JOBS": "0"}, "S3PYPI_JOBS: not a count: '0'"),
        ({"S3PYPI_WAIT": "soon"}, "S3PYPI_WAIT: not a number of seconds: 'soon'"),
        ({"S3PYPI_PREFIX": "a//b"}, "S3PYPI_PREFIX: not a prefix: 'a//b'"),
        ({"S3PYPI_S3_PUT_ARGS": "Body=x"}, "S3PYPI_S3_PUT_ARGS: Body cannot be given"),
        (
            {"S3PYPI_STRICT": "1", "S3PYPI_FORCE": "1"},
            "S3PYPI_STRICT and S3PYPI_FORCE contradict each other",
        ),
    ],
)
def test_bad_variables(
    capsys: pytest.CaptureFixture[str], environ: Mapping[str, str], message: str
) -> None:
    """A variable that makes no sense is named."""
    assert f"s3pypi upload: error: {message}" in refusal(capsys, *UPLOAD, **environ)


def test_yank() -> None:
    """A reason loses the space around it, and `--file` may be given several times."""
    args = parsed(*YANK, "--file", "a.whl", "--reason", " naïve 日本 ", "--file=b.whl")
    assert (args.name, str(args.release), args.reason) == ("demo", "1.0", "naïve 日本")
    assert args.filenames == ["a.whl", "b.whl"]


def test_yank_by_environment() -> None:
    """The options of these commands have variables too; the command line wins."""
    environ = {"S3PYPI_BUCKET": "b", "S3PYPI_REASON": "why", "S3PYPI_FILE": "a.whl"}
    args = parsed("yank", "demo", "1.0", **environ)
    assert (args.reason, args.filenames) == ("why", ["a.whl"])
    assert parsed("unyank", "demo", "1.0", "--file", "b", **environ).filenames == ["b"]
    assert parsed("status", "demo", "archived", **environ).reason == "why"


def test_a_reason_in_the_environment_does_not_keep_from_looking() -> None:
    """A variable that is there for other commands does no harm to `status NAME`."""
    assert parsed("status", "demo", S3PYPI_BUCKET="b", S3PYPI_REASON="why").status is None


@pytest.mark.parametrize("status", ["active", "archived", "deprecated", "quarantined"])
def test_help_explains_each_status(capsys: pytest.CaptureFixture[str], status: str) -> None:
    """Whoever chooses a status finds in the help what it means."""
    with pytest.raises(SystemExit):
        parsed("status", "--help")
    assert f"\n  {status}  " in capsys.readouterr().out
    assert parsed("status", "demo", status, "-b", "b").status == status


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_function(command: str) -> None:
    """What the function is asked about is normalised, and comes from variables too."""
    argv = (command, "--function", "f", "-b", "b", "--prefix", "/team/", "--endpoint-url", "u")
    args = parsed(*argv, "Foo.Bar", "baz")
    assert (args.function, args.bucket, args.prefix) == ("f", "b", "team")
    assert (args.endpoint_url, args.names) == ("u", ["foo-bar", "baz"])
    environ = {"S3PYPI_FUNCTION": "f", "S3PYPI_BUCKET": "b", "S3PYPI_PREFIX": "team/"}
    args = parsed(command, **environ)
    assert (args.function, args.bucket, args.prefix, args.names) == ("f", "b", "team", [])


def test_flags_of_verify_and_rebuild() -> None:
    """Each command has its own."""
    environ = {"S3PYPI_FUNCTION": "f", "S3PYPI_BUCKET": "b", "S3PYPI_WAIT": "5"}
    assert parsed("verify", "--json", **environ).json is True
    args = parsed("rebuild", "--fresh", "--no-wait", **environ)
    assert (args.fresh, args.no_wait) == (True, True)
    args = parsed("rebuild", S3PYPI_FRESH="1", **environ)
    assert (args.fresh, args.no_wait) == (True, None)


def test_variables_of_other_commands_do_not_matter() -> None:
    """A command looks only at the variables of its own options."""
    args = parsed("force-unlock", "table", "lock", S3PYPI_JOBS="x", S3PYPI_REGION="r")
    assert (args.table, args.lock_id, args.region) == ("table", "lock", "r")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "COMMAND"),
        (("publish",), "invalid choice"),
        (("upload", "-b", "bucket"), "DIST"),
        (("upload", "a.whl"), "-b/--bucket (or S3PYPI_BUCKET)"),
        (("upload", "a.whl", "-b", ""), "-b/--bucket (or S3PYPI_BUCKET)"),
        ((*UPLOAD, "--strict", "--force"), "not allowed with"),
        ((*UPLOAD, "--prefix", "../a"), "argument --prefix: not a prefix: '../a'"),
        ((*UPLOAD, "--s3-put-args", "X=1"), "argument --s3-put-args: S3's PutObject has no"),
        ((*UPLOAD, "-j", "-1"), "argument -j/--jobs"),
        ((*UPLOAD, "--wait=inf"), "argument --wait: not a number of seconds"),
        ((*UPLOAD, "--wait", "0"), "argument --wait: not a number of seconds"),
        ((*UPLOAD, "--buck", "x"), "unrecognized arguments"),
        (("delete", "-b", "b", "a/b", "1.0"), "argument NAME: not a project's name: 'a/b'"),
        (("delete", "-b", "b", "demo", "new"), "argument VERSION: not a version: 'new'"),
        (("force-unlock", "table"), "LOCK_ID"),
        ((*YANK, "--reason", "a\nb"), "argument --reason: a reason is one line of plain text"),
        ((*YANK, "--reason", "x" * 513), "argument --reason: a reason has at most 512 characters"),
        ((*YANK, "--put-root-index"), "unrecognized arguments"),
        (("unyank", "demo", "1.0", "--reason", "x"), "unrecognized arguments"),
        (("yank", "demo", "1.0"), "-b/--bucket (or S3PYPI_BUCKET)"),
        (("status", "demo", "gone", "-b", "b"), "argument STATUS: invalid choice: 'gone'"),
        (("status", "demo", "-b", "b", "--reason", "x"), "--reason: it goes with a STATUS"),
        (("status", "demo", "-b", "b", "--reason", ""), "--reason: it goes with a STATUS"),
        (("status", "-b", "b"), "NAME"),
        (("verify", "-b", "b"), "required: --function (or S3PYPI_FUNCTION)"),
        (("rebuild", "-b", "b", "--function="), "required: --function (or S3PYPI_FUNCTION)"),
        (("verify", "--function", "f"), "required: -b/--bucket (or S3PYPI_BUCKET)"),
        (("verify", "--function", "f", "-b", "b", "a/b"), "NAME: not a project's name: 'a/b'"),
        (("rebuild", "--function", "f", "-b", "b", "--json"), "unrecognized arguments"),
    ],
)
def test_bad_command_lines(
    capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], message: str
) -> None:
    """A command line that makes no sense is answered with its reason and the code 2."""
    assert message in refusal(capsys, *argv)
