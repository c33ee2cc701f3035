"""The real crawl against a press on loopback: what is announced gets one outcome each, robots.txt is obeyed, what came
is archived, and nothing but the outlet's own hosts is asked."""

from __future__ import annotations

import datetime as dt
import gzip
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.crawl_log import LOG_URI, CrawlLog
from archive.index import ArchiveIndex
from archive.read import Record, read_warc
from archive.recover import salvage
from config.crawl import Crawl
from config.outlets import Outlet
from crawler.job import CrawlJob
from crawler.run import run_crawl
from tests.conftest import ROOT
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


def _outlet(press: Press, **changes: Any) -> Outlet:
    fields: dict[str, Any] = {
        "id": "baothu",
        "name": "Báo Thử",
        "governing_body": "Không",
        "kind": "press",
        "tier": "central",
        "domains": [{"host": press.host}],
        "feeds": [{"url": press.url("/home.rss"), "verified": "test"}],
        "article_urls": [r"/bai-\d+\.html$"],
    }
    return Outlet.model_validate(fields | changes)


def _job(workspace: Path, *outlets: Outlet, now: dt.datetime = NOW, run: str = "r1", **manners: Any) -> CrawlJob:
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


def _crawl(workspace: Path, *outlets: Outlet, **job: Any) -> dict[str, CrawlLog]:
    logs = {}
    for file in run_crawl(_job(workspace, *outlets, **job), lambda event: None):
        ArchiveIndex(workspace).add(file)
        records = [item for item in read_warc(file) if isinstance(item, Record)]
        logs.update({log.outlet: log for r in records if r.url == LOG_URI for log in [CrawlLog.from_json(r.block)]})
    return logs


def _outcomes(log: CrawlLog) -> dict[str, tuple[str, str | None]]:
    return {page.url.rsplit("/", 1)[1]: (page.outcome, page.reason) for page in log.pages}


def test_pages_of_feed_and_sitemap_are_fetched_once_and_archived_as_served(press: Press, tmp_path: Path) -> None:
    packed = gzip.compress(PAGE.body)
    locations = "".join(f"<url><loc>{press.url(path)}</loc></url>" for path in ("/bai-2.html", "/bai-1.html"))
    sitemap = f"<urlset>{locations}</urlset>"
    press.replies |= {
        "/robots.txt": Reply(f"User-agent: *\nSitemap: {press.url('/sitemap.xml')}\n".encode()),
        "/sitemap.xml": Reply(sitemap.encode(), headers={"Content-Type": "application/xml"}),
        "/home.rss": press.feed("/bai-1.html"),
        "/bai-1.html": Reply(packed, headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}),
        "/bai-2.html": PAGE,
    }
    log = _crawl(tmp_path, _outlet(press))["baothu"]
    assert _outcomes(log) == {"bai-1.html": ("fetched", None), "bai-2.html": ("fetched", None)}
    assert Counter(path for path, _ in press.asked) == Counter(press.replies.keys())
    (file,) = tmp_path.rglob("*.warc.gz")
    captures = {r.capture.url: r.capture for r in read_warc(file) if isinstance(r, Record) and r.capture}
    assert captures[press.url("/bai-1.html")].payload == packed
    assert captures[press.url("/robots.txt")].kind == "robots"


def test_robots_is_obeyed_also_by_requests_that_wait_for_it(press: Press, tmp_path: Path) -> None:
    press.replies |= {
        "/robots.txt": Reply(b"User-agent: *\nDisallow: /no\n", wait=0.5),
        "/home.rss": press.feed(*(f"/no/bai-{n}.html" for n in range(4)), "/bai-9.html"),
        "/bai-9.html": PAGE,
        **{f"/no/bai-{n}.html": PAGE for n in range(4)},
    }
    feeds = [
        {"url": press.url(path), "verified": "test"} for path in ("/home.rss", "/no/a.rss", "/no/b.rss", "/no/c.rss")
    ]
    log = _crawl(tmp_path, _outlet(press, feeds=feeds))["baothu"]
    assert not [path for path, _ in press.asked if path.startswith("/no")]
    assert _outcomes(log) == {f"bai-{n}.html": ("refused", "robots") for n in range(4)} | {
        "bai-9.html": ("fetched", None)
    }


def test_every_announced_page_has_one_outcome_with_its_reason(press: Press, tmp_path: Path) -> None:
    press.replies |= {
        "/home.rss": press.feed(*(f"/bai-{n}.html" for n in range(1, 8)), "/chuyen-muc"),
        "/bai-1.html": PAGE,
        "/bai-2.html": Reply(b"gone", 410),
        "/bai-3.html": Reply(b"slow", wait=5),
        "/bai-4.html": Reply(b"short", length=5000),
        "/bai-5.html": Reply(b"x" * 2_000_000),
        "/bai-6.html": Reply(status=302, headers={"Location": "http://169.254.169.254/bai-6.html"}),
        "/bai-7.html": Reply(status=301, headers={"Location": "/bai-7.html"}),
    }
    log = _crawl(tmp_path, _outlet(press))["baothu"]
    outcomes = _outcomes(log)
    assert outcomes["bai-1.html"] == ("fetched", None)
    assert outcomes["bai-2.html"] == ("failed", "http_410")
    assert outcomes["bai-3.html"] == ("failed", "download_timeout")
    assert outcomes["bai-4.html"] == ("failed", "response_data_loss")
    assert outcomes["bai-5.html"] == ("failed", "body_too_large")
    assert outcomes["bai-6.html"] == ("refused", "foreign_host")
    assert outcomes["bai-7.html"] == ("failed", "too_many_redirects")
    assert outcomes["chuyen-muc"] == ("refused", "not_an_article_address")
    assert len(log.pages) == 8


@pytest.mark.parametrize("robots", [Reply(b"", 503), Reply(b"User-agent: *\n", wait=5)])
def test_unreachable_robots_forbids_everything(press: Press, tmp_path: Path, robots: Reply) -> None:
    press.replies |= {"/robots.txt": robots, "/home.rss": press.feed("/bai-1.html"), "/bai-1.html": PAGE}
    log = _crawl(tmp_path, _outlet(press))["baothu"]
    assert {path for path, _ in press.asked} == {"/robots.txt"}
    assert {(source.kind, source.outcome) for source in log.sources} == {("feed", "failed"), ("robots", "failed")}
    assert not log.reached


def test_every_source_has_an_answer_of_its_own(press: Press, tmp_path: Path) -> None:
    press.replies |= {
        "/robots.txt": Reply(b"Sitemap: /relative.xml\nSitemap: javascript:void\n"),
        "/home.rss": press.feed("/bai-1.html"),
        "/loop.rss": Reply(status=302, headers={"Location": "/loop.rss"}),
        "/moved.rss": Reply(status=302, headers={"Location": "/home.rss"}),
        "/bai-1.html": PAGE,
    }
    feeds = [
        {"url": press.url(path), "verified": "test"} for path in ("/home.rss", "/loop.rss", "/moved.rss", "/none.rss")
    ]
    log = _crawl(tmp_path, _outlet(press, feeds=feeds))["baothu"]
    answers = {source.url.rsplit("/", 1)[1]: (source.outcome, source.reason) for source in log.sources}
    assert answers == {
        "home.rss": ("ok", None),
        "loop.rss": ("failed", "too_many_redirects"),
        "moved.rss": ("ok", None),
        "none.rss": ("failed", "http_404"),
        "relative.xml": ("failed", "http_404"),
        "robots.txt": ("ok", None),
    }


def test_private_address_is_refused_unless_the_configuration_allows_it(press: Press, tmp_path: Path) -> None:
    press.replies["/home.rss"] = press.feed("/bai-1.html")
    log = _crawl(tmp_path, _outlet(press), allow_private_hosts=False)["baothu"]
    assert press.asked == []
    assert not log.reached
    assert ("refused", "private_address") in {(source.outcome, source.reason) for source in log.sources}


def test_one_outlets_failure_does_not_touch_another(press: Press, tmp_path: Path) -> None:
    press.replies |= {"/home.rss": press.feed("/bai-1.html"), "/bai-1.html": PAGE}
    with running_press() as dead:
        dead_outlet = _outlet(dead, id="baochet")
    logs = _crawl(tmp_path, _outlet(press), dead_outlet)
    assert _outcomes(logs["baothu"]) == {"bai-1.html": ("fetched", None)}
    assert not logs["baochet"].reached
    assert {source.reason for source in logs["baochet"].sources} == {"connection_refused"}


def test_known_page_is_left_alone_until_it_is_due_and_budget_defers_the_rest(press: Press, tmp_path: Path) -> None:
    press.replies |= {
        "/home.rss": press.feed("/bai-1.html", "/bai-2.html"),
        "/bai-1.html": PAGE,
        "/bai-2.html": PAGE,
    }
    first = _crawl(tmp_path, _outlet(press), pages_per_night=1)["baothu"]
    assert Counter(page.outcome for page in first.pages) == {"fetched": 1, "deferred": 1}
    captured = dt.datetime.now(dt.UTC)
    second = _crawl(tmp_path, _outlet(press), now=captured, run="r2")["baothu"]
    # The feed's items are older than this crawl's window, and nothing is due yet.
    assert second.pages == ()
    third = _crawl(tmp_path, _outlet(press), now=captured + dt.timedelta(days=1, hours=1), run="r3")["baothu"]
    assert [(page.announced, page.relook, page.outcome) for page in third.pages] == [(False, True, "fetched")]


def test_crawl_whose_parent_was_killed_ends_at_once(press: Press, tmp_path: Path) -> None:
    press.replies |= {"/home.rss": press.feed("/bai-1.html"), "/bai-1.html": Reply(PAGE.body, wait=30)}
    job = _job(tmp_path, _outlet(press), timeout_seconds=60)
    command = [sys.executable, "-m", "crawler.process"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as crawl:
        assert crawl.stdin
        assert crawl.stdout
        crawl.stdin.write(job.model_dump_json().encode() + b"\n")
        crawl.stdin.flush()
        while b'"announced":1' not in crawl.stdout.readline():
            assert crawl.poll() is None
        crawl.stdin.close()  # as the kernel does for a parent that is killed
        assert crawl.wait(timeout=2) == 1
    assert salvage(tmp_path / "archive")
