"""The crawl process: reads a job from standard input, writes archive files, reports events as JSON lines.

A process of its own, as a Twisted reactor starts only once.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Literal

from scrapy.crawler import AsyncCrawlerProcess

from archive.index import ArchiveIndex
from archive.replay import ReplayArchive
from archive.write import ArchiveFile
from crawler.frontier import Frontier, Policy
from crawler.job import CrawlJob, Event, OutletJob
from crawler.settings import settings_for
from crawler.spider import PressSpider

_PROGRESS_SECONDS = 0.5


def main() -> None:
    job = CrawlJob.model_validate_json(sys.stdin.buffer.read())
    replay = ReplayArchive(job.replay) if job.replay else None
    process = AsyncCrawlerProcess(settings_for(job), install_root_handler=True)
    for outlet_job in job.outlets:
        _start(process, job, outlet_job, replay)
    process.start()
    if _unclosed:
        sys.exit(f"archive file not closed: {'; '.join(_unclosed)}")


#: Outlets whose archive file could not be closed, and why.
_unclosed: list[str] = []


def _start(process: AsyncCrawlerProcess, job: CrawlJob, outlet_job: OutletJob, replay: ReplayArchive | None) -> None:
    outlet = outlet_job.outlet
    index = ArchiveIndex(job.workspace)
    looks = {url: seen for host in sorted(outlet.hosts) for url, seen in index.looks(host).items()}
    manners = job.manners
    policy = Policy(job.now, outlet_job.since, manners.look_again_after_days, manners.pages_per_night)
    frontier = Frontier(outlet, policy, looks)
    day = job.now.astimezone(dt.UTC)
    name = job.workspace / "archive" / f"{day:%Y/%m/%d}" / f"{job.run}-{outlet.id}.warc.gz"
    mode: Literal["live", "replay"] = "replay" if replay else "live"
    file = ArchiveFile(name, job.run, outlet.id, mode, f"diembao/{version('diembao')} ({manners.contact})")
    crawler = process.create_crawler(PressSpider)
    crawler.settings.set("ARCHIVE_FILE", file)
    crawler.settings.set("REPLAY_ARCHIVE", replay)
    crawler.settings.set("OUTLET_HOSTS", sorted(outlet.hosts))
    replayed = outlet.hosts & replay.hosts if replay else None
    started = dt.datetime.now(dt.UTC)
    task: Any = process.crawl(
        crawler, outlet=outlet, frontier=frontier, since=outlet_job.since, replayed_hosts=replayed
    )

    def close(_: object) -> None:
        spider = crawler.spider
        try:
            if not isinstance(spider, PressSpider):
                raise RuntimeError("the crawl did not start")
            path = file.close(spider.log_of(job.run, mode, job.now, started))
        except (OSError, RuntimeError) as error:
            _unclosed.append(f"{outlet.id}: {error}")
            return
        announced, done = frontier.progress
        _say([Event(outlet=outlet.id, kind="closed", announced=announced, done=done, file=str(path))])

    async def tell() -> None:
        while not task.done():
            announced, done = frontier.progress
            _say([Event(outlet=outlet.id, kind="progress", announced=announced, done=done)])
            await asyncio.sleep(_PROGRESS_SECONDS)

    task.add_done_callback(close)
    task.get_loop().create_task(tell())


def _say(events: Iterable[Event]) -> None:
    try:
        for event in events:
            sys.stdout.write(event.model_dump_json() + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever asked for this crawl was killed, and the next run will take up our open files: leave them at once.
        os._exit(1)


if __name__ == "__main__":
    main()
