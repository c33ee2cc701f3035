"""The crawl process: reads a job, a line of JSON, from standard input, writes archive files, reports events as JSON
lines. It ends where its standard input ends: whoever asked for the crawl was killed, and the next run takes up what it
left open.

A process of its own, as a Twisted reactor starts only once.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler

from archive.crawl_log import CrawlHead, Mode, PageLog
from archive.index import ArchiveIndex, IndexReader
from archive.replay import ReplayArchive
from config.outlets import Outlet
from crawler.backfill import BackfillSpider
from crawler.frontier import Frontier, Policy
from crawler.health import Seen, alarms
from crawler.job import CrawlJob, Event
from crawler.record import CrawlRecord, NotWritten, Place
from crawler.settings import settings_for
from crawler.spider import PressSpider, Terms

_PROGRESS_SECONDS = 0.5

#: Why a crawl left pages for the next run, by how it ended.
_LEFT_BECAUSE = {"closespider_timeout": "minutes", "stopped": "stopped", "archive_failed": "archive_failed"}


def main() -> None:
    # The thread that writes must not hold up the network for the usual 5 ms.
    sys.setswitchinterval(0.0005)
    job = CrawlJob.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    replay = ReplayArchive(job.replay) if job.replay else None
    process = AsyncCrawlerProcess(settings_for(job))
    with ArchiveIndex(job.workspace).reader() as past, ThreadPoolExecutor(1) as writer:
        crawls = [OutletCrawl(process, job, outlet, replay, past, writer) for outlet in job.outlets]

        def stop() -> None:
            """Ends at once, whatever is in flight: a slow host must not hold up a stop."""
            for crawl in crawls:
                crawl.close("stopped")
            os._exit(_exit_code(crawls))

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_event_loop().add_signal_handler(number, stop)
        process.start(install_signal_handlers=False)
    sys.exit(_exit_code(crawls))


class OutletCrawl:
    """One outlet's crawl in this process: started when made, closed once."""

    def __init__(
        self,
        process: AsyncCrawlerProcess,
        job: CrawlJob,
        outlet: Outlet,
        replay: ReplayArchive | None,
        past: IndexReader,
        writer: Executor,
    ) -> None:
        self.failure: str | None = None
        self._outlet = outlet
        self._job = job
        self._past = past
        self._open = True
        manners = job.manners
        check = job.errand == "check"
        past_months = job.errand == "backfill"
        again = [] if past_months else manners.look_again_after_days
        policy = Policy(job.now, replay is None, again, manners.pages_per_night, anew=check, once=past_months)
        self._frontier = Frontier(outlet, policy, past)
        # What a check was answered is read right after it.
        known = None if check else past
        self._record = CrawlRecord(_head(job, outlet), _place(job), self._frontier, known, writer)
        replayed = frozenset(host for host in replay.hosts if outlet.owns(host)) if replay else None
        first_window = dt.timedelta(days=manners.first_window_days)
        terms = Terms(job.now, first_window, replayed, check=check, patient=job.patient, months=job.months)
        crawler: Crawler = process.create_crawler(BackfillSpider if past_months else PressSpider)
        crawler.settings.set("CRAWL_RECORD", self._record)
        crawler.settings.set("REPLAY_ARCHIVE", replay)
        crawler.settings.set("OUTLET", outlet)
        self._crawler = crawler
        self._task: Any = process.crawl(
            crawler, outlet=outlet, frontier=self._frontier, record=self._record, past=past, terms=terms
        )
        self._task.add_done_callback(lambda _: self.close(None))
        self._task.get_loop().create_task(self._tell_progress())

    def close(self, finish: str | None) -> None:
        """Closes the archive file; `finish` says why, where the spider itself does not."""
        if not self._open:
            return
        self._open = False
        spider = self._crawler.spider
        ended = finish or (spider.finish if isinstance(spider, PressSpider) else "not_started")

        def judge(pages: Sequence[PageLog]) -> tuple[str, ...]:
            sources = tuple(self._record.sources.values())
            seen = Seen(self._outlet, self._job.now, sources, pages, self._frontier.given_up)
            live = self._job.replay is None and self._job.errand == "crawl"
            return alarms(seen, self._past, self._job.manners) if live else ()

        left_because = _LEFT_BECAUSE.get(ended, "unfinished")
        if isinstance(spider, PressSpider):
            spider.give_up_on_sources(left_because)
        try:
            files = self._record.close(ended, left_because, judge)
        except NotWritten as error:
            self.failure = f"{self._outlet.id}: {error}"
            return
        announced, done = self._frontier.progress
        _say([Event(outlet=self._outlet.id, kind="closed", announced=announced, done=done, file=str(f)) for f in files])

    async def _tell_progress(self) -> None:
        while not self._task.done():
            announced, done = self._frontier.progress
            _say([Event(outlet=self._outlet.id, kind="progress", announced=announced, done=done)])
            await asyncio.sleep(_PROGRESS_SECONDS)


def _end_with_parent() -> None:
    # os.read, as a thread that waits inside sys.stdin would break the interpreter's own end.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)


def _head(job: CrawlJob, outlet: Outlet) -> CrawlHead:
    mode: Mode = "backfill" if job.errand == "backfill" else "replay" if job.replay else "live"
    return CrawlHead(job.run, outlet.id, mode, job.now, dt.datetime.now(dt.UTC))


def _place(job: CrawlJob) -> Place:
    day = job.now.astimezone(dt.UTC)
    software = f"diembao/{version('diembao')} ({job.manners.contact})"
    return Place(job.workspace / "archive" / f"{day:%Y/%m/%d}", software)


def _exit_code(crawls: Sequence[OutletCrawl]) -> int:
    unclosed = [crawl.failure for crawl in crawls if crawl.failure]
    if unclosed:
        sys.stderr.write(f"archive file not closed: {'; '.join(unclosed)}\n")
        sys.stderr.flush()
    return 1 if unclosed else 0


def _say(events: Sequence[Event]) -> None:
    try:
        for event in events:
            sys.stdout.write(event.model_dump_json() + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(1)  # as at the end of standard input


if __name__ == "__main__":
    main()
