"""Options, their environment variables, and usage errors."""

import logging
from collections.abc import Mapping

import pytest
from click.testing import CliRunner

from s3pypi.cli import app
from s3pypi.command_line.command import exclusive
from s3pypi.markers import Status
from tests.unit.cli.parsing import Parsed, parsed

WAIT = 120
UPLOAD = ("upload", "a.whl", "-b", "bucket")
YANK = ("yank", "demo", "1.0", "-b", "bucket")


def refusal(*argv: str, **environ: str) -> str:
    """Return the message about an invalid command line."""
    done = CliRunner().invoke(app, argv, prog_name="s3pypi", env=environ)
    assert (done.exit_code, done.stdout) == (2, "")
    return done.stderr


def existing(args: Parsed) -> str | None:
    """Return the policy for existing files."""
    return exclusive(args.context, "strict", "force")


def test_every_option_of_2() -> None:
    """All options of s3pypi 2 are accepted; those without effect cause a note."""
    args = parsed(
        *("-v", "upload", "a.whl", "b.zip", "--bucket", "bucket", "--prefix", "/team/"),
        *("--profile", "p", "--region", "r", "--no-sign-request", "--s3-endpoint-url", "u"),
        *("--s3-put-args", "ACL=private", "--index.html", "--locks-table", "t", "--lock-indexes"),
        *("--put-root-index", "-f"),
    )
    assert args.dist == ("a.whl", "b.zip")
    assert (args.bucket, args.prefix, args.profile, args.region) == ("bucket", "team", "p", "r")
    assert (args.no_sign_request, args.endpoint_url) == (True, "u")
    assert (args.s3_put_args, existing(args), args.verbose) == ({"ACL": "private"}, "force", True)
    retired = ["--index.html", "--locks-table", "--lock-indexes", "--put-root-index"]
    assert [note.split()[1] for note in args.notes] == retired


@pytest.mark.parametrize("argv", [("-v", *UPLOAD), (*UPLOAD, "-v"), (*UPLOAD, "--verbose")])
def test_verbose_stands_anywhere(argv: tuple[str, ...]) -> None:
    """`-v` is accepted before and after the command."""
    assert parsed(*argv).verbose is True


def test_nothing_given() -> None:
    """Options default to None, flags are off, and there are 16 concurrent requests."""
    args = parsed(*UPLOAD)
    names = "prefix profile region s3_put_args endpoint_url wait"
    assert {name: getattr(args, name) for name in names.split()} == dict.fromkeys(names.split())
    assert (existing(args), args.jobs, args.notes) == (None, 16, [])
    assert (args.dry_run, args.verbose, args.no_sign_request) == (False, False, False)


@pytest.mark.parametrize(
    ("given", "seconds"), [(("--wait", "5"), 5), (("--wait=2.5",), 2.5), (("--wait",), WAIT)]
)
def test_wait(given: tuple[str, ...], seconds: float) -> None:
    """`--wait` has an optional number of seconds."""
    assert parsed(*UPLOAD, *given).wait == seconds


def test_wait_of_promote() -> None:
    """`promote` has the same option."""
    argv = ("promote", "demo", "1", "--to-prefix", "prod", "-b", "bucket")
    assert parsed(*argv, "--wait").wait == WAIT
    assert parsed(*argv, "--wait", "5").wait == 5


def test_wait_before_files() -> None:
    """`--wait` does not consume a file."""
    args = parsed("upload", "-b", "bucket", "--wait", "a.whl", "b.whl")
    assert (args.wait, args.dist) == (WAIT, ("a.whl", "b.whl"))


@pytest.mark.parametrize(
    ("argv", "wait", "dist"),
    [
        (("--wait", "--strict", "a.whl"), WAIT, ("a.whl",)),
        (("--wait", "5", "a.whl"), 5, ("a.whl",)),
        (("a.whl", "--wait"), WAIT, ("a.whl",)),
        (("--wait", "--", "a.whl"), WAIT, ("a.whl",)),
        (("--", "a.whl", "--wait", "b.whl"), None, ("a.whl", "--wait", "b.whl")),
    ],
)
def test_wait_beside_others(
    argv: tuple[str, ...], *, wait: float | None, dist: tuple[str, ...]
) -> None:
    """`--wait` only consumes the next argument if it is a number."""
    args = parsed("upload", "-b", "bucket", *argv)
    assert (args.wait, args.dist) == (wait, dist)


def test_environment() -> None:
    """Environment variables set options."""
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
    assert (args.endpoint_url, args.s3_put_args) == ("u", {"ACL": "private"})
    assert (args.no_sign_request, existing(args), args.wait, args.jobs) == (True, "strict", 7, 3)
    assert (args.dry_run, args.verbose, args.notes) == (True, True, [])


def test_command_line_wins() -> None:
    """The command line overrides variables, even with an empty value."""
    environ = {"S3PYPI_BUCKET": "other", "S3PYPI_PREFIX": "other", "S3PYPI_STRICT": "1"}
    args = parsed(*UPLOAD, "--prefix", "", "--force", **environ)
    assert (args.bucket, args.prefix, existing(args)) == ("bucket", "", "force")


def test_empty_variable() -> None:
    """Empty variables are ignored."""
    args = parsed(*UPLOAD, S3PYPI_PREFIX="", S3PYPI_STRICT="", S3PYPI_JOBS="")
    assert (args.prefix, existing(args), args.jobs) == (None, None, 16)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"S3PYPI_STRICT": "maybe"}, "'S3PYPI_STRICT': 'maybe' is not a valid boolean"),
        ({"S3PYPI_JOBS": "0"}, "'S3PYPI_JOBS': not a positive number: '0'"),
        ({"S3PYPI_WAIT": "soon"}, "'S3PYPI_WAIT': not a positive number of seconds: 'soon'"),
        ({"S3PYPI_PREFIX": "a//b"}, "'S3PYPI_PREFIX': not a prefix: 'a//b'"),
        ({"S3PYPI_S3_PUT_ARGS": "Body=x"}, "'S3PYPI_S3_PUT_ARGS': Body cannot be set"),
        (
            {"S3PYPI_STRICT": "1", "S3PYPI_FORCE": "1"},
            "'S3PYPI_STRICT' and 'S3PYPI_FORCE' cannot be used together",
        ),
    ],
)
def test_bad_variables(environ: Mapping[str, str], message: str) -> None:
    """The error about an invalid variable names it, instead of the option."""
    said = refusal(*UPLOAD, **environ)
    assert message in said
    assert "'--" not in said.replace("Try 's3pypi upload --help'", "")


def test_yank() -> None:
    """Reasons are stripped, and `--file` may be repeated."""
    args = parsed(*YANK, "--file", "a.whl", "--reason", " naïve 日本 ", "--file=b.whl")
    assert (args.name, str(args.release), args.reason) == ("demo", "1.0", "naïve 日本")
    assert args.file == ("a.whl", "b.whl")


def test_yank_by_environment() -> None:
    """The options of these commands have variables, which the command line overrides."""
    environ = {"S3PYPI_BUCKET": "b", "S3PYPI_REASON": "why", "S3PYPI_FILE": "a.whl"}
    args = parsed("yank", "demo", "1.0", **environ)
    assert (args.reason, args.file) == ("why", ("a.whl",))
    assert parsed("unyank", "demo", "1.0", "--file", "b", **environ).file == ("b",)
    assert parsed("status", "demo", "archived", **environ).reason == "why"


def test_a_reason_in_the_environment_does_not_keep_from_looking() -> None:
    """`status NAME` ignores variables of other commands."""
    assert parsed("status", "demo", S3PYPI_BUCKET="b", S3PYPI_REASON="why").status is None


@pytest.mark.parametrize("status", [each.value for each in Status])
def test_help_explains_each_status(status: str) -> None:
    """The help explains each status."""
    assert f"\n    {status}  " in CliRunner().invoke(app, ["status", "--help"]).stdout
    assert parsed("status", "demo", status, "-b", "b").status == status


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_function(command: str) -> None:
    """Names and prefixes are normalised, also from variables."""
    argv = (command, "--function", "f", "-b", "b", "--prefix", "/team/", "--endpoint-url", "u")
    args = parsed(*argv, "Foo.Bar", "baz")
    assert (args.function, args.bucket, args.prefix) == ("f", "b", "team")
    assert (args.endpoint_url, args.names) == ("u", ("foo-bar", "baz"))
    environ = {"S3PYPI_FUNCTION": "f", "S3PYPI_BUCKET": "b", "S3PYPI_PREFIX": "team/"}
    args = parsed(command, **environ)
    assert (args.function, args.bucket, args.prefix, args.names) == ("f", "b", "team", ())


def test_flags_of_verify_and_rebuild() -> None:
    """Each command has its own variables."""
    environ = {"S3PYPI_FUNCTION": "f", "S3PYPI_BUCKET": "b", "S3PYPI_WAIT": "5"}
    args = parsed("rebuild", "--fresh", "--no-wait", **environ)
    assert (args.fresh, args.no_wait) == (True, True)
    args = parsed("rebuild", S3PYPI_FRESH="1", **environ)
    assert (args.fresh, args.no_wait) == (True, False)


def test_variables_of_other_commands_do_not_matter() -> None:
    """A command only reads the variables of its own options."""
    args = parsed("force-unlock", "table", "lock", S3PYPI_JOBS="x", S3PYPI_REGION="r")
    assert (args.names, args.region) == (("table", "lock"), "r")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "Usage: s3pypi [OPTIONS] COMMAND"),
        (("publish",), "No such command 'publish'."),
        (("uplaod", "a.whl"), "No such command 'uplaod'. Did you mean 'upload'?"),
        (("--upload",), "No such option '--upload'"),
        (("upload", "a.whl"), "'-b' / '--bucket' (env var: 'S3PYPI_BUCKET')"),
        (("upload", "a.whl", "-b", ""), "'-b' / '--bucket': it must not be empty"),
        ((*UPLOAD, "--strict", "--force"), "'--strict' and '-f' / '--force' cannot be used"),
        ((*UPLOAD, "--prefix", "../a"), "'--prefix': not a prefix: '../a'"),
        ((*UPLOAD, "--s3-put-args", "X=1"), "S3's PutObject has no parameter 'X'"),
        ((*UPLOAD, "-j", "-1"), "'-j' / '--jobs'"),
        ((*UPLOAD, "--wait=inf"), "not a positive number of seconds: 'inf'"),
        ((*UPLOAD, "--wait", "0"), "not a positive number of seconds: '0'"),
        ((*UPLOAD, "--wait=soon"), "not a positive number of seconds: 'soon'"),
        ((*UPLOAD, "--buck", "x"), "No such option '--buck'. Did you mean '--bucket'?"),
        ((*UPLOAD, "--stict"), "Did you mean one of: '--strict'"),
        (("delete", "-b", "b", "a/b", "1.0"), "'NAME': not a project's name: 'a/b'"),
        (("delete", "-b", "b", "demo", "new"), "'[VERSION]': not a version: 'new'"),
        (("force-unlock", "demo"), "Missing option '-b' / '--bucket'"),
        (("force-unlock", "a", "b", "c"), "Got too many arguments"),
        (("force-unlock", "a/b", "-b", "b"), "not a project's name: 'a/b'"),
        (("delete", "demo", "1", "--file", "f", "-b", "b"), "VERSION and '--file' cannot be used"),
        ((*YANK, "--reason", "a\nb"), "'--reason'"),
        ((*YANK, "--reason", "a\nb"), "a reason is one line of plain text"),
        ((*YANK, "--reason", "x" * 513), "a reason has at most 512 characters"),
        ((*YANK, "--put-root-index"), "No such option '--put-root-index'"),
        ((*YANK, "extra"), "Got unexpected extra argument (extra)"),
        (("unyank", "demo", "1.0", "--reason", "x"), "No such option '--reason'"),
        (("yank", "demo", "1.0"), "'-b' / '--bucket' (env var: 'S3PYPI_BUCKET')"),
        (("status", "demo", "gone", "-b", "b"), "'gone' is not one of 'active', 'archived'"),
        (("status", "demo", "-b", "b", "--reason", "x"), "'--reason' requires a STATUS"),
        (("status", "demo", "-b", "b", "--reason", ""), "'--reason' requires a STATUS"),
        (("status", "-b", "b"), "Missing argument 'NAME'"),
        (("rebuild", "-b", "b", "--function="), "'--function': it must not be empty"),
        (("verify", "--function", "f"), "'-b' / '--bucket' (env var: 'S3PYPI_BUCKET')"),
        (("verify", "--function", "f", "-b", "b", "a/b"), "not a project's name: 'a/b'"),
        (("yank", "demo", "1", "-b", "s3://b/p/q/"), "write --bucket b --prefix p/q"),
        (("yank", "demo", "1", "-b", "s3://b"), "is a URL; write --bucket b\n"),
    ],
)
def test_bad_command_lines(argv: tuple[str, ...], message: str) -> None:
    """A usage error is reported, with exit code 2."""
    assert message in refusal(*argv)


def test_errors_name_only_what_was_typed() -> None:
    """An unknown option is reported as typed, without its value."""
    said = refusal(*YANK, "--wait")
    assert "No such option '--wait'" in said
    assert "120" not in said


def test_verbose_beside_another_handler() -> None:
    """The command's logging does not depend on other loggers."""
    logger = logging.getLogger("s3pypi")
    handlers, level = [*logger.handlers, logging.NullHandler()], logger.level
    logger.addHandler(handlers[-1])
    logger.setLevel(logging.INFO)
    try:
        assert parsed(*UPLOAD, "-v").verbose is True
        assert (logger.level, logger.handlers) == (logging.INFO, handlers)
    finally:
        logger.setLevel(level)
        logger.removeHandler(handlers[-1])
