"""Carry out a plan to prune an index."""

from collections.abc import Sequence
from dataclasses import dataclass

from packaging.utils import NormalizedName

from s3pypi.bucket import Bucket
from s3pypi.errors import AwsError
from s3pypi.layout import YANK_EXTENSION, file_key
from s3pypi.projects.pruning import Action, Step


@dataclass(frozen=True)
class Pruner:
    """Yanks and deletes versions of an index. The indexer then updates the pages.

    Attributes:
        bucket: The bucket with the files.
        prefix: The index's prefix, without slashes around it.
    """

    bucket: Bucket
    prefix: str

    def apply(self, steps: Sequence[tuple[NormalizedName, Step]]) -> list[str]:
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
                        marker = key + YANK_EXTENSION
                        self.bucket.put_marker(
                            marker, step.mark.encode(), "text/plain; charset=utf-8"
                        )
                    elif step.action is Action.DELETE:
                        self.bucket.delete(key, file.etag)
                        if file.yanked is not None:
                            self.bucket.delete(key + YANK_EXTENSION)
                except AwsError as error:
                    failures.append(str(error))
        return failures
