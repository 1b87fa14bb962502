"""The contract of `bucket.Bucket`, for the fake and the adapter."""

import hashlib
import io
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor

import pytest

from s3pypi.bucket import Bucket
from s3pypi.digest import MIB, Digest, base64, digest_of
from s3pypi.errors import AwsError, ChangedError, ExistsError, MissingError

KEY = "team/demo/demo-1.0+local-py3-none-any.whl"
COPY = KEY.replace("team", "prod")


def sha256(content: bytes) -> bytes:
    """Return a digest."""
    return hashlib.sha256(content).digest()


def put(bucket: Bucket, key: str, content: bytes, *, replace: bool = False) -> str:
    """Write an object whole."""
    return bucket.put(key, io.BytesIO(content), sha256(content), replace=replace)


def send(bucket: Bucket, key: str, content: bytes, *, replace: bool = False) -> tuple[str, Digest]:
    """Write an object in parts of 5 MiB."""
    digest = digest_of(io.BytesIO(content), whole_limit=0, part_size=5 * MIB)
    upload = bucket.start_parts(key)
    etags = [
        bucket.put_part(key, upload, part, io.BytesIO(content[part.offset :][: part.size]))
        for part in digest.parts
    ]
    try:
        parts = zip(digest.parts, etags, strict=True)
        return bucket.complete_parts(key, upload, parts, replace=replace), digest
    except AwsError:
        bucket.abort_parts(key, upload)
        raise


class BucketContract(ABC):
    """The tests; subclasses provide the bucket."""

    @pytest.fixture
    @abstractmethod
    def bucket(self) -> Bucket:
        """Return an empty bucket that keeps old versions."""

    def test_put_is_seen(self, bucket: Bucket) -> None:
        """A new object has the content and the checksum of the uploader."""
        etag = put(bucket, KEY, b"one")
        stored = bucket.head(KEY)
        assert (stored.size, stored.etag, stored.sha256) == (3, etag, base64(sha256(b"one")))
        assert stored.etag_is_md5
        assert bucket.get(KEY).content == b"one"

    def test_put_does_not_replace(self, bucket: Bucket) -> None:
        """A second write fails and changes nothing."""
        put(bucket, KEY, b"one")
        with pytest.raises(ExistsError):
            put(bucket, KEY, b"two")
        assert bucket.get(KEY).content == b"one"

    def test_put_replaces_when_told(self, bucket: Bucket) -> None:
        """A forced write replaces the object."""
        put(bucket, KEY, b"one")
        put(bucket, KEY, b"two", replace=True)
        assert bucket.get(KEY).content == b"two"

    def test_put_of_other_content_is_refused(self, bucket: Bucket) -> None:
        """Content with another digest is refused."""
        with pytest.raises(AwsError, match="differs from the file that was checked"):
            bucket.put(KEY, io.BytesIO(b"changed"), sha256(b"checked"), replace=False)
        with pytest.raises(MissingError):
            bucket.head(KEY)

    def test_put_marker(self, bucket: Bucket) -> None:
        """A marker replaces an existing one, and may be empty."""
        marker = f"{KEY}.yanked"
        for content in ("naïve 日本".encode(), b""):
            bucket.put_marker(marker, content, "text/plain")
            assert bucket.get(marker).content == content
        assert list(bucket.list("team/demo/")) == [marker]

    def test_racing_puts_have_one_winner(self, bucket: Bucket) -> None:
        """Of many concurrent writers, exactly one succeeds."""

        def race(number: int) -> bool:
            try:
                put(bucket, KEY, b"%d" % number)
            except ExistsError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(race, range(16)))
        assert won.count(True) == 1
        assert bucket.get(KEY).content == b"%d" % won.index(True)

    def test_missing(self, bucket: Bucket) -> None:
        """Reading a missing object raises MissingError."""
        with pytest.raises(MissingError):
            bucket.head(KEY)
        with pytest.raises(MissingError):
            bucket.get(KEY)

    def test_read_start(self, bucket: Bucket) -> None:
        """The first bytes can be read, even of shorter objects."""
        put(bucket, KEY, b"one")
        assert bucket.read_start(KEY, 2) == b"on"
        assert bucket.read_start(KEY, 200) == b"one"
        put(bucket, KEY, b"", replace=True)
        assert bucket.read_start(KEY, 2) == b""
        with pytest.raises(MissingError):
            bucket.read_start(f"{KEY}.gone", 2)

    def test_get_of_something_known(self, bucket: Bucket) -> None:
        """An unchanged object is not sent again."""
        put(bucket, KEY, b"one")
        page = bucket.get(KEY)
        assert bucket.get(KEY, page) is page
        put(bucket, KEY, b"two", replace=True)
        assert bucket.get(KEY, page).content == b"two"

    def test_list_is_of_one_directory(self, bucket: Bucket) -> None:
        """Only keys directly under the prefix are listed."""
        for key in ("a/b/1", "a/b/2", "a/b/c/3", "a/bc/4", "a/5"):
            put(bucket, key, b"")
        assert list(bucket.list("a/b/")) == ["a/b/1", "a/b/2"]
        assert list(bucket.list("x/")) == []

    def test_delete(self, bucket: Bucket) -> None:
        """Deleting a missing object is not an error."""
        put(bucket, KEY, b"one")
        bucket.delete(KEY)
        bucket.delete(KEY)
        with pytest.raises(MissingError):
            bucket.head(KEY)

    def test_delete_on_condition(self, bucket: Bucket) -> None:
        """Only the content with the ETag is deleted."""
        etag = put(bucket, KEY, b"one")
        put(bucket, KEY, b"two", replace=True)
        with pytest.raises(ChangedError):
            bucket.delete(KEY, etag)
        stored = bucket.head(KEY)
        assert bucket.get(KEY).content == b"two"
        bucket.delete(KEY, stored.etag)
        bucket.delete(KEY, stored.etag)
        with pytest.raises(MissingError):
            bucket.head(KEY)

    def test_copy(self, bucket: Bucket) -> None:
        """A copy has the same content, checksum and ETag, and the source stays."""
        etag = put(bucket, KEY, b"one")
        assert bucket.copy(KEY, COPY, etag) == etag
        assert bucket.head(COPY) == bucket.head(KEY)
        assert bucket.get(COPY).content == b"one"

    def test_copy_does_not_replace(self, bucket: Bucket) -> None:
        """An existing target is not replaced, even by the same content."""
        etag = put(bucket, KEY, b"one")
        for content in (b"two", b"one"):
            put(bucket, COPY, content, replace=True)
            with pytest.raises(ExistsError):
                bucket.copy(KEY, COPY, etag)
            assert bucket.get(COPY).content == content

    def test_copy_of_something_else(self, bucket: Bucket) -> None:
        """Only the content with the ETag is copied."""
        etag = put(bucket, KEY, b"one")
        put(bucket, KEY, b"two", replace=True)
        with pytest.raises(ExistsError):
            bucket.copy(KEY, COPY, etag)
        with pytest.raises(MissingError):
            bucket.head(COPY)

    def test_restore(self, bucket: Bucket) -> None:
        """The newest version of a deleted object is restored once."""
        put(bucket, KEY, b"one")
        put(bucket, KEY, b"two", replace=True)
        put(bucket, "team/demo/more/x", b"deeper")
        put(bucket, COPY, b"elsewhere")
        assert list(bucket.list_deleted("team/demo/")) == []
        for key in (KEY, "team/demo/more/x", COPY):
            bucket.delete(key)
        (deleted,) = bucket.list_deleted("team/demo/")
        assert deleted.key == KEY
        bucket.restore(deleted)
        assert bucket.get(KEY).content == b"two"
        assert list(bucket.list_deleted("team/demo/")) == []
        with pytest.raises(ExistsError):
            bucket.restore(deleted)

    def test_parts_make_an_object(self, bucket: Bucket) -> None:
        """The object has the checksum of its parts' checksums."""
        content = b"a" * (5 * MIB) + b"b" * 1000
        etag, digest = send(bucket, KEY, content)
        stored = bucket.head(KEY)
        assert (stored.size, stored.etag, stored.sha256) == (len(content), etag, digest.composite)
        assert not stored.etag_is_md5
        assert bucket.get(KEY).content == content

    def test_parts_do_not_replace(self, bucket: Bucket) -> None:
        """An object that appears meanwhile is kept, unless replacing is allowed."""
        put(bucket, KEY, b"one")
        with pytest.raises(ExistsError):
            send(bucket, KEY, b"two")
        assert bucket.get(KEY).content == b"one"
        send(bucket, KEY, b"two", replace=True)
        assert bucket.get(KEY).content == b"two"

    def test_part_of_other_content_is_refused(self, bucket: Bucket) -> None:
        """A part with another digest is refused."""
        part = digest_of(io.BytesIO(b"checked"), whole_limit=0, part_size=7).parts[0]
        upload = bucket.start_parts(KEY)
        with pytest.raises(AwsError, match="differs from the file that was checked"):
            bucket.put_part(KEY, upload, part, io.BytesIO(b"changed"))
        bucket.abort_parts(KEY, upload)
