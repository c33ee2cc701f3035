"""What an RSS or Atom feed announces."""

from __future__ import annotations

import html
import io
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import feedparser

from archive.urls import normalize_url
from crawler.dates import INVISIBLE, parse_feed_date

_UTF16_STARTS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*>", re.IGNORECASE)
_DECLARED = re.compile(rb"encoding\s*=\s*[\"']\s*([\w.:-]+)", re.IGNORECASE)
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script)\b",
    re.IGNORECASE | re.DOTALL,
)
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One announced article: `url` is normalised; `raw_published` is the time as the feed wrote it."""

    url: str
    title: str | None
    published: datetime | None
    raw_published: str | None


@dataclass
class FeedResult:
    """The items in the feed's order, each article once, and one word for why the list can't be trusted.

    `problem` is empty_body, html, unreadable or no_items where nothing could be read; truncated or
    items_without_link where the items are those that could.
    """

    items: list[FeedItem]
    problem: str | None


def parse_feed(body: bytes, url: str) -> FeedResult:
    """Reads a feed, without content encoding, that was served under `url`. Never raises."""
    data = _as_utf8(body)
    if not data:
        return FeedResult([], "empty_body")
    if looks_like_html(data):
        return FeedResult([], "html")
    try:
        # A stream, never the bytes: feedparser takes those for the name of a file to open. It resolves links
        # against xml:base and Content-Location; its reading of dates is not used.
        feed = feedparser.parse(io.BytesIO(data), response_headers={"content-location": url}, sanitize_html=False)
    except (AssertionError, LookupError, ValueError):
        # What feedparser's fallback parser raises on mangled markup, such as an unknown <![section.
        return FeedResult([], "unreadable")
    items, unlinked = _items(feed.entries, url, atom=feed.version.startswith("atom"))
    problem = None
    if unlinked:
        problem = "items_without_link"
    elif not items:
        problem = "no_items" if feed.version else "unreadable"
    elif not _END.search(data[-2048:]):
        problem = "truncated"
    return FeedResult(items, problem)


def looks_like_html(data: bytes) -> bool:
    """Whether an answer that should be XML is a web page: a block, a consent, a move."""
    return bool(_HTML.match(data))


def plain_title(text: str | None) -> str | None:
    """A title in NFC, without the markup, entities, CDATA marks and invisible letters left in it; None if empty."""
    if not text:
        return None
    bare = INVISIBLE.sub("", _TAG.sub("", _CDATA.sub("", html.unescape(text))))
    return " ".join(unicodedata.normalize("NFC", bare).split()) or None


def _as_utf8(body: bytes) -> bytes:
    """The body as UTF-8 without declaration; as it is where it declares another encoding and isn't UTF-8.

    VietnamBiz declares utf-16 and sends UTF-8. A body cut inside a letter stays UTF-8: feedparser would read
    all of it as windows-1252.
    """
    if body.startswith(_UTF16_STARTS):
        unmarked = "utf-16-le" if body[0] else "utf-16-be"
        text = body.decode("utf-16" if body[0] > 0x7F else unmarked, "replace")
    else:
        declaration = _DECLARATION.match(body)
        declared = _DECLARED.search(declaration[0]) if declaration else None
        other = declared is not None and declared[1].lower() not in (b"utf-8", b"utf8")
        try:
            text = body.decode("utf-8-sig", "strict" if other else "replace")
        except UnicodeDecodeError:
            return body
    text = text.replace("\0", "").lstrip()
    return re.sub(r"^<\?xml[^>]*>", "", text, count=1).strip().encode()


def _items(entries: list[Any], url: str, *, atom: bool) -> tuple[list[FeedItem], int]:
    """The distinct items, and how many titles had no usable address."""
    items: dict[str, FeedItem] = {}
    by_guid: dict[tuple[str, str | None, str], str] = {}
    unlinked = 0
    for entry in entries:
        title = plain_title(entry.get("title"))
        link = normalize_url(entry.get("link") or "", base=url) if entry.get("link") else None
        if link is None:
            # VnExpress serves an empty <item/> now and then (14/11/2017): nothing is lost with it.
            unlinked += title is not None
            continue
        # One article in two folders has one guid, one title and one name; a careless feed gives all its items one guid.
        link = by_guid.setdefault((entry.get("id") or link, title, link.rpartition("/")[2]), link)
        raw = _written_time(entry, atom=atom)
        item = FeedItem(link, title, parse_feed_date(raw) if raw else None, raw)
        known = items.get(link)
        if known is None or (known.published is None and item.published is not None):
            items[link] = item
    return list(items.values()), unlinked


def _written_time(entry: Any, *, atom: bool) -> str | None:
    # feedparser files an RSS dc:date, the time of publication, under "updated"; Atom's is the last change.
    # dict.get, because feedparser's own get() mixes the two.
    raw = dict.get(entry, "published") or (None if atom else dict.get(entry, "updated"))
    return raw if isinstance(raw, str) and raw.strip() else None
