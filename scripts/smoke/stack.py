"""Terraform's outputs of the deployment to check."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit


class StackError(Exception):
    """Raised if the file is not the output of `terraform output -json`."""


@dataclass(frozen=True)
class Stack:
    """Terraform's outputs of the deployment.

    Attributes:
        bucket: The bucket's name.
        function_name: The name of the function that writes pages.
        queue_url: The URL of the queue of events.
        dlq_arn: The ARN of the dead-letter queue.
        distribution_id: The ID of the CloudFront distribution.
        index_url: The URL of the index at the bucket's root.
        policy_documents: The managed policies as JSON, by name.
        basic_auth_function: The function that checks passwords, or None.
    """

    bucket: str
    function_name: str
    queue_url: str
    dlq_arn: str
    distribution_id: str
    index_url: str
    policy_documents: Mapping[str, str] = field(default_factory=dict)
    basic_auth_function: str | None = None

    @property
    def region(self) -> str:
        """The region of the bucket and the function."""
        return self.dlq_arn.split(":")[3]

    @property
    def domain(self) -> str:
        """The domain of the index."""
        return urlsplit(self.index_url).hostname or ""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the outputs.

        Args:
            path: A file with the output of `terraform output -json`.

        Raises:
            StackError: The file cannot be read, or has other content.
        """
        try:
            outputs = json.loads(path.read_text())
            values = {name: each["value"] for name, each in outputs.items()}
            return cls(**{name: values[name] for name in cls._names() if name in values})
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise StackError(
                f"{path} is not the output of `terraform output -json` ({error}). Create it with:"
                " cd terraform && terraform output -json > ../terraform-outputs.json"
            ) from error

    @classmethod
    def _names(cls) -> tuple[str, ...]:
        return tuple(cls.__dataclass_fields__)
