"""The crawl of one outlet: its sources, then the pages they announce, then known pages whose time has come."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from twisted.python.failure import Failure

from archive.capture import BodyError
from archive.crawl_log import PageLog, PageOutcome, SourceKind, SourceLog
from archive.index import IndexReader
from config.outlets import Outlet
from crawler.challenges import is_challenge
from crawler.failures import outcome_of
from crawler.frontier import Frontier
from crawler.habits import condition, next_ask, read_since
from crawler.pages import judge_page, status_word, unpacked
from crawler.record import CrawlRecord
from crawler.sources import Reading, read_source

#: Sources are asked before pages, so that all that is announced is known early.
_SOURCE_PRIORITY = 10
#: An index that announces more is taken for one without end, and said to have failed.
_MAX_SOURCES = 400


@dataclass(frozen=True, slots=True)
class Night:
    """What the crawl goes by. A live crawl asks what the registry has enabled, and believes the past; a replay and a
    check ask everything, the one for the sake of `replayed_hosts`, the other without fetching a page."""

    now: dt.datetime
    first_window: dt.timedelta
    replayed_hosts: frozenset[str] | None = None
    check: bool = False

    @property
    def live(self) -> bool:
        return self.replayed_hosts is None

    @property
    def believes_past(self) -> bool:
        return self.live and not self.check


class PressSpider(scrapy.Spider):
    """`frontier` decides what is fetched; `record` keeps what came."""

    name = "press"

    def __init__(
        self, outlet: Outlet, frontier: Frontier, record: CrawlRecord, past: IndexReader, night: Night
    ) -> None:
        super().__init__()
        self.finish = "unfinished"
        self._outlet = outlet
        self._frontier = frontier
        self._record = record
        self._past = past
        self._night = night
        self._asked: set[str] = set()
        self._idle = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> PressSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.robots_read, signal=signals.robots_parsed)
        crawler.signals.connect(spider.nothing_left, signal=signals.spider_idle)
        crawler.signals.connect(spider.finished, signal=signals.spider_closed)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Asks the outlet's feeds and sitemaps; where a host has none, its robots.txt alone."""
        asked = set()
        for kind, source in self._outlet.sources:
            if kind == "section" and not self._night.check:
                continue
            if not (source.enabled or self._night.check or not self._night.live) or source.url in self._asked:
                continue
            if self._is_waiting(source.url):
                self._record.source_answered(SourceLog(source.url, kind, "waiting", listed=True))
                continue
            asked.add(urlsplit(source.url).netloc)
            yield self._source(kind, source.url, listed=True)
        for host in (self._night.replayed_hosts or frozenset()) - asked:
            yield self._source("robots", f"https://{host}/robots.txt")
        if self._night.believes_past:
            for request in self._pages(self._frontier.left_over()):
                yield request

    def robots_read(self, robotparser: RobotParser, request: Request) -> None:
        """Takes the `Sitemap:` lines and the Crawl-delay; called while the first request to the host waits."""
        url = _robots_url(request.url)
        rules = getattr(robotparser, "rp")  # noqa: B009 (Protego behind Scrapy's wrapper)
        sitemaps = [link for line in rules.sitemaps if (link := urljoin(url, line)).startswith(("http://", "https://"))]
        self._record.source_answered(SourceLog(url, "robots", "ok", items=len(sitemaps)))
        delay = rules.crawl_delay(self.settings["USER_AGENT"])
        if delay and self.crawler.engine:
            downloader = self.crawler.engine.downloader
            key = downloader.get_slot_key(request)
            # The settings outlast the slot, which Scrapy drops after a minute without requests.
            wanted = max(float(delay), self.settings.getfloat("DOWNLOAD_DELAY"))
            downloader.per_slot_settings[key] = {"concurrency": 1, "delay": wanted}
            if slot := downloader.slots.get(key):
                slot.delay = max(slot.delay, wanted)
        for sitemap in sitemaps:
            if not self._night.check and sitemap not in self._asked and not self._is_waiting(sitemap):
                self._schedule(self._source("sitemap", sitemap))

    def robots_failed(self, url: str, error: Exception) -> None:
        """Records a robots.txt that could not be had."""
        _, reason = outcome_of(error, url)
        self._record.source_answered(SourceLog(url, "robots", "failed", reason))

    def nothing_left(self) -> None:
        """When nothing is left to do: section pages where no other source answered, then known pages that are due."""
        steps = (self._ask_sections, self._look_again)
        while self._idle < len(steps) and not self._night.check:
            step = steps[self._idle]
            self._idle += 1
            requests = list(step())
            for request in requests:
                self._schedule(request)
            if requests:
                raise DontCloseSpider

    def finished(self, reason: str) -> None:
        self.finish = reason

    async def read_source(self, response: Response) -> AsyncIterator[Request]:
        """Records the answer of a source and asks for what it announces."""
        body = self._content(response)
        if body is None:
            return
        now = self._night.now if self._night.live else None
        # A feed takes a tenth of a second: the other hosts need not wait for it.
        reading = await asyncio.to_thread(
            read_source, response.meta["kind"], body, response.url, self._outlet.is_article, now
        )
        requests = self._read_index(response, reading) if reading.is_index else self._announced(response, reading)
        for request in requests:
            yield request

    def read_robots(self, response: Response) -> None:
        """The middleware has read it already, and archived it."""

    def read_page(self, response: Response) -> None:
        asked = response.meta["page"]
        self._settle(asked, *judge_page(response, asked, self._outlet), response.status, response.url)

    def source_failed(self, failure: Failure) -> None:
        request = failure.request  # type: ignore[attr-defined]
        outcome, reason = outcome_of(failure.value, request.url)
        # A source has no later in this run: what puts a page off fails it.
        known: Any = "failed" if outcome == "deferred" else outcome
        self._source_log(request.meta, known, reason)

    def page_failed(self, failure: Failure) -> None:
        request = failure.request  # type: ignore[attr-defined]
        self._settle(request.meta["page"], *outcome_of(failure.value, request.url))

    def _ask_sections(self) -> Iterator[Request]:
        answered = any(s.outcome == "ok" and s.kind in ("feed", "sitemap") for s in self._record.sources.values())
        for section in self._outlet.sections:
            if not answered and section.enabled and section.url not in self._asked:
                yield self._source("section", section.url, listed=True)

    def _look_again(self) -> Iterator[Request]:
        return self._pages(self._frontier.due_unannounced())

    def _pages(self, pages: Sequence[PageLog]) -> Iterator[Request]:
        self._record.taken_up(pages)
        return (self._page(page.url) for page in pages if self._frontier.is_open(page))

    def _announced(self, response: Response, reading: Reading) -> Iterator[Request]:
        since = self._since(response.meta["source"])
        taken: list[PageLog] = []
        if not self._night.check:
            pages = (self._frontier.announce(link.url, response.url, link.time, since) for link in reading.links)
            taken = [page for page in pages if page]
        # Only what was read whole may be asked for conditionally: a 304 would hide the rest for good.
        validators: dict[str, Any] = {} if reading.problem or reading.oddity else _validators(response)
        self._source_read(response, reading, announced=taken, **validators)
        return (self._page(page.url) for page in taken if self._frontier.is_open(page))

    def _read_index(self, response: Response, reading: Reading) -> Iterator[Request]:
        """An index is always asked for whole: one that has not changed may lead to sitemaps that have."""
        self._source_read(response, reading)
        for link in reading.links:
            if self._night.check or link.url in self._asked or not self._of_interest(link.url, link.time):
                continue
            if len(self._asked) >= _MAX_SOURCES:
                index = self._record.sources[response.meta["source"]]
                self._record.source_answered(replace(index, outcome="failed", reason="too_many_sitemaps"))
                return
            if not self._is_waiting(link.url):
                yield self._source("sitemap", link.url)

    def _source_read(self, response: Response, reading: Reading, **said: Any) -> None:
        outcome: Any = "failed" if reading.failed else "ok"
        newest = reading.newest.isoformat() if reading.newest else None
        reason = reading.problem or reading.oddity
        self._source_log(response.meta, outcome, reason, response, items=len(reading.links), newest=newest, **said)

    def _source(self, kind: SourceKind, url: str, *, listed: bool = False) -> Request:
        self._asked.add(url)
        callback = self.read_robots if kind == "robots" else self.read_source
        headers = {}
        if self._night.believes_past and (last := condition(self._past.source_looks(url))):
            asked = {"If-None-Match": last.etag, "If-Modified-Since": last.last_modified}
            headers = {name: value for name, value in asked.items() if value}
        # A source that redirects to another, or to itself, still needs an answer of its own.
        meta = {"kind": kind, "source": url, "listed": listed}
        return Request(
            url,
            callback,
            errback=self.source_failed,
            priority=_SOURCE_PRIORITY,
            dont_filter=True,
            meta=meta,
            headers=headers,
        )

    def _page(self, url: str) -> Request:
        # The frontier asks for a page once; two pages may redirect to one, and each still needs its outcome.
        meta = {"kind": "page", "page": url}
        return Request(url, self.read_page, errback=self.page_failed, dont_filter=True, meta=meta)

    def _schedule(self, request: Request) -> None:
        if self.crawler.engine:
            self.crawler.engine.crawl(request)

    def _content(self, response: Response) -> bytes | None:
        """The unpacked body of a source; None where there is nothing to read, which is then recorded."""
        if response.status == 304:
            last = self._past.source_looks(response.meta["source"])[-1]
            newest = last.newest.isoformat() if last.newest else None
            said: dict[str, Any] = {"newest": newest, "etag": last.etag, "last_modified": last.last_modified}
            self._source_log(response.meta, "ok", "not_modified", response, **said)
        elif response.status != 200:
            self._source_log(response.meta, "failed", status_word(response), response)
        else:
            try:
                body = unpacked(response)
            except BodyError as error:
                self._source_log(response.meta, "failed", error.reason, response)
                return None
            if not is_challenge(body):
                return body
            self._source_log(response.meta, "failed", "challenge", response)
        return None

    def _source_log(
        self,
        meta: dict[str, Any],
        outcome: Any,
        reason: str | None,
        response: Response | None = None,
        *,
        announced: Sequence[PageLog] = (),
        **said: Any,
    ) -> None:
        moved = response.url if response is not None and response.url != meta["source"] else None
        status = response.status if response is not None else None
        source = SourceLog(
            meta["source"],
            meta["kind"],
            outcome,
            reason,
            status,
            listed=meta.get("listed", False),
            moved_to=moved,
            **said,
        )
        self._record.source_answered(source, announced)
        self._stop_if_unwritten()

    def _settle(self, url: str, outcome: PageOutcome, reason: str | None, *said: Any) -> None:
        self._record.settled(self._frontier.settle(url, outcome, reason, *said))
        self._stop_if_unwritten()

    def _stop_if_unwritten(self) -> None:
        if self._record.failure:
            raise CloseSpider("archive_failed")

    def _since(self, url: str) -> dt.datetime | None:
        if not self._night.live:
            return None
        return read_since(self._past.source_looks(url), self._night.now, self._night.first_window)

    def _is_waiting(self, url: str) -> bool:
        again = next_ask(self._past.source_looks(url)) if self._night.believes_past else None
        return again is not None and self._night.now < again

    def _of_interest(self, url: str, lastmod: dt.datetime | None) -> bool:
        """Whether a sitemap of an index can announce pages of the window."""
        since = self._since(url)
        if since is None:
            return True
        if lastmod is not None:
            return lastmod >= since
        month = re.search(r"(20\d\d)-(\d\d?)(?!\d)", urlsplit(url).path)
        return month is None or (int(month[1]), int(month[2])) >= (since.year, since.month)


def _robots_url(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def _validators(response: Response) -> dict[str, str]:
    """What a conditional request may quote the next time."""
    found = {"etag": response.headers.get("ETag"), "last_modified": response.headers.get("Last-Modified")}
    return {name: value.decode("latin-1") for name, value in found.items() if value}
