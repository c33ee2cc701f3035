"""Our crawl, archiving, each host an outlet.

A contender of crawl.py: reads its task from standard input, prints how many pages it says it got.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from config.crawl import Crawl
from config.outlets import Outlet
from crawler.job import CrawlJob, Event
from crawler.run import run_crawl


def job(task: dict[str, Any]) -> CrawlJob:
    """The crawl of all hosts of a task, with `delay` seconds between requests."""
    manners = {
        "contact": "benchmark@example.invalid",
        "delay_seconds": task["delay"],
        "timeout_seconds": 40,
        "body_limit_mb": 16,
        "pages_per_night": 100_000,
        "minutes_per_night": 120,
        "first_window_days": 7,
        "look_again_after_days": [1, 3, 7],
        "allow_private_hosts": True,
    }
    return CrawlJob(
        run="benchmark",
        workspace=Path(task["workspace"]),
        now=dt.datetime.now(dt.UTC),
        replay=None,
        manners=Crawl.model_validate(manners),
        outlets=[_outlet(number, host) for number, host in enumerate(task["hosts"])],
    )


def _outlet(number: int, host: str) -> Outlet:
    fields = {
        "id": f"host_{number}",
        "name": host,
        "governing_body": "-",
        "kind": "press",
        "tier": "central",
        "domains": [{"host": host}],
        "feeds": [{"url": f"http://{host}/home.rss", "verified": "benchmark"}],
        "article_urls": [r"/bai-\d+\.html$"],
    }
    return Outlet.model_validate(fields)


def main() -> None:
    done: dict[str, int] = {}

    def heard(event: Event) -> None:
        done[event.outlet] = event.done

    run_crawl(job(json.load(sys.stdin)), heard)
    sys.stdout.write(json.dumps({"pages": sum(done.values())}))


if __name__ == "__main__":
    main()
