"""Carry out a plan to prune an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from packaging.utils import NormalizedName

from s3pypi.bucket import Bucket
from s3pypi.errors import AwsError
from s3pypi.layout import YANK_EXTENSION, file_key
from s3pypi.projects.pruning import Action, Rule, Step, mark


@dataclass(frozen=True)
class Pruner:
    """Yanks and deletes versions of an index. The indexer then updates the pages.

    Attributes:
        bucket: The bucket with the files.
        prefix: The index's prefix, without slashes around it.
        rule: The rule of the plan.
        now: The time of the plan.
    """

    bucket: Bucket
    prefix: str
    rule: Rule
    now: datetime

    def carry_out(self, steps: Sequence[tuple[NormalizedName, Step]]) -> list[str]:
        """Yank and delete versions, and return the failures; all other steps are carried out.

        A file is only deleted if it has not changed since the page was written.

        Args:
            steps: The steps of the plan, with their projects.
        """
        failures: list[str] = []
        for project, step in steps:
            for file in step.files:
                key = file_key(self.prefix, project, file.filename)
                try:
                    if step.action is Action.YANK:
                        reason = mark(self.rule, self.now).encode()
                        self.bucket.put_marker(
                            key + YANK_EXTENSION, reason, "text/plain; charset=utf-8"
                        )
                    elif step.action is Action.DELETE:
                        self.bucket.delete(key, file.etag)
                        if file.yanked is not None:
                            self.bucket.delete(key + YANK_EXTENSION)
                except AwsError as error:
                    failures.append(str(error))
        return failures
