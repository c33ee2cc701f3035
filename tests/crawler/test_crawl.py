"""The real crawl against a press on loopback: what is announced gets one outcome each, robots.txt is obeyed, what came
is archived, and nothing but the outlet's own hosts is asked."""

from __future__ import annotations

import datetime as dt
import gzip
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from archive.read import Record, read_warc
from archive.recover import salvage
from tests.conftest import ROOT
from tests.crawler.conftest import PAGE, a_job, an_outlet, crawl, outcomes
from tests.faults.press import Press, Reply, running_press


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
    log = crawl(tmp_path, an_outlet(press))["baothu"]
    assert outcomes(log) == {"bai-1.html": ("fetched", None), "bai-2.html": ("fetched", None)}
    assert {page.url.rsplit("/", 1)[1]: page.announced_by for page in log.pages} == {
        "bai-1.html": ("feed", "sitemap"),
        "bai-2.html": ("sitemap",),
    }
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
    log = crawl(tmp_path, an_outlet(press, feeds=feeds))["baothu"]
    assert not [path for path, _ in press.asked if path.startswith("/no")]
    assert outcomes(log) == {f"bai-{n}.html": ("refused", "robots") for n in range(4)} | {
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
    log = crawl(tmp_path, an_outlet(press))["baothu"]
    found = outcomes(log)
    assert found["bai-1.html"] == ("fetched", None)
    assert found["bai-2.html"] == ("failed", "http_410")
    assert found["bai-3.html"] == ("failed", "download_timeout")
    assert found["bai-4.html"] == ("failed", "response_data_loss")
    assert found["bai-5.html"] == ("failed", "body_too_large")
    assert found["bai-6.html"] == ("refused", "foreign_host")
    assert found["bai-7.html"] == ("failed", "too_many_redirects")
    assert found["chuyen-muc"] == ("refused", "not_an_article_address")
    assert len(log.pages) == 8


@pytest.mark.parametrize("robots", [Reply(b"", 503), Reply(b"User-agent: *\n", wait=5)])
def test_unreachable_robots_forbids_everything(press: Press, tmp_path: Path, robots: Reply) -> None:
    press.replies |= {"/robots.txt": robots, "/home.rss": press.feed("/bai-1.html"), "/bai-1.html": PAGE}
    log = crawl(tmp_path, an_outlet(press))["baothu"]
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
    log = crawl(tmp_path, an_outlet(press, feeds=feeds))["baothu"]
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
    log = crawl(tmp_path, an_outlet(press), allow_private_hosts=False)["baothu"]
    assert press.asked == []
    assert not log.reached
    assert ("refused", "private_address") in {(source.outcome, source.reason) for source in log.sources}


def test_one_outlets_failure_does_not_touch_another(press: Press, tmp_path: Path) -> None:
    press.replies |= {"/home.rss": press.feed("/bai-1.html"), "/bai-1.html": PAGE}
    with running_press() as dead:
        dead_outlet = an_outlet(dead, id="baochet")
    logs = crawl(tmp_path, an_outlet(press), dead_outlet)
    assert outcomes(logs["baothu"]) == {"bai-1.html": ("fetched", None)}
    assert not logs["baochet"].reached
    assert {source.reason for source in logs["baochet"].sources} == {"connection_refused"}


@pytest.mark.drill
def test_known_page_is_left_alone_until_it_is_due_and_budget_defers_the_rest(press: Press, tmp_path: Path) -> None:
    press.replies |= {
        "/home.rss": press.feed("/bai-1.html", "/bai-2.html"),
        "/bai-1.html": PAGE,
        "/bai-2.html": PAGE,
    }
    first = crawl(tmp_path, an_outlet(press), pages_per_night=1)["baothu"]
    assert Counter(page.outcome for page in first.pages) == {"fetched": 1, "deferred": 1}
    captured = dt.datetime.now(dt.UTC)
    second = crawl(tmp_path, an_outlet(press), now=captured, run="r2")["baothu"]
    # The feed's items are older than this crawl's window, and nothing is due yet.
    assert second.pages == ()
    third = crawl(tmp_path, an_outlet(press), now=captured + dt.timedelta(days=1, hours=1), run="r3")["baothu"]
    assert [(page.announced, page.relook, page.outcome) for page in third.pages] == [(False, True, "fetched")]


def test_crawl_whose_parent_was_killed_ends_at_once(press: Press, tmp_path: Path) -> None:
    press.replies |= {"/home.rss": press.feed("/bai-1.html"), "/bai-1.html": Reply(PAGE.body, wait=30)}
    job = a_job(tmp_path, an_outlet(press), timeout_seconds=60)
    command = [sys.executable, "-m", "crawler.process"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin
        assert running.stdout
        running.stdin.write(job.model_dump_json().encode() + b"\n")
        running.stdin.flush()
        while b'"announced":1' not in running.stdout.readline():
            assert running.poll() is None
        running.stdin.close()  # as the kernel does for a parent that is killed
        assert running.wait(timeout=2) == 1
    assert salvage(tmp_path / "archive").files
