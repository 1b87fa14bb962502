"""Create small wheels and sdists, and AWS clients without a network."""

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from s3pypi.digest import digest_of
from s3pypi.uploads.distribution import Distribution, read_distribution


def metadata(name: str, version: str) -> bytes:
    """Return core metadata with a body."""
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nText.\n".encode()


def zip_of(members: Mapping[str, bytes]) -> bytes:
    """Return a zip with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def tar_of(members: Mapping[str, bytes], mode: str = "w:gz") -> bytes:
    """Return a compressed tar with these members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def wheel_members(info: str, metadata: bytes) -> dict[str, bytes]:
    """Return the files that each wheel has in its dist-info directory."""
    return {
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n",
        f"{info}/RECORD": b"",
    }


def make_wheel(
    directory: Path, name: str = "demo", version: str = "1.0", content: bytes = b"x = 1\n"
) -> Path:
    """Write a pure wheel and return its path."""
    path = directory / f"{name}-{version}-py3-none-any.whl"
    path.parent.mkdir(parents=True, exist_ok=True)
    members = wheel_members(f"{name}-{version}.dist-info", metadata(name, version))
    members[f"{name}.py"] = content
    path.write_bytes(zip_of(members))
    return path


def make_sdist(directory: Path, name: str = "demo", version: str = "1.0") -> Path:
    """Write an sdist and return its path."""
    path = directory / f"{name}-{version}.tar.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tar_of({f"{name}-{version}/PKG-INFO": metadata(name, version)}))
    return path


def wheel(directory: Path, name: str = "demo", **settings: Any) -> Distribution:
    """Return a checked wheel."""
    return read_distribution(make_wheel(directory, name, **settings))


def in_parts(distribution: Distribution, part_size: int = 100) -> Distribution:
    """Return a small distribution that is sent in parts."""
    with distribution.path.open("rb") as file:
        digest = digest_of(file, whole_limit=0, part_size=part_size)
    return replace(distribution, digest=digest)


def _headers(headers: Mapping[str, str]) -> HTTPHeaders:
    message = HTTPHeaders()
    for name, value in headers.items():
        message[name] = value
    return message


class Raw(io.BytesIO):
    """The body of a response, in the form that botocore reads."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        """Yield the body."""
        yield self.read()


class Answers:
    """Responds to the requests of an AWS client, instead of its last answers, and records them.

    Args:
        client: Of boto3.
        answer: Takes a prepared request and returns a status, headers and a body.
    """

    def __init__(
        self, client: Any, answer: Callable[[Any], tuple[int, dict[str, str], bytes]]
    ) -> None:
        self.requests: list[Any] = []
        self._answer = answer
        client.meta.events.unregister("before-send", unique_id="answers")
        client.meta.events.register("before-send", self._send, unique_id="answers")

    def _send(self, request: Any, **_: object) -> AWSResponse:
        self.requests.append(request)
        status, headers, body = self._answer(request)
        return AWSResponse(request.url, status, _headers(headers), Raw(body))
