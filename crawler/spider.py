"""The crawl of one outlet: its sources, then the pages they announce, then known pages whose time has come."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from twisted.python.failure import Failure

from archive.capture import BodyError
from archive.crawl_log import PageLog, PageOutcome, SourceKind, SourceLog, SourceOutcome
from archive.index import IndexReader, SourceLook
from archive.urls import normalize_url
from config.outlets import Outlet
from crawler.challenges import is_challenge
from crawler.failures import outcome_of
from crawler.frontier import Frontier
from crawler.habits import condition, failing_since, next_ask, read_since
from crawler.pages import JUDGED, judge_page, status_word, unpacked
from crawler.record import CrawlRecord
from crawler.settings import PRODUCT
from crawler.sources import Announcement, Reading, are_monthly, joined, month_of, read_source

#: Sources are asked before pages, so that all that is announced is known early.
_SOURCE_PRIORITY = 10
#: An index that announces more is taken for one without end, and said to have failed.
_MAX_SOURCES = 400
_WEEK = dt.timedelta(days=7)
#: So many sitemaps with an old time are asked in a run all the same.
_MOST_STALE = 5
_STALE = "stale"
#: So many pages tell whether an outlet's layouts still fit.
_SAMPLES = 2
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
#: Where a sitemap's request keeps the past month that it lists.
MONTH = "month"
#: Where a source's request keeps the look that it quotes.
_QUOTED = "quoted"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the crawl goes by. A live crawl asks what the registry has enabled, and believes the past; a replay and a
    check ask everything, the one for the sake of `replayed_hosts`, the other with a few pages as samples. `patient`:
    sources that have failed for days are asked in their turn only. `months`: those that a backfill asks for; what a
    sitemap lists for them is old, and asked for all the same."""

    now: dt.datetime
    first_window: dt.timedelta
    replayed_hosts: frozenset[str] | None = None
    check: bool = False
    patient: bool = True
    months: tuple[str, ...] = ()

    @property
    def live(self) -> bool:
        return self.replayed_hosts is None

    @property
    def believes_past(self) -> bool:
        return self.live and not self.check and not self.months


class PressSpider(scrapy.Spider):
    """`frontier` decides what is fetched; `record` keeps what came."""

    name = "press"

    def __init__(
        self, outlet: Outlet, frontier: Frontier, record: CrawlRecord, past: IndexReader, terms: Terms
    ) -> None:
        super().__init__()
        self.finish = "unfinished"
        self._outlet = outlet
        self._frontier = frontier
        self._record = record
        self._past = past
        self._terms = terms
        self._asked: dict[str, dict[str, Any]] = {}
        self._idle = 0
        self._samples: list[tuple[Announcement, str, SourceKind]] = []

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
            if kind == "section" and not self._terms.check:
                continue
            if not (source.enabled or self._terms.check or not self._terms.live) or source.url in self._asked:
                continue
            if self._is_waiting(source.url):
                self._record.source_answered(SourceLog(source.url, kind, "waiting", listed=True))
            elif request := self._source(kind, source.url, listed=True):
                asked.add(urlsplit(source.url).netloc)
                yield request
        for host in (self._terms.replayed_hosts or frozenset()) - asked:
            if request := self._source("robots", f"https://{host}/robots.txt"):
                yield request
        if self._terms.believes_past:
            for request in self._pages(self._frontier.left_over()):
                yield request

    def robots_read(self, robotparser: RobotParser, request: Request) -> None:
        """Takes the `Sitemap:` lines and the Crawl-delay; called while the first request to the host waits."""
        rules = getattr(robotparser, "rp")  # noqa: B009 (Protego behind Scrapy's wrapper)
        self._keep_delay(request, rules.crawl_delay(PRODUCT))
        url = _robots_url(request.url)
        sitemaps = list(rules.sitemaps)
        self._record.source_answered(SourceLog(url, "robots", "ok", items=len(sitemaps)))
        for line in sitemaps:
            sitemap = joined(url, line)
            if sitemap is None or self._terms.check or sitemap in self._asked or self._is_waiting(sitemap):
                continue
            if asked := self._named_sitemap(sitemap):
                self._schedule(asked)

    def _named_sitemap(self, url: str) -> Request | None:
        """The request for a sitemap that robots.txt names."""
        return self._source("sitemap", url)

    def _keep_delay(self, request: Request, delay: float | None) -> None:
        """Obeys a Crawl-delay from now on."""
        if not delay or not self.crawler.engine:
            return
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        # The settings outlast the slot, which Scrapy drops after a minute without requests.
        wanted = max(float(delay), self.settings.getfloat("DOWNLOAD_DELAY"))
        downloader.per_slot_settings[key] = {"concurrency": 1, "delay": wanted}
        if slot := downloader.slots.get(key):
            slot.delay = max(slot.delay, wanted)

    def robots_failed(self, url: str, error: Exception) -> None:
        """Records a robots.txt that could not be had."""
        _, reason = outcome_of(error, url)
        self._record.source_answered(SourceLog(url, "robots", "failed", reason))

    def nothing_left(self) -> None:
        """When nothing is left to do: section pages where no other source answered, then known pages that are due; in a
        check, samples."""
        steps = (self._take_samples,) if self._terms.check else (self._ask_sections, self._look_again)
        while self._idle < len(steps):
            step = steps[self._idle]
            self._idle += 1
            requests = list(step())
            for request in requests:
                self._schedule(request)
            if requests:
                raise DontCloseSpider

    def finished(self, reason: str) -> None:
        self.finish = reason

    def give_up_on_sources(self, because: str) -> None:
        """Records every source that was asked and has no answer when the crawl is over: none may vanish."""
        for url, meta in self._asked.items():
            if url not in self._record.sources and meta["kind"] != "robots":
                self._source_log(meta, "failed", because if self.finish != "finished" else "no_outcome")
        # As they were asked, not as they answered: the same input gives the same record.
        answers = self._record.sources
        self._record.sources = {url: answers[url] for url in (*self._asked, *answers) if url in answers}

    async def read_source(self, response: Response) -> AsyncIterator[Request]:
        """Records the answer of a source and asks for what it announces."""
        body = self._content(response)
        if body is None:
            return
        now = self._terms.now if self._terms.live and not self._terms.months else None
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
        self._settle(response.meta["page"], *_verdict(response, self._outlet), response.status, response.url)

    def source_failed(self, failure: Failure) -> None:
        request = failure.request  # type: ignore[attr-defined]
        outcome, reason = outcome_of(failure.value, request.url)
        # A source has no later in this run: what puts a page off fails it.
        refused = outcome if outcome in ("refused", "not_in_archive") else "failed"
        self._source_log(request.meta, refused, reason)

    def page_failed(self, failure: Failure) -> None:
        request = failure.request  # type: ignore[attr-defined]
        self._settle(request.meta["page"], *outcome_of(failure.value, request.url))

    def _ask_sections(self) -> Iterator[Request]:
        answered = any(s.outcome == "ok" and s.kind in ("feed", "sitemap") for s in self._record.sources.values())
        for section in self._outlet.sections:
            if answered or not section.enabled or section.url in self._asked:
                continue
            if request := self._source("section", section.url, listed=True):
                yield request

    def _look_again(self) -> Iterator[Request]:
        return self._pages(self._frontier.due_unannounced())

    def _take_samples(self) -> Iterator[Request]:
        """The newest articles that were announced, to see whether the outlet's layouts still fit them."""
        if not self._outlet.layouts:
            return
        self._samples.sort(key=lambda sample: sample[0].time or _NEVER, reverse=True)
        taken = 0
        for link, source, kind in self._samples:
            page = self._frontier.announce(link.url, source, link.time, None, kind)
            if page is None or not self._frontier.is_open(page):
                continue
            yield from self._pages([page])
            taken += 1
            if taken == _SAMPLES:
                return

    def _pages(self, pages: Sequence[PageLog]) -> Iterator[Request]:
        self._record.taken_up(pages)
        return (self._page(page.url) for page in pages if self._frontier.is_open(page))

    def _announced(self, response: Response, reading: Reading) -> Iterator[Request]:
        since, kind = self._since(response.meta["source"]), response.meta["kind"]
        taken: list[PageLog] = []
        unknown = 0
        if self._terms.check:
            self._samples += [(link, response.url, kind) for link in reading.links if self._is_ours(link.url)]
        else:
            # What an old sitemap lists without a time is old.
            links = [link for link in reading.links if link.time or not response.meta.get(_STALE)]
            pages = (self._frontier.announce(link.url, response.url, link.time, since, kind) for link in links)
            taken = [page for page in pages if page]
            unknown = sum(self._frontier.is_unknown(link.url, response.url) for link in reading.links)
        if response.meta["listed"] and reading.links and not any(self._is_ours(link.url) for link in reading.links):
            reading = replace(reading, oddity=reading.oddity or "no_article")
        # Only what was read whole may be asked for conditionally: a 304 would hide the rest for good.
        validators: dict[str, Any] = {} if reading.problem or reading.oddity else _validators(response)
        told = [*taken, *self._frontier.announced_again()]
        self._source_read(response, reading, announced=told, unknown=unknown, **validators)
        return (self._page(page.url) for page in taken if self._frontier.is_open(page))

    def _read_index(self, response: Response, reading: Reading) -> Iterator[Request]:
        """An index is always asked for whole: one that has not changed may lead to sitemaps that have."""
        self._source_read(response, reading)
        if self._terms.check:
            return
        current, stale = self._of_interest(reading.links)
        for link in (*current, *stale):
            if link.url in self._asked or self._is_waiting(link.url):
                continue
            if len(self._asked) >= _MAX_SOURCES:
                index = self._record.sources[response.meta["source"]]
                self._record.source_answered(replace(index, outcome="failed", reason="too_many_sitemaps"))
                return
            if request := self._source("sitemap", link.url):
                request.meta[_STALE] = link in stale
                yield request

    def _source_read(self, response: Response, reading: Reading, **said: Any) -> None:
        newest = reading.newest.isoformat() if reading.newest else None
        reason = reading.problem or reading.oddity
        outcome: SourceOutcome = "failed" if reading.failed else "ok"
        self._source_log(response.meta, outcome, reason, response, items=len(reading.links), newest=newest, **said)

    def _source(self, kind: SourceKind, url: str, *, listed: bool = False) -> Request | None:
        """The request for a source; None, and a record of it, for an address that is none."""
        # A source that redirects to another, or to itself, still needs an answer of its own.
        meta = {"kind": kind, "source": url, "listed": listed}
        self._asked[url] = meta
        last = condition(self._looks(url)) if self._terms.believes_past else None
        quoted = {"If-None-Match": last.etag, "If-Modified-Since": last.last_modified} if last else {}
        try:
            return Request(
                url,
                self.read_robots if kind == "robots" else self.read_source,
                errback=self.source_failed,
                priority=_SOURCE_PRIORITY,
                dont_filter=True,
                meta={**meta, _QUOTED: last},
                headers={name: value for name, value in quoted.items() if value},
            )
        except ValueError:
            self._source_log(meta, "failed", "bad_address")
            return None

    def _page(self, url: str) -> Request:
        # The frontier asks for a page once; two pages may redirect to one, and each still needs its outcome.
        meta = {"kind": "page", "page": url}
        return Request(url, self.read_page, errback=self.page_failed, dont_filter=True, meta=meta)

    def _schedule(self, request: Request) -> None:
        if self.crawler.engine:
            self.crawler.engine.crawl(request)

    def _content(self, response: Response) -> bytes | None:
        """The unpacked body of a source; None where there is nothing to read, which is then recorded."""
        last: SourceLook | None = response.meta.get(_QUOTED)
        if response.status == 304 and last:
            newest = last.newest.isoformat() if last.newest else None
            said: dict[str, Any] = {"newest": newest, "etag": last.etag, "last_modified": last.last_modified}
            self._source_log(response.meta, "ok", "not_modified", response, unknown=0, **said)
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
        outcome: SourceOutcome,
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
            month=meta.get(MONTH),
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

    def _is_ours(self, link: str) -> bool:
        url = normalize_url(link)
        return url is not None and self._outlet.owns(urlsplit(url).netloc) and self._outlet.is_article(url)

    def _looks(self, url: str) -> list[SourceLook]:
        """The past of a source, as far as it lies before this crawl: a clock may have been wrong once."""
        return [look for look in self._past.source_looks(url) if look.time <= self._terms.now]

    def _since(self, url: str) -> dt.datetime | None:
        if not self._terms.live:
            return None
        return read_since(self._looks(url), self._terms.now, self._terms.first_window)

    def _is_waiting(self, url: str) -> bool:
        """Whether a failing source has to wait for its turn; an outlet without another one is asked more often."""
        if not (self._terms.believes_past and self._terms.patient):
            return False
        looks = self._looks(url)
        if failing_since(looks) is None:
            return False  # as nearly all: what the others did need not be looked up
        others = [source.url for _, source in self._outlet.sources if source.enabled and source.url != url]
        alive = any(looks and looks[-1].outcome == "ok" for looks in map(self._looks, others))
        again = next_ask(looks, alone=not alive)
        return again is not None and self._terms.now < again

    def _of_interest(self, links: Sequence[Announcement]) -> tuple[list[Announcement], list[Announcement]]:
        """The sitemaps of an index that can announce pages of the window: by their time, else by the month in their
        name. And a few of those whose time is old, in turn, as such times are often not kept."""
        if not self._terms.live:
            return list(links), []
        monthly = are_monthly([link.url for link in links], self._terms.now)
        current, stale = [], []
        for link in links:
            since = self._since(link.url) or self._terms.now
            month = month_of(link.url) if monthly and link.time is None else None
            if link.time is not None and link.time < since:
                stale.append(link)
            elif month is None or month >= (since.year, since.month):
                current.append(link)
        asked = {link.url: max((look.time for look in self._looks(link.url)), default=_NEVER) for link in stale}
        due = [link for link in stale if self._terms.now - asked[link.url] > _WEEK]
        due.sort(key=lambda link: asked[link.url])
        return current, due[:_MOST_STALE]


def _robots_url(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def _verdict(response: Response, outlet: Outlet) -> tuple[PageOutcome, str | None]:
    """What the archiver found when the answer came; a redirect that was not followed is judged only now."""
    return response.meta.get(JUDGED) or judge_page(response, response.meta["page"], outlet)


def _validators(response: Response) -> dict[str, str]:
    """What a conditional request may quote the next time."""
    found = {"etag": response.headers.get("ETag"), "last_modified": response.headers.get("Last-Modified")}
    return {name: value.decode("latin-1") for name, value in found.items() if value}
