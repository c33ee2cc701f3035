"""The crawl of past months: the sitemaps that list them, one after the other, oldest month first, and their pages."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from scrapy.exceptions import DontCloseSpider
from scrapy.http import Request, Response

from archive.crawl_log import SourceLog
from config.clock import VIETNAM
from crawler.sources import Announcement, Reading, are_monthly, month_of
from crawler.spider import MONTH, PressSpider

#: Two a day; an index that names more for one month is taken for one without end.
MOST_OF_A_MONTH = 62
#: Why a sitemap was not asked in this run: the next run asks it, or no run has to.
LATER, FINISHED = "budget", "finished"

#: A month anywhere in an address: /2021/7/, -2021-07-, 202107. And a year alone.
_MONTHS = (r"(?<!\d)(20\d\d)[-_/](\d\d?)(?!\d)", r"(?<!\d)(20\d\d)(0[1-9]|1[0-2])(?!\d)")
_YEAR = r"(?<!\d)(20\d\d)(?!\d)"


class BackfillSpider(PressSpider):
    """Asks the outlet's sitemap indexes, then each dated sitemap whose turn has come while there is budget. What an
    earlier run finished is not asked again: the archive's index knows."""

    name = "backfill"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._finished = self._past.finished_sitemaps()
        #: The sitemaps that were found, and the month that their names give; None where they give the year alone.
        self._found: dict[str, str | None] = {}
        self._queue: list[str] = []
        self._pages_of: tuple[str, list[str]] | None = None

    async def start(self) -> AsyncIterator[Request]:
        """Asks every sitemap of the outlet's file, also those that no live crawl asks yet, else robots.txt for some."""
        asked = [source.url for kind, source in self._outlet.sources if kind == "sitemap"]
        requests = [self._source("sitemap", url, listed=True) for url in dict.fromkeys(asked)]
        if not requests:
            requests = [self._source("robots", f"https://{self._outlet.domains[0].host}/robots.txt")]
        for request in requests:
            if request:
                yield request

    def nothing_left(self) -> None:
        """When a sitemap's pages are done: the next sitemap, oldest month first."""
        self._settle_sitemap()
        self._queue.sort(key=self._turn)
        while self._queue and self._frontier.has_budget:
            url = self._queue.pop(0)
            if request := self._source("sitemap", url):
                request.meta[MONTH] = self._asked[url][MONTH] = self._found[url]
                self._schedule(request)
                raise DontCloseSpider

    def give_up_on_sources(self, because: str) -> None:
        """Records also the sitemaps whose turn did not come, and those that earlier runs finished."""
        self._settle_sitemap()
        super().give_up_on_sources(because)
        later = LATER if self.finish == "finished" else because
        for url in sorted(self._found.keys() - self._record.sources.keys(), key=self._turn):
            why = FINISHED if url in self._finished else later
            self._record.sources[url] = SourceLog(url, "sitemap", "waiting", why, month=self._found[url])

    def _named_sitemap(self, url: str) -> Request | None:
        if date_of(url) is None:
            return self._source("sitemap", url)
        self._take([url], None)
        return None

    def _read_index(self, response: Response, reading: Reading) -> Iterator[Request]:
        """Queues the sitemaps of the months in question, and those of their years that name no month."""
        self._source_read(response, reading)
        links = [link.url for link in reading.links if self._outlet.owns(urlsplit(link.url).netloc)]
        too_many = self._take(links, response.meta.get(MONTH), are_parts=_are_parts(links, self._terms.now))
        if too_many:
            index = self._record.sources[response.meta["source"]]
            self._record.source_answered(replace(index, outcome="failed", reason="too_many_sitemaps"))
        yield from ()

    def _announced(self, response: Response, reading: Reading) -> Iterator[Request]:
        of_sitemap = response.meta.get(MONTH)
        taken, links = [], []
        for link in reading.links:
            month = of_sitemap or _month_of_time(link)
            if month not in self._terms.months:
                continue
            links.append(link.url)
            page = self._frontier.announce(link.url, response.url, link.time, None, "sitemap", month)
            taken += [page] if page else []
        # A sitemap that is read for some of its pages only is never finished.
        self._pages_of = (response.meta["source"], links) if of_sitemap else None
        left = self._frontier.count_unsettled(links) if of_sitemap else None
        self._source_read(response, reading, announced=taken, unknown=left)
        return (self._page(page.url) for page in taken if self._frontier.is_open(page))

    def _settle_sitemap(self) -> None:
        """Records of the sitemap that was read last how many of its pages another run may still get."""
        if self._pages_of is None:
            return
        url, links = self._pages_of
        self._pages_of = None
        source = replace(self._record.sources[url], unknown=self._frontier.count_unsettled(links))
        self._record.source_answered(source)

    def _take(self, urls: Sequence[str], within: str | None, *, are_parts: bool = False) -> bool:
        """Queues sitemaps, and says whether there were too many. What an index of a month lists is of that month;
        `are_parts`: what looks like a month in their names counts the parts of a year."""
        years = {month[:4] for month in self._terms.months}
        counts = Counter(self._found.values())
        too_many = False
        for url in urls:
            year, number = date_of(url) or (None, None)
            month = within or (f"{year}-{number:02}" if number and not are_parts else None)
            wanted = month in self._terms.months if month else str(year) in years
            if not wanted or url in self._found or url in self._asked:
                continue
            counts[month] += 1
            if counts[month] > MOST_OF_A_MONTH:
                too_many = True
                continue
            self._found[url] = month
            if url not in self._finished:
                self._queue.append(url)
        return too_many

    def _turn(self, url: str) -> tuple[str, list[int], str]:
        return self._found[url] or "", [int(number) for number in re.findall(r"\d+", url)], url


def _are_parts(urls: Sequence[str], now: dt.datetime) -> bool:
    """Whether the numbers behind the years in the sitemaps' names are no months, as far as names can tell: those of one
    whole year are twelve."""
    months = {month for month in map(month_of, urls) if month}
    whole = all((year, number) in months for year, _ in months for number in range(1, 13))
    return bool(months) and not whole and not are_monthly(urls, now)


def date_of(url: str) -> tuple[int, int | None] | None:
    """The year and month that a sitemap's address names, or the year alone."""
    found = month_of(url)
    if found:
        return found
    parts = urlsplit(url)
    address = f"{parts.path}?{parts.query}"
    for pattern in _MONTHS:
        match = re.search(pattern, address)
        if match and 1 <= int(match[2]) <= 12:
            return int(match[1]), int(match[2])
    year = re.search(_YEAR, address)
    return (int(year[1]), None) if year else None


def _month_of_time(link: Announcement) -> str | None:
    return f"{link.time.astimezone(VIETNAM):%Y-%m}" if link.time else None
