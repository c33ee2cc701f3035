"""What the crawl tests share: an outlet on a loopback press, a job, a crawl that returns its logs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.crawl_log import CrawlLog
from archive.index import ArchiveIndex
from config.crawl import Crawl
from config.outlets import Outlet
from crawler.job import CrawlJob
from crawler.run import run_crawl
from tests.conftest import outlet_fields
from tests.faults.press import Press, Reply, running_press

PAGE = Reply(
    "<html><body><h1>Tiêu đề</h1><p>Nội dung</p></body></html>".encode(),
    headers={"Content-Type": "text/html"},
)
NOW = dt.datetime(2021, 7, 2, tzinfo=dt.UTC)


@pytest.fixture
def press() -> Iterator[Press]:
    with running_press() as running:
        yield running


def an_outlet(press: Press, **changes: Any) -> Outlet:
    feeds = [{"url": press.url("/home.rss"), "verified": "test"}]
    return Outlet.model_validate(outlet_fields(press.host, feeds=feeds) | changes)


def a_job(workspace: Path, *outlets: Outlet, now: dt.datetime = NOW, run: str = "r1", **manners: Any) -> CrawlJob:
    behaviour: dict[str, Any] = {
        "contact": "test@example.invalid",
        "delay_seconds": 0,
        "timeout_seconds": 3,
        "body_limit_mb": 1,
        "pages_per_night": 100,
        "minutes_per_night": 1,
        "first_window_days": 7,
        "look_again_after_days": [1, 3, 7],
        "allow_private_hosts": True,
    }
    return CrawlJob(
        run=run,
        workspace=workspace,
        now=now,
        replay=None,
        manners=Crawl.model_validate(behaviour | manners),
        outlets=list(outlets),
    )


def crawl(workspace: Path, *outlets: Outlet, **job: Any) -> dict[str, CrawlLog]:
    """Crawls, indexes what came, and returns the log of each outlet's last file."""
    index = ArchiveIndex(workspace)
    reports = [index.add(file) for file in run_crawl(a_job(workspace, *outlets, **job), lambda event: None)]
    return {report.log.outlet: report.log for report in reports if report.log}


def outcomes(log: CrawlLog) -> dict[str, tuple[str, str | None]]:
    return {page.url.rsplit("/", 1)[1]: (page.outcome, page.reason) for page in log.pages}
