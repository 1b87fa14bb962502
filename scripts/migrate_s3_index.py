"""Rename every `<package>/index.html` in a bucket to `<package>/`, which CloudFront serves.

This is for buckets of s3pypi 0.x, or of later versions with `--index.html`, which an S3 website
serves. With the S3 REST API as CloudFront's origin, the key of a page ends in a slash. The script
only needs boto3, and can be copied anywhere.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError  # noqa: TID251 - this is the edge

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

INDEX = "/index.html"  # with the slash, so that the root page keeps its name
OLD_MARK = b"<title>Package Index</title>"
"""This is in every page of s3pypi 0.x, 1.x and 2.x."""
PAGE_MARK = b"default-src &#39;none&#39;; style-src"
"""This is in every page of the indexer; see `lambda_indexer.pages.environment.PAGE_MARK`."""

INTERRUPTED = 130


class MigrationError(Exception):
    """The migration cannot be done; the message is for the user."""


class NoTerminalError(MigrationError):
    """There is no terminal to ask on."""


class Action(Enum):
    """The action for an `index.html`; the values are printed."""

    RENAME = "rename"
    REMOVE = "remove"
    KEEP = "keep"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Page:
    """An object that may be a page, with its key, ETag and content."""

    key: str
    etag: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """The planned action for one `index.html`.

    Attributes:
        action: The action.
        source: The key of the page.
        etag: The ETag of the page; no other version is changed.
        reason: The reason, for the user.
        replaces: The ETag of the object that the page may replace; None for none.
    """

    action: Action
    source: str
    etag: str
    reason: str
    replaces: str | None = None

    @property
    def target(self) -> str:
        """The page's new key."""
        return target_of(self.source)


def target_of(source: str) -> str:
    """Return the key that ends in a slash for a key that ends in `/index.html`."""
    return source.removesuffix(INDEX) + "/"


def judge(source: Page, target: Page | None) -> Step:
    """Return the action for an `index.html`.

    Args:
        source: The page.
        target: The object at the new key; None for none.
    """

    def step(action: Action, reason: str, replaces: str | None = None) -> Step:
        return Step(action, source.key, source.etag, reason, replaces)

    new = target_of(source.key)
    if PAGE_MARK in source.body:
        return step(
            Action.KEEP, "written by the indexer, which names its pages by S3PYPI_INDEX_HTML"
        )
    if OLD_MARK not in source.body:
        return step(Action.KEEP, "not a page of s3pypi")
    if target is None:
        return step(Action.RENAME, f"to {new}")
    if not target.body:
        return step(Action.RENAME, f"to {new}, which is an empty folder marker", target.etag)
    if target.body == source.body or PAGE_MARK in target.body:
        return step(Action.REMOVE, f"{new} exists and is the same, or written by the indexer")
    return step(
        Action.CONFLICT,
        f"{new} exists with other content; run s3pypi rebuild to rewrite it, or delete one of the"
        " two, then run this again",
    )


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket; every method may raise `MigrationError`.

    Attributes:
        s3: The S3 client.
        name: The bucket's name.
    """

    s3: "S3Client"
    name: str

    def plan(self, prefix: str) -> Iterator[Step]:
        """Yield the action for every `index.html` below a prefix.

        Args:
            prefix: The prefix, with a trailing slash, or empty.
        """
        found: set[str] = set()
        with translated(f"listing {self.name}"):
            for page in self.s3.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=prefix
            ):
                keys = (item["Key"] for item in page.get("Contents", []))
                found.update(key for key in keys if key.endswith((INDEX, "/")))
        for key in sorted(key for key in found if key.endswith(INDEX)):
            new = target_of(key)
            source, target = self.read(key), self.read(new) if new in found else None
            if source is not None:
                yield judge(source, target)

    def read(self, key: str) -> Page | None:
        """Return an object; None if it does not exist."""
        with translated(f"reading {self.name}/{key}"):
            try:
                found = self.s3.get_object(Bucket=self.name, Key=key)
            except self.s3.exceptions.NoSuchKey:
                return None
            with found["Body"] as body:
                return Page(key, found["ETag"], body.read())

    def carry_out(self, step: Step) -> None:
        """Rename or remove a page.

        The copy keeps the content type, the headers, the metadata and the tags, but not access
        control lists. After an interruption, both objects may exist; the next run removes one.
        """
        condition: Any = {"IfMatch": step.replaces} if step.replaces else {"IfNoneMatch": "*"}
        if step.action is Action.RENAME:
            with translated(f"copying {self.name}/{step.source} to {step.target}"):
                self.s3.copy_object(
                    Bucket=self.name,
                    Key=step.target,
                    CopySource={"Bucket": self.name, "Key": step.source},
                    CopySourceIfMatch=step.etag,
                    **condition,
                )
        with translated(f"deleting {self.name}/{step.source}"):
            self.s3.delete_object(Bucket=self.name, Key=step.source, IfMatch=step.etag)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Translate the exceptions of boto3."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        if code in {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}:
            hint = "it was changed meanwhile; run this again"
        elif code in {"AccessDenied", "403"}:
            hint = (
                "access denied; this needs s3:ListBucket on the bucket, and s3:GetObject,"
                " s3:PutObject, s3:DeleteObject, s3:GetObjectTagging and s3:PutObjectTagging on"
                " its objects"
            )
        else:
            hint = str(error)
        raise MigrationError(f"{doing}: {hint}") from error
    except (BotoCoreError, OSError, ValueError) as error:
        raise MigrationError(f"{doing}: {error}") from error


def migrate(bucket: Bucket, prefix: str, *, dry_run: bool, yes: bool) -> int:
    """Plan the migration, ask for confirmation, and carry it out.

    Args:
        bucket: The bucket.
        prefix: The prefix, with a trailing slash, or empty.
        dry_run: Whether to only print the plan.
        yes: Whether to skip the confirmation.

    Returns:
        The exit code: 0 if no old page is left at an `index.html` (or would be left), else 1.

    Raises:
        MigrationError: A request failed; run the migration again to continue.
    """
    steps = list(bucket.plan(prefix))
    for step in steps:
        print(f"{step.action.value} {step.source}: {step.reason}")
    to_do = [step for step in steps if step.action in {Action.RENAME, Action.REMOVE}]
    conflicts = len([step for step in steps if step.action is Action.CONFLICT])
    if to_do and not dry_run:
        if not yes:
            confirm(f"Rename or remove these {len(to_do)} objects in {bucket.name}? [y/N] ")
        for number, step in enumerate(to_do, 1):
            bucket.carry_out(step)
            print(f"{number}/{len(to_do)} {step.source}: done", file=sys.stderr)
    verb = "to do" if dry_run else "done"
    print(f"{len(to_do)} {verb}, {conflicts} in conflict", file=sys.stderr)
    return 1 if conflicts else 0


def confirm(question: str) -> None:
    """Ask for confirmation on the terminal.

    Raises:
        MigrationError: The user declined, or there is no terminal.
    """
    if not sys.stdin.isatty():
        raise NoTerminalError(
            "there is no terminal to ask on; pass --yes to continue, or --dry-run to preview"
        )
    try:
        answer = input(question)
    except EOFError:
        answer = ""
    if answer.strip().lower() not in {"y", "yes"}:
        raise MigrationError("not confirmed; nothing was changed")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; by default, those of the process.

    Returns:
        The exit code: that of `migrate`; 1 if a request failed or the user declined, 2 for a
        usage error or a missing terminal, 130 if interrupted.
    """
    options = _parser().parse_args(argv)
    prefix = f"{stripped}/" if (stripped := options.prefix.strip("/")) else ""
    try:
        with translated("reaching S3"):
            session = boto3.Session(profile_name=options.profile, region_name=options.region)
            s3 = session.client("s3", endpoint_url=options.s3_endpoint_url)
        bucket = Bucket(s3, options.bucket)
        return migrate(bucket, prefix, dry_run=options.dry_run, yes=options.yes)
    except MigrationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, NoTerminalError) else 1
    except KeyboardInterrupt:
        print("interrupted; run the same command again to continue", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="migrate-s3-index.py",
        description="Rename every <package>/index.html in a bucket to <package>/.",
        epilog="The index.html at the bucket's root keeps its name. Pages that are not from"
        " s3pypi, and pages that the indexer wrote, are left unchanged.",
    )
    parser.add_argument("bucket", metavar="BUCKET", help="name of the bucket")
    parser.add_argument("--prefix", default="", help="limit the migration to this prefix")
    parser.add_argument(
        "--dry-run", action="store_true", help="print what would be done, and change nothing"
    )
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask for confirmation")
    parser.add_argument("--profile", help="profile of the AWS configuration")
    parser.add_argument("--region", help="AWS region")
    parser.add_argument(
        "--s3-endpoint-url", metavar="URL", help="endpoint of an S3-compatible service"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
