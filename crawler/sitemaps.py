"""What a sitemap lists: other sitemaps, or pages."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urljoin

from lxml import etree

from archive.urls import normalize_url
from crawler.dates import parse_feed_date
from crawler.feeds import looks_like_html, plain_title

#: The limit that sitemaps.org sets for one file, unpacked.
MAX_UNPACKED_BYTES = 50 * 1024 * 1024

GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 64 * 1024

Kind = Literal["index", "urlset"]
KINDS: dict[str, Kind] = {"sitemapindex": "index", "urlset": "urlset"}
ENTRY_TAGS = ("url", "sitemap")


@dataclass
class SitemapEntry:
    """One listed address. `lastmod` is its last change, else its publication as a news sitemap gives it."""

    url: str
    lastmod: datetime | None
    title: str | None


@dataclass
class SitemapResult:
    """The entries in the file's order, each address once, and one word for why the list can't be trusted.

    `problem` is empty_body, html, not_a_sitemap, too_large or no_entries where nothing could be read;
    bad_gzip, malformed, too_many_entries or entries_without_address where the entries are those that could.
    Addresses of pages are normalised; those of other sitemaps, fetched but not counted, are as written.
    """

    kind: Kind | None
    entries: list[SitemapEntry]
    problem: str | None


class _FaultError(Exception):
    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


def parse_sitemap(body: bytes, url: str, max_entries: int = 50_000) -> SitemapResult:
    """Reads a sitemap, plain or gzip, that was served under `url`. Opens nothing. Never raises."""
    data, problem = _unpacked(body)
    if problem == "too_large":
        return SitemapResult(None, [], problem)
    data = data.removeprefix(codecs.BOM_UTF8).lstrip()
    if not data:
        return SitemapResult(None, [], problem or "empty_body")
    if looks_like_html(data):
        return SitemapResult(None, [], "html")
    reader = _Reader(url, max_entries)
    try:
        reader.read(data)
    except _FaultError as fault:
        problem = problem or fault.problem
    if problem is None and not reader.entries:
        problem = "no_entries"
    return SitemapResult(reader.kind, list(reader.entries.values()), problem)


class _Reader:
    """The state of one reading, so that a fault leaves what came before it."""

    def __init__(self, url: str, max_entries: int) -> None:
        self.url = url
        self.max_entries = max_entries
        self.kind: Kind | None = None
        self.entries: dict[str, SitemapEntry] = {}

    def read(self, data: bytes) -> None:
        parser = etree.XMLPullParser(
            events=("start", "end"),
            encoding=_override(data),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        unaddressed = False
        for event, element in _events(parser, data):
            if self.kind is None:
                self.kind = KINDS.get(etree.QName(element).localname)
                if self.kind is None:
                    raise _FaultError("not_a_sitemap")
            if event == "end" and etree.QName(element).localname in ENTRY_TAGS:
                unaddressed |= not self._add(element)
                _forget(element)
        if unaddressed:
            raise _FaultError("entries_without_address")

    def _add(self, element: Any) -> bool:
        found = _texts(element)
        address = found.get("loc")
        known_as = normalize_url(address, base=self.url) if address else None
        if address is None or known_as is None:
            return False
        where = urljoin(self.url, address) if self.kind == "index" else known_as
        written = found.get("lastmod") or found.get("publication_date")
        time = parse_feed_date(written) if written else None
        entry = SitemapEntry(where, time, plain_title(found.get("news_title") or found.get("image_title")))
        known = self.entries.get(where)
        if known is None and len(self.entries) == self.max_entries:
            raise _FaultError("too_many_entries")
        if known is None or (known.lastmod is None and time is not None):
            self.entries[where] = entry
        return True


def _unpacked(body: bytes) -> tuple[bytes, str | None]:
    """The plain bytes, as far as they could be unpacked, and what hindered."""
    if not body.startswith(GZIP_MAGIC):
        return (b"", "too_large") if len(body) > MAX_UNPACKED_BYTES else (body, None)
    parts: list[bytes] = []
    size = 0
    member = zlib.decompressobj(wbits=31)
    rest = body
    try:
        while rest:
            part = member.decompress(rest, _CHUNK)
            size += len(part)
            if size > MAX_UNPACKED_BYTES:
                return b"", "too_large"
            parts.append(part)
            rest = member.unconsumed_tail
            if member.eof:
                rest = member.unused_data
                if not rest.startswith(GZIP_MAGIC):
                    break  # padding behind the last member
                member = zlib.decompressobj(wbits=31)
    except zlib.error:
        return b"".join(parts), "bad_gzip"
    return b"".join(parts), None if member.eof else "bad_gzip"


def _override(data: bytes) -> str | None:
    """Bytes that are UTF-8 are read so, whatever the file declares (one outlet's feed declares utf-16)."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if b"\0" in data else "utf-8"


def _events(parser: Any, data: bytes) -> Iterator[tuple[str, Any]]:
    """The parser's events. Raises _FaultError at the first error, after the events before it."""
    try:
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
            yield from parser.read_events()
        parser.close()
    except etree.XMLSyntaxError:
        yield from parser.read_events()
        raise _FaultError("malformed") from None
    yield from parser.read_events()


def _texts(entry: Any) -> dict[str, str]:
    """The fields of one <url> or <sitemap>, the first of each kind."""
    found: dict[str, str] = {}
    own = etree.QName(entry).namespace
    for child in entry.iter(etree.Element):
        name = etree.QName(child)
        parent = child.getparent()
        if child is entry or parent is None or not child.text or len(child):
            continue
        if parent is entry and name.namespace == own and name.localname in ("loc", "lastmod"):
            key = name.localname
        elif name.localname == "publication_date":
            key = "publication_date"
        elif name.localname == "title" and parent is not entry:
            key = f"{etree.QName(parent).localname}_title"
        else:
            continue
        if text := child.text.strip():
            found.setdefault(key, text)
    return found


def _forget(element: Any) -> None:
    """Frees what was read, so that 50,000 entries don't stay in memory."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
