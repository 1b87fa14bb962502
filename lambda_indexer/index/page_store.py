"""The JSON and HTML pages of a directory: read, and replaced only if they are unchanged."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from lambda_indexer.errors import ChangedError, ObjectMissingError, UnreadableError
from lambda_indexer.index.current_pages import CurrentPages
from lambda_indexer.index.places import Directory, Project
from lambda_indexer.model import ETag, StoredObject
from lambda_indexer.pages.environment import PAGE_MARK
from lambda_indexer.pages.parsing import parse_page
from lambda_indexer.pages.rendering import HTML_TYPE, JSON_TYPE
from lambda_indexer.pages.site import NOWHERE, Site
from lambda_indexer.ports import PutOptions, Storage

# Revalidation is cheap, and every upload is visible at once.
_REVALIDATE: Final = "public, max-age=0, must-revalidate"
_JSON: Final = PutOptions(JSON_TYPE, _REVALIDATE)
_HTML: Final = PutOptions(HTML_TYPE, _REVALIDATE)


@dataclass(frozen=True, slots=True)
class Pages:
    """Reads and writes pages.

    Attributes:
        storage: the bucket.
        index_html: whether HTML pages are named `index.html`.
        site: the deployment.
    """

    storage: Storage
    index_html: bool = False
    site: Site = NOWHERE

    def read_json(self, directory: Directory) -> CurrentPages:
        """Read a directory's JSON page alone, without listing it; see `read_listed`.

        Raises:
            StorageError: S3 refused or failed, which is not the same as "no page".
        """
        try:
            return self._read_json(directory)
        except UnreadableError as error:
            if not error.certain:
                raise
            return CurrentPages(directory, locked=True)

    def read_listed(
        self, project: Project, objects: Iterable[StoredObject], before: CurrentPages | None = None
    ) -> CurrentPages:
        """Read a project's pages as of a LIST of its directory.

        A LIST of one request shows one moment, and the page of that moment. A LIST of several
        requests does not, so a run that will write the page reads it before them. If the LIST shows
        the page that was read before, and the run then replaces exactly that page, nobody has
        written in between. The LIST therefore includes everything that earlier writers saw.

        Args:
            project: the project.
            objects: the objects of the LIST.
            before: the JSON page, read before the LIST; None to read it now.

        Raises:
            ChangedError: the pages or `before` are no longer those of the LIST.
            StorageError: S3 refused or failed, which is not the same as "no page".
        """
        keys = project.page_json, self._html_key(project)
        listed = {stored.key: stored for stored in objects if stored.key in keys}
        json, html = (listed.get(key) for key in keys)
        json_etag = json.etag if json else None
        if before is None:
            before = self.read_json(project) if json_etag else CurrentPages(project)
        if before.json_etag != json_etag and not before.locked:
            raise ChangedError(f"{project.page_json} was written while its directory was listed")
        if html is None:
            return replace(before, json_etag=json_etag, html_etag=None)
        return replace(before, json_etag=json_etag, html_etag=html.etag, html_size=html.size)

    def read(self, directory: Directory) -> CurrentPages:
        """Read a directory's pages without listing it, in two requests.

        Raises:
            ChangedError: another writer got in.
            StorageError: S3 refused or failed, which is not the same as "no page".
        """
        bucket, key, html_key = directory.bucket, directory.page_json, self._html_key(directory)
        try:
            current = self._read_json(directory)
        except UnreadableError as error:
            current = CurrentPages(directory, json_etag=self._locked(bucket, key, error))
        try:
            return replace(current, html_etag=self.storage.head(bucket, html_key).etag)
        except ObjectMissingError:
            return current
        except UnreadableError as error:
            return replace(current, html_etag=self._locked(bucket, html_key, error))

    def _locked(self, bucket: str, key: str, error: UnreadableError) -> ETag:
        """The entity tag of a page that only its writer can read, so that it can be replaced."""
        if not error.certain:
            raise error
        for stored in self.storage.list(bucket, key):
            if stored.key == key:
                return stored.etag
        raise ChangedError(str(error)) from error

    def _read_json(self, directory: Directory) -> CurrentPages:
        name = directory.name if isinstance(directory, Project) else None
        try:
            body, etag = self.storage.get(directory.bucket, directory.page_json)
        except ObjectMissingError:
            return CurrentPages(directory)
        return CurrentPages(directory, body, etag, page=parse_page(body, name))

    def write(self, current: CurrentPages, json: bytes, html: bytes, *, force: bool = False) -> int:
        """Write the pages that differ: JSON first, because it is the record, then HTML.

        Not at the same time: if a run died after HTML alone, a later run that is short of time
        would know no record of a file that HTML lists, and would drop it.

        Args:
            current: the pages that were read; only these are replaced.
            json: the JSON page.
            html: the HTML page.
            force: write both even if they do not differ.

        Returns:
            The number of pages written.

        Raises:
            ChangedError: another writer got in.
            StorageError: S3 refused or failed.
        """
        bucket, directory = current.directory.bucket, current.directory
        json_differs = force or json != current.json
        if json_differs:
            self.storage.put(bucket, directory.page_json, json, _JSON, current.json_etag)
        html_differs = force or not self.is_html(current, html, look=not json_differs)
        if html_differs:
            self.storage.put(bucket, self._html_key(directory), html, _HTML, current.html_etag)
        return json_differs + html_differs

    def delete(self, current: CurrentPages) -> int:
        """Delete both pages: HTML first, so that the record is deleted last.

        Deletes only our own pages: without a JSON page of ours, the HTML page is not ours.

        Returns:
            The number of pages deleted.

        Raises:
            ChangedError: another writer got in.
            StorageError: S3 refused or failed.
        """
        directory = current.directory
        if current.page is None and not self.is_orphan(current):
            return 0
        pages = {
            self._html_key(directory): current.html_etag,
            directory.page_json: current.json_etag,
        }
        there = [(key, etag) for key, etag in pages.items() if etag is not None]
        for key, etag in there:
            self.storage.delete(directory.bucket, key, etag)
        return len(there)

    def is_orphan(self, current: CurrentPages) -> bool:
        """Whether the function wrote the HTML page, and somebody removed the JSON page.

        Raises:
            ChangedError: another writer got in.
            StorageError: S3 refused or failed.
        """
        project = current.directory
        if current.json_etag or not current.html_etag or not isinstance(project, Project):
            return False
        html = self._read_html(current)
        titles = (f"<title>{project.name}</title>", f"<title>{project.name} · ")  # old and new
        return PAGE_MARK in html and any(each.encode() in html for each in titles)

    def is_html(self, current: CurrentPages, html: bytes, *, look: bool) -> bool:
        """Whether the HTML page has these bytes already.

        Args:
            current: the current pages.
            html: the bytes.
            look: read the page itself if its entity tag does not identify its content: the tag is
                the MD5 of the bytes only without KMS.

        Raises:
            ChangedError: another writer got in.
            StorageError: S3 refused or failed.
        """
        if current.html_etag is None or current.html_size not in {None, len(html)}:
            return False
        if current.html_etag == hashlib.md5(html, usedforsecurity=False).hexdigest():
            return True
        return look and self._read_html(current) == html

    def _read_html(self, current: CurrentPages) -> bytes:
        """The HTML page that was listed; empty if only its writer can read it."""
        directory = current.directory
        try:
            key = self._html_key(directory)
            return self.storage.get(directory.bucket, key, current.html_etag)[0]
        except ObjectMissingError as error:
            raise ChangedError(str(error)) from error
        except UnreadableError as error:
            if not error.certain:
                raise
            return b""

    def _html_key(self, directory: Directory) -> str:
        return directory.page_html(index_html=self.index_html)
