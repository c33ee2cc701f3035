"""What the crawl process is told, and what it says while it works."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

from config.crawl import Crawl
from config.outlets import Outlet, Strict


class CrawlJob(Strict):
    """One crawl. `replay` is the WARC that stands in for the network; `now` is the time the crawl goes by.

    The errand `check` asks every source of the registry once, verified or not, and two pages of those outlets that have
    layouts. A crawl that is not
    `patient` asks also the sources that have failed for days, whatever their turn. The errand `backfill` asks for the
    pages that sitemaps list for `months` ("2021-07"), oldest first.
    """

    run: str
    workspace: Path
    now: dt.datetime
    replay: Path | None
    manners: Crawl
    outlets: list[Outlet]
    errand: Literal["crawl", "check", "backfill"] = "crawl"
    patient: bool = True
    months: tuple[str, ...] = ()


class Event(Strict):
    """A line of the crawl process's output: how many pages are announced and done, or that a file is closed."""

    outlet: str
    kind: Literal["progress", "closed"]
    announced: int = 0
    done: int = 0
    file: str | None = None
