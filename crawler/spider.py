"""The crawl of one outlet: its sources, then the pages they announce, then known pages whose time has come."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, IgnoreRequest
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from twisted.python.failure import Failure

from archive.crawl_log import CrawlLog, SourceLog
from config.outlets import Outlet
from crawler.feeds import parse_feed
from crawler.frontier import Frontier
from crawler.middlewares import ForeignHost
from crawler.replay import NotInArchive
from crawler.resolver import refused_names
from crawler.sitemaps import parse_sitemap

#: Sources are asked before pages, so that all that is announced is known early.
_SOURCE_PRIORITY = 10
#: An index that announces more is taken for one without end, and said to have failed.
_MAX_SOURCES = 400


class PressSpider(scrapy.Spider):
    """`frontier` decides what is fetched; `sources` records how each feed, sitemap and robots.txt answered."""

    name = "press"

    def __init__(
        self,
        outlet: Outlet,
        frontier: Frontier,
        since: dt.datetime | None,
        replayed_hosts: frozenset[str] | None,
    ) -> None:
        super().__init__()
        self.outlet = outlet
        self.frontier = frontier
        self.sources: dict[str, SourceLog] = {}
        self.finish = "unfinished"
        self._since = since
        self._replayed_hosts = replayed_hosts
        self._looked_again = False
        self._asked: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> PressSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.robots_read, signal=signals.robots_parsed)
        crawler.signals.connect(spider.look_again, signal=signals.spider_idle)
        crawler.signals.connect(spider.finished, signal=signals.spider_closed)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Asks the outlet's feeds and sitemaps; where a host has none, its robots.txt alone.

        A replay asks also the addresses nobody has verified: its network can't be bothered.
        """
        replaying = self._replayed_hosts is not None
        sources = [("feed", feed) for feed in self.outlet.feeds] + [("sitemap", s) for s in self.outlet.sitemaps]
        asked = set()
        for kind, source in sources:
            if (source.enabled or replaying) and source.url not in self._asked:
                asked.add(urlsplit(source.url).netloc)
                yield self._source(kind, source.url)
        for host in (self._replayed_hosts or frozenset()) - asked:
            yield self._source("robots", f"https://{host}/robots.txt")

    def robots_read(self, robotparser: RobotParser, request: Request) -> None:
        """Takes the `Sitemap:` lines and the Crawl-delay; called while the first request to the host waits."""
        host = urlsplit(request.url).netloc
        url = f"{urlsplit(request.url).scheme}://{host}/robots.txt"
        lines = getattr(robotparser, "rp").sitemaps  # noqa: B009 (Protego behind Scrapy's wrapper)
        sitemaps = [link for line in lines if (link := urljoin(url, line)).startswith(("http://", "https://"))]
        self.sources[url] = SourceLog(url, "robots", "ok", items=len(sitemaps))
        delay = getattr(robotparser, "rp").crawl_delay(self.settings["USER_AGENT"])  # noqa: B009
        slots = self.crawler.engine.downloader.slots if self.crawler.engine else {}
        if delay and (slot := slots.get(host)):
            slot.delay = max(slot.delay, float(delay))
        for sitemap in sitemaps:
            if sitemap not in self._asked:
                self._schedule(self._source("sitemap", sitemap))

    def look_again(self) -> None:
        """When nothing is left to do, takes up known pages that are due, once."""
        if self._looked_again:
            return
        self._looked_again = True
        due = self.frontier.due_unannounced()
        for url in due:
            self._schedule(self._page(url))
        if due:
            raise DontCloseSpider

    def finished(self, reason: str) -> None:
        self.finish = reason

    def log_of(self, run: str, mode: Any, now: dt.datetime, started: dt.datetime) -> CrawlLog:
        """The outlet's crawl log, when the crawl is over."""
        ended = dt.datetime.now(dt.UTC)
        sources = tuple(self.sources.values())
        return CrawlLog(run, self.outlet.id, mode, now, started, ended, self.finish, sources, self.frontier.pages())

    def read_feed(self, response: Response) -> Iterator[Request]:
        if self._refused_status(response, "feed"):
            return
        feed = parse_feed(response.body, response.url)
        times = [item.published for item in feed.items if item.published]
        self._source_answered(response, "feed", feed.problem, len(feed.items), max(times, default=None))
        for item in feed.items:
            yield from self._announced(item.url, response.url, item.published)

    def read_sitemap(self, response: Response) -> Iterator[Request]:
        if self._refused_status(response, "sitemap"):
            return
        sitemap = parse_sitemap(response.body, response.url)
        times = [entry.lastmod for entry in sitemap.entries if entry.lastmod]
        self._source_answered(response, "sitemap", sitemap.problem, len(sitemap.entries), max(times, default=None))
        for entry in sitemap.entries:
            if sitemap.kind == "urlset":
                yield from self._announced(entry.url, response.url, entry.lastmod)
            elif not self._of_interest(entry.url, entry.lastmod):
                continue
            elif len(self._asked) >= _MAX_SOURCES:
                index = response.meta["source"]
                self.sources[index] = replace(self.sources[index], outcome="failed", reason="too_many_sitemaps")
                return
            elif entry.url not in self._asked:
                yield self._source("sitemap", entry.url)

    def read_robots(self, response: Response) -> None:
        """The middleware has read it already, and archived it."""

    def read_page(self, response: Response) -> None:
        asked = response.meta["page"]
        if response.status == 200:
            self.frontier.settle(asked, "fetched", None, 200, response.url)
        else:
            self.frontier.settle(asked, "failed", f"http_{response.status}", response.status, response.url)

    def source_failed(self, failure: Failure) -> None:
        request = failure.request  # type: ignore[attr-defined]
        outcome, reason = _outcome(failure)
        url, kind = request.meta["source"], request.meta["kind"]
        self.sources.setdefault(url, SourceLog(url, kind, outcome, reason))

    def page_failed(self, failure: Failure) -> None:
        outcome, reason = _outcome(failure)
        self.frontier.settle(failure.request.meta["page"], outcome, reason)  # type: ignore[attr-defined]

    def _announced(self, link: str, base: str, time: dt.datetime | None) -> Iterator[Request]:
        if url := self.frontier.announce(link, base, time):
            yield self._page(url)

    def _source(self, kind: str, url: str) -> Request:
        self._asked.add(url)
        callback = {"feed": self.read_feed, "sitemap": self.read_sitemap, "robots": self.read_robots}[kind]
        # A source that redirects to another, or to itself, still needs an answer of its own.
        meta = {"kind": kind, "source": url}
        return Request(
            url, callback, errback=self.source_failed, priority=_SOURCE_PRIORITY, dont_filter=True, meta=meta
        )

    def _page(self, url: str) -> Request:
        # The frontier asks for a page once; two pages may redirect to one, and each still needs its outcome.
        meta = {"kind": "page", "page": url}
        return Request(url, self.read_page, errback=self.page_failed, dont_filter=True, meta=meta)

    def _schedule(self, request: Request) -> None:
        if self.crawler.engine:
            self.crawler.engine.crawl(request)

    def _refused_status(self, response: Response, kind: Any) -> bool:
        if response.status == 200:
            return False
        url = response.meta["source"]
        self.sources[url] = SourceLog(url, kind, "failed", f"http_{response.status}", response.status)
        return True

    def _source_answered(
        self, response: Response, kind: Any, problem: str | None, items: int, newest: dt.datetime | None
    ) -> None:
        url = response.meta["source"]
        outcome: Any = "failed" if problem and not items else "ok"
        latest = newest.isoformat() if newest else None
        self.sources[url] = SourceLog(url, kind, outcome, problem, response.status, items, latest)

    def _of_interest(self, url: str, lastmod: dt.datetime | None) -> bool:
        """Whether a sitemap of an index can announce pages of the window."""
        if self._since is None:
            return True
        if lastmod is not None:
            return lastmod >= self._since
        month = re.search(r"(20\d\d)-(\d\d?)(?!\d)", urlsplit(url).path)
        return month is None or (int(month[1]), int(month[2])) >= (self._since.year, self._since.month)


def _outcome(failure: Failure) -> tuple[Any, str | None]:
    """What a request that got no response counts as, and why in a word."""
    error = failure.value
    if isinstance(error, NotInArchive):
        return "not_in_archive", None
    if isinstance(error, ForeignHost):
        return "refused", "foreign_host"
    if isinstance(error, IgnoreRequest):
        # Scrapy gives both no class of their own.
        return ("failed", "too_many_redirects") if "redirect" in str(error) else ("refused", "robots")
    host = urlsplit(failure.request.url).hostname  # type: ignore[attr-defined]
    if host in refused_names:
        return "failed", "private_address"
    name = type(error).__name__.removesuffix("Error")
    return "failed", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
