"""What a feed, a sitemap or a section page announces, in one form whichever it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from archive.crawl_log import SourceKind
from crawler.feeds import parse_feed
from crawler.sections import parse_section
from crawler.sitemaps import parse_sitemap

#: The clocks of outlets are wrong by minutes; an item of tomorrow is a slip or a trick.
FUTURE = dt.timedelta(hours=12)
#: A sitemap with more entries that have no time is an inventory, not an announcement.
_MAX_UNDATED = 1000
_MONTH = re.compile(r"(20\d\d)-(\d\d?)(?:-\d+)*\.[a-z.]+$")


@dataclass(frozen=True, slots=True)
class Announcement:
    """A link of a source, and the time the source gives it."""

    url: str
    time: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """The links, in order: to pages, or to other sitemaps where it `is_index`. With a `problem` the list is not whole,
    and without links there is none; an `oddity` is only named. `newest` is the latest time that is not in the
    future."""

    links: tuple[Announcement, ...]
    problem: str | None
    oddity: str | None = None
    is_index: bool = False
    newest: dt.datetime | None = None

    @property
    def failed(self) -> bool:
        return self.problem is not None and not self.links


def read_source(
    kind: SourceKind, body: bytes, url: str, is_article: Callable[[str], bool], now: dt.datetime | None
) -> Reading:
    """Reads a source that was served under `url`. Never raises. `now` is None in a replay, which has no future and
    takes every sitemap for an announcement."""
    if kind == "feed":
        feed = parse_feed(body, url)
        unread = any(item.raw_published and item.published is None for item in feed.items)
        links = [Announcement(item.url, item.published) for item in feed.items]
        return _reading(links, feed.problem, "unread_dates" if unread else None, now)
    if kind == "section":
        section = parse_section(body, url, is_article)
        return _reading([Announcement(item.url, None) for item in section.items], section.problem, None, now)
    sitemap = parse_sitemap(body, url)
    links = [Announcement(entry.url, entry.lastmod) for entry in sitemap.entries]
    if sitemap.kind == "index":
        return _reading(links, sitemap.problem, None, now, is_index=True)
    inventory = now is not None and sum(link.time is None for link in links) > _MAX_UNDATED
    announced = [link for link in links if link.time or not inventory]
    return _reading(announced, sitemap.problem, "undated_entries" if inventory else None, now)


def joined(base: str, link: str) -> str | None:
    """A link as a page or robots.txt gives it, whole; None for what is no web address."""
    try:
        address = urljoin(base, link)
        parts = urlsplit(address)
        usable = bool(link) and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        return None
    return address if usable else None


def month_of(url: str) -> tuple[int, int] | None:
    """The month at the end of a sitemap's name: sitemaps/news-2026-8.xml, sitemaps-2026-8-1-5.xml."""
    found = _MONTH.search(urlsplit(url).path)
    return (int(found[1]), int(found[2])) if found and 1 <= int(found[2]) <= 12 else None


def are_monthly(urls: Sequence[str], now: dt.datetime) -> bool:
    """Whether the numbers in the sitemaps' names are months: over several years they are. Within one they may count
    parts, and then they stop short of this month."""
    months = [month for month in map(month_of, urls) if month]
    if len(months) <= len(urls) / 2:
        return False
    return len({year for year, _ in months}) > 1 or max(months) >= _month_before(now)


def _month_before(now: dt.datetime) -> tuple[int, int]:
    return (now.year, now.month - 1) if now.month > 1 else (now.year - 1, 12)


def _reading(
    links: Sequence[Announcement],
    problem: str | None,
    oddity: str | None,
    now: dt.datetime | None,
    *,
    is_index: bool = False,
) -> Reading:
    times = [link.time for link in links if link.time]
    believed = [time for time in times if now is None or time <= now + FUTURE]
    if len(believed) < len(times):
        oddity = oddity or "future_date"
    return Reading(tuple(links), problem, oddity, is_index, max(believed, default=None))
