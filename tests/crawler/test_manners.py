"""How the crawl treats the hosts it asks, and what it remembers of them from one night to the next."""

from __future__ import annotations

import datetime as dt
import gzip
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from archive.crawl_log import CrawlLog
from archive.index import ArchiveIndex
from archive.read import Record, read_warc
from crawler.run import run_crawl
from tests.conftest import ROOT, first_of
from tests.crawler.conftest import NOW, PAGE, a_job, an_outlet, crawl, outcomes
from tests.faults.press import Press, Reply

DAY = dt.timedelta(days=1)
RECENTLY = "Thu, 01 Jul 2021 10:00:00 +0700"


def _sources(log: CrawlLog) -> dict[str, tuple[str, str | None]]:
    return {source.url.rsplit("/", 1)[1]: (source.outcome, source.reason) for source in log.sources}


def _records(workspace: Path, run: str) -> list[Record]:
    (file,) = workspace.rglob(f"{run}-*.warc.gz")
    return [item for item in read_warc(file) if isinstance(item, Record)]


def _paths(press: Press, since: int = 0) -> list[str]:
    return [path for path, _ in press.asked[since:]]


def test_feed_is_asked_whether_it_has_changed_and_304_is_counted(press: Press, tmp_path: Path) -> None:
    press.replies |= {"/home.rss": replace(press.feed("/bai-1.html"), etag='"v1"'), "/bai-1.html": PAGE}
    crawl(tmp_path, an_outlet(press), run="r1")
    log = crawl(tmp_path, an_outlet(press), run="r2", now=NOW + DAY / 24)["baothu"]
    assert press.quoted["/home.rss"] == '"v1"'
    (feed,) = (source for source in log.sources if source.kind == "feed")
    assert (feed.outcome, feed.reason, feed.status) == ("ok", "not_modified", 304)
    assert feed.newest == "2021-07-01T10:00:00+07:00", "what was known of it stays known"
    assert log.reached
    assert any(alarm.startswith("nothing new since") for alarm in log.alarms)
    assert ("revisit", press.url("/home.rss")) in {(record.kind, record.url) for record in _records(tmp_path, "r2")}


@pytest.mark.drill
def test_feed_that_was_not_read_whole_is_not_asked_whether_it_has_changed(press: Press, tmp_path: Path) -> None:
    whole = press.feed("/bai-1.html", "/bai-2.html")
    cut = replace(whole, body=whole.body[:-20], etag='"v1"')
    press.replies |= {"/home.rss": [cut, replace(whole, etag='"v1"')], "/bai-1.html": PAGE, "/bai-2.html": PAGE}
    crawl(tmp_path, an_outlet(press), run="r1")
    crawl(tmp_path, an_outlet(press), run="r2")
    assert press.quoted["/home.rss"] is None


def test_304_that_nobody_asked_for_is_a_failure(press: Press, tmp_path: Path) -> None:
    feeds = [{"url": press.url(path), "verified": "test"} for path in ("/home.rss", "/odd.rss")]
    press.replies |= {"/home.rss": press.feed("/bai-1.html"), "/bai-1.html": PAGE, "/odd.rss": Reply(b"", 304)}
    log = crawl(tmp_path, an_outlet(press, feeds=feeds))["baothu"]
    assert _sources(log)["odd.rss"] == ("failed", "http_304")
    assert any("odd.rss" in alarm for alarm in log.alarms)


@pytest.mark.drill
def test_redirect_to_elsewhere_is_no_page_and_is_tried_again(press: Press, tmp_path: Path) -> None:
    press.replies |= {
        "/home.rss": press.feed("/bai-1.html", "/bai-2.html"),
        "/bai-1.html": [Reply(status=302, headers={"Location": "/bao-tri"}), PAGE],
        "/bai-2.html": [Reply(status=302, headers={"Location": "http://[bad"}), PAGE],
        "/bao-tri": PAGE,
    }
    log = crawl(tmp_path, an_outlet(press), run="r1")["baothu"]
    assert outcomes(log) == {
        "bai-1.html": ("failed", "redirected_elsewhere"),
        "bai-2.html": ("failed", "bad_address"),
    }
    log = crawl(tmp_path, an_outlet(press), run="r2", now=NOW + DAY)["baothu"]
    assert outcomes(log) == {"bai-1.html": ("fetched", None), "bai-2.html": ("fetched", None)}


@pytest.mark.drill
def test_robots_txt_with_lines_that_are_no_addresses_is_obeyed_all_the_same(press: Press, tmp_path: Path) -> None:
    lines = (
        "User-agent: *",
        "Crawl-delay: 0.6",
        "Disallow: /bai-2",
        "Sitemap: http://[bad",
        "Sitemap: http://x:99999/",
    )
    press.replies |= {
        "/robots.txt": Reply("\n".join([*lines, f"Sitemap: {press.url('/s.xml')}"]).encode()),
        "/home.rss": press.feed("/bai-1.html", "/bai-2.html"),
        "/s.xml": Reply(f"<urlset><url><loc>{press.url('/bai-3.html')}</loc></url></urlset>".encode()),
        "/bai-1.html": PAGE,
        "/bai-3.html": PAGE,
    }
    log = crawl(tmp_path, an_outlet(press))["baothu"]
    got = ("fetched", None)
    assert outcomes(log) == {"bai-1.html": got, "bai-2.html": ("refused", "robots"), "bai-3.html": got}
    times = [when for _, when in press.asked]
    assert all(later - earlier > 0.4 for earlier, later in pairwise(times[1:]))


def test_robots_group_is_chosen_by_our_name_and_by_no_other_word_of_our_header(press: Press, tmp_path: Path) -> None:
    rules = "User-agent: press\nAllow: /\n\nUser-agent: diembao\nDisallow: /bai-1\n\nUser-agent: *\nDisallow: /\n"
    press.replies |= {
        "/robots.txt": Reply(rules.encode()),
        "/home.rss": press.feed("/bai-1.html", "/bai-2.html"),
        "/bai-1.html": PAGE,
        "/bai-2.html": PAGE,
    }
    log = crawl(tmp_path, an_outlet(press))["baothu"]
    assert outcomes(log) == {"bai-1.html": ("refused", "robots"), "bai-2.html": ("fetched", None)}


def test_feed_that_names_no_article_of_the_outlet_is_named(press: Press, tmp_path: Path) -> None:
    feeds = [{"url": press.url(path), "verified": "test"} for path in ("/home.rss", "/odd.rss")]
    odd = press.feed("/chuyen-muc-1", "/chuyen-muc-2")
    press.replies |= {"/home.rss": press.feed("/bai-1.html"), "/odd.rss": odd, "/bai-1.html": PAGE}
    log = crawl(tmp_path, an_outlet(press, feeds=feeds))["baothu"]
    assert any("odd.rss" in alarm and "no article" in alarm for alarm in log.alarms)


@pytest.mark.drill
def test_pages_over_budget_all_arrive_in_the_end(press: Press, tmp_path: Path) -> None:
    paths = [f"/bai-{n}.html" for n in range(20)]
    press.replies |= {"/home.rss": [press.feed(*paths), press.feed()], **dict.fromkeys(paths, PAGE)}
    for night in range(18):
        crawl(tmp_path, an_outlet(press), run=f"r{night}", now=NOW + DAY * night, pages_per_night=1)
    assert sum("bai" in path for path in _paths(press)) == 18
    assert len({path for path in _paths(press) if "bai" in path}) == 18, "two weeks and more, each once"


@pytest.mark.drill
def test_outlet_named_by_an_operator_is_asked_though_its_source_has_to_wait(press: Press, tmp_path: Path) -> None:
    feeds = [{"url": press.url(path), "verified": "test"} for path in ("/home.rss", "/dead.rss")]
    press.replies |= {"/home.rss": press.feed("/bai-1.html"), "/bai-1.html": PAGE}
    for night in range(3):
        crawl(tmp_path, an_outlet(press, feeds=feeds), run=f"r{night}", now=NOW + DAY * night)
    job = a_job(tmp_path, an_outlet(press, feeds=feeds), run="r3", now=NOW + DAY * 3)
    before = len(press.asked)
    run_crawl(job.model_copy(update={"patient": False}), lambda event: None)
    assert "/dead.rss" in _paths(press, before)


@pytest.mark.drill
def test_sitemap_index_is_always_read_whole(press: Press, tmp_path: Path) -> None:
    index = f"<sitemapindex><sitemap><loc>{press.url('/s1.xml')}</loc></sitemap></sitemapindex>".encode()
    urls = f"<urlset><url><loc>{press.url('/bai-1.html')}</loc></url></urlset>".encode()
    press.replies |= {
        "/sitemap.xml": Reply(index, etag='"i"'),
        "/s1.xml": Reply(urls, etag='"u"'),
        "/bai-1.html": PAGE,
    }
    outlet = an_outlet(press, feeds=[], sitemaps=[{"url": press.url("/sitemap.xml"), "verified": "test"}])
    crawl(tmp_path, outlet, run="r1")
    crawl(tmp_path, outlet, run="r2")
    assert (press.quoted["/sitemap.xml"], press.quoted["/s1.xml"]) == (None, '"u"')


def test_page_that_has_not_changed_is_archived_as_a_revisit(press: Press, tmp_path: Path) -> None:
    press.replies |= {"/home.rss": press.feed("/bai-1.html"), "/bai-1.html": PAGE}
    crawl(tmp_path, an_outlet(press), run="r1")
    captured = dt.datetime.now(dt.UTC)
    crawl(tmp_path, an_outlet(press), run="r2", now=captured + DAY * 1.1)
    kinds = {record.kind for record in _records(tmp_path, "r2") if record.url == press.url("/bai-1.html")}
    assert kinds == {"revisit", "request"}


def test_retry_after_holds_every_request_to_the_host(press: Press, tmp_path: Path) -> None:
    busy = Reply(b"busy", 503, headers={"Retry-After": "2"})
    press.replies |= {
        "/home.rss": press.feed("/bai-1.html", "/bai-2.html"),
        "/bai-1.html": [busy, PAGE],
        "/bai-2.html": [busy, PAGE],
    }
    log = crawl(tmp_path, an_outlet(press))["baothu"]
    assert set(outcomes(log).values()) == {("fetched", None)}
    pages = [(path, when) for path, when in press.asked if "bai" in path]
    assert len(pages) == 4
    first = pages[0][1]
    assert all(when - first >= 1.9 for _, when in pages[1:])


@pytest.mark.drill
def test_retry_after_is_obeyed_after_the_last_try_too(press: Press, tmp_path: Path) -> None:
    busy = Reply(b"busy", 503, headers={"Retry-After": "1"})
    press.replies |= {"/home.rss": press.feed("/bai-1.html", "/bai-2.html"), "/bai-1.html": busy, "/bai-2.html": busy}
    log = crawl(tmp_path, an_outlet(press))["baothu"]
    assert set(outcomes(log).values()) == {("failed", "http_503")}
    times = [when for path, when in press.asked if "bai" in path]
    assert all(later - earlier > 0.9 for earlier, later in pairwise(times))


@pytest.mark.drill
def test_host_that_asks_for_a_long_pause_is_left_and_its_pages_are_taken_up_later(press: Press, tmp_path: Path) -> None:
    press.replies |= {
        "/home.rss": [press.feed("/bai-1.html", "/bai-2.html", "/bai-3.html"), press.feed()],
        "/bai-1.html": [Reply(b"busy", 429, headers={"Retry-After": "3600"}), PAGE],
        "/bai-2.html": [Reply(b"busy", 429, headers={"Retry-After": "3600"}), PAGE],
        "/bai-3.html": [Reply(b"busy", 429, headers={"Retry-After": "3600"}), PAGE],
    }
    log = crawl(tmp_path, an_outlet(press), run="r1")["baothu"]
    assert set(outcomes(log).values()) == {("deferred", "retry_after")}
    assert sum("bai" in path for path in _paths(press)) == 1
    assert "3 pages left for the next run: retry after" in log.alarms
    press.replies |= {f"/bai-{n}.html": PAGE for n in (1, 2, 3)}
    log = crawl(tmp_path, an_outlet(press), run="r2", now=NOW + DAY)["baothu"]
    assert outcomes(log) == {f"bai-{n}.html": ("fetched", None) for n in (1, 2, 3)}, "though the feed forgot them"


def test_page_that_failed_is_tried_again_though_its_feed_has_forgotten_it(press: Press, tmp_path: Path) -> None:
    press.replies |= {
        "/home.rss": [press.feed("/bai-1.html"), press.feed("/bai-2.html")],
        "/bai-1.html": [Reply(b"short", length=5000)] * 3 + [PAGE],
        "/bai-2.html": PAGE,
    }
    log = crawl(tmp_path, an_outlet(press), run="r1")["baothu"]
    assert outcomes(log) == {"bai-1.html": ("failed", "response_data_loss")}
    log = crawl(tmp_path, an_outlet(press), run="r2", now=NOW + DAY)["baothu"]
    assert outcomes(log) == {"bai-1.html": ("fetched", None), "bai-2.html": ("fetched", None)}
    assert all(page.announced and not page.relook for page in log.pages)


@pytest.mark.drill
def test_failing_source_is_asked_less_and_less_often_and_never_dropped(press: Press, tmp_path: Path) -> None:
    feeds = [{"url": press.url(path), "verified": "test"} for path in ("/home.rss", "/dead.rss")]
    press.replies |= {"/home.rss": press.feed("/bai-1.html"), "/bai-1.html": PAGE}
    asked = []
    for day in range(12):
        before = len(press.asked)
        log = crawl(tmp_path, an_outlet(press, feeds=feeds), run=f"r{day}", now=NOW + DAY * day)["baothu"]
        asked.append("/dead.rss" in _paths(press, before))
        assert any("dead.rss" in alarm for alarm in log.alarms), "it is named every night, asked or not"
        assert _sources(log)["dead.rss"] in (("failed", "http_404"), ("waiting", None))
    assert [day for day, was in enumerate(asked) if was] == [0, 1, 2, 4, 8]


@pytest.mark.drill
def test_section_pages_are_read_only_where_no_feed_or_sitemap_answers(press: Press, tmp_path: Path) -> None:
    section = Reply(b'<a href="/bai-1.html">M\xe1\xbb\x99t b\xc3\xa0i</a> <a href="/khac">x</a>')
    press.replies |= {"/thoi-su": section, "/bai-1.html": PAGE, "/home.rss": [Reply(b"", 500)] * 3 + [press.feed()]}
    outlet = an_outlet(press, sections=[{"url": press.url("/thoi-su"), "verified": "test"}])
    log = crawl(tmp_path, outlet, run="r1")["baothu"]
    assert outcomes(log) == {"bai-1.html": ("fetched", None)}
    assert _sources(log)["thoi-su"] == ("ok", None)
    press.replies["/home.rss"] = press.feed("/bai-1.html")
    before = len(press.asked)
    crawl(tmp_path, outlet, run="r2", now=NOW + DAY)
    assert "/thoi-su" not in _paths(press, before)


def test_robots_txt_is_unpacked_before_it_is_obeyed(press: Press, tmp_path: Path) -> None:
    packed = gzip.compress(b"User-agent: *\nDisallow: /bai-1")
    press.replies |= {
        "/robots.txt": Reply(packed, headers={"Content-Encoding": "gzip"}),
        "/home.rss": press.feed("/bai-1.html", "/bai-2.html"),
        "/bai-1.html": PAGE,
        "/bai-2.html": PAGE,
    }
    log = crawl(tmp_path, an_outlet(press))["baothu"]
    assert outcomes(log) == {"bai-1.html": ("refused", "robots"), "bai-2.html": ("fetched", None)}


def test_page_that_says_there_is_no_robots_txt_forbids_nothing(press: Press, tmp_path: Path) -> None:
    press.replies |= {
        "/robots.txt": Reply(b"User-agent: *\nDisallow: /", 404),
        "/home.rss": press.feed("/bai-1.html"),
        "/bai-1.html": PAGE,
    }
    assert outcomes(crawl(tmp_path, an_outlet(press))["baothu"]) == {"bai-1.html": ("fetched", None)}


def test_inventory_of_undated_pages_is_not_taken_for_an_announcement(press: Press, tmp_path: Path) -> None:
    urls = "".join(f"<url><loc>{press.url(f'/bai-{n}.html')}</loc></url>" for n in range(1200))
    press.replies |= {"/sitemap.xml": Reply(f"<urlset>{urls}</urlset>".encode())}
    outlet = an_outlet(press, feeds=[], sitemaps=[{"url": press.url("/sitemap.xml"), "verified": "test"}])
    log = crawl(tmp_path, outlet)["baothu"]
    assert log.pages == ()
    assert _sources(log)["sitemap.xml"] == ("ok", "undated_entries")
    assert any("undated entries" in alarm for alarm in log.alarms)


@pytest.mark.drill
def test_challenge_is_named_whatever_its_status(press: Press, tmp_path: Path) -> None:
    challenge = b"<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x></script>"
    press.replies |= {
        "/home.rss": press.feed("/bai-1.html", "/bai-2.html", "/bai-3.html"),
        "/bai-1.html": Reply(challenge, 403),
        "/bai-2.html": [Reply(challenge), PAGE],
        "/bai-3.html": [Reply(b"", headers={"Content-Type": "text/html"}), PAGE],
    }
    log = crawl(tmp_path, an_outlet(press), run="r1")["baothu"]
    challenged = ("failed", "challenge")
    assert outcomes(log) == {"bai-1.html": challenged, "bai-2.html": challenged, "bai-3.html": ("failed", "empty_body")}
    log = crawl(tmp_path, an_outlet(press), run="r2", now=NOW + DAY)["baothu"]
    got = ("fetched", None)
    assert outcomes(log) == {"bai-1.html": challenged, "bai-2.html": got, "bai-3.html": got}, (
        "the next night asks again"
    )
    assert not any(page.relook for page in log.pages)


def _index(press: Press, *children: tuple[str, str | None]) -> Reply:
    entries = "".join(
        f"<sitemap><loc>{press.url(path)}</loc>{f'<lastmod>{time}</lastmod>' if time else ''}</sitemap>"
        for path, time in children
    )
    return Reply(f"<sitemapindex>{entries}</sitemapindex>".encode())


@pytest.mark.drill
def test_old_sitemaps_of_an_index_are_asked_in_turn_and_never_in_place_of_todays(press: Press, tmp_path: Path) -> None:
    days = [(f"/ngay-{n}.xml", (NOW - DAY * n).isoformat()) for n in range(450, -1, -1)]
    for n in range(451):
        undated = f"<urlset><url><loc>{press.url(f'/bai-{n}.html')}</loc></url></urlset>"
        press.replies[f"/ngay-{n}.xml"] = Reply(undated.encode())
        press.replies[f"/bai-{n}.html"] = PAGE
    press.replies["/index.xml"] = _index(press, *days)
    outlet = an_outlet(press, feeds=[], sitemaps=[{"url": press.url("/index.xml"), "verified": "test"}])
    log = crawl(tmp_path, outlet)["baothu"]
    sitemaps = [path for path in _paths(press) if path.startswith("/ngay-")]
    assert set(sitemaps[:8]) == {f"/ngay-{n}.xml" for n in range(8)}, "the first window"
    assert len(sitemaps) == 8 + 5
    assert _sources(log)["index.xml"] == ("ok", None)
    assert set(outcomes(log)) == {f"bai-{n}.html" for n in range(8)}, "what an old one lists without a time is old"


@pytest.mark.drill
def test_monthly_sitemaps_that_stopped_long_ago_are_not_all_asked(press: Press, tmp_path: Path) -> None:
    months = [(f"/sm-{year}-{month}.xml", None) for year in (2019, 2020) for month in range(1, 13)]
    press.replies["/index.xml"] = _index(press, *months)
    outlet = an_outlet(press, feeds=[], sitemaps=[{"url": press.url("/index.xml"), "verified": "test"}])
    crawl(tmp_path, outlet)
    assert not [path for path in _paths(press) if path.startswith("/sm-")]


@pytest.mark.parametrize(
    ("kind", "outcome"),
    first_of(
        2,
        [
            ("text/html,text/html", ("fetched", None)),
            ("image/jpeg", ("failed", "not_html")),
            ("text/html charset=utf-8", ("fetched", None)),
            ("text/xml", ("fetched", None)),
            ("application/json; charset=utf-8", ("failed", "not_html")),
        ],
    ),
)
def test_page_is_refused_only_where_its_type_can_be_no_page(
    press: Press, tmp_path: Path, kind: str, outcome: tuple[str, str | None]
) -> None:
    press.replies |= {
        "/home.rss": press.feed("/bai-1.html"),
        "/bai-1.html": replace(PAGE, headers={"Content-Type": kind}),
    }
    assert outcomes(crawl(tmp_path, an_outlet(press))["baothu"]) == {"bai-1.html": outcome}


@pytest.mark.drill
def test_host_that_stops_answering_is_left_alone(press: Press, tmp_path: Path) -> None:
    press.replies |= {
        "/home.rss": press.feed(*(f"/bai-{n}.html" for n in range(20))),
        **{f"/bai-{n}.html": Reply(b"x", wait=0.6) for n in range(20)},
    }
    log = crawl(tmp_path, an_outlet(press), timeout_seconds=0.3)["baothu"]
    found = list(outcomes(log).values())
    assert found.count(("failed", "download_timeout")) == 5
    assert found.count(("deferred", "host_down")) == 15


def test_sigterm_ends_the_crawl_at_once_and_closes_its_file(press: Press, tmp_path: Path) -> None:
    press.replies |= {
        "/home.rss": press.feed("/bai-1.html", "/bai-2.html"),
        "/bai-1.html": PAGE,
        "/bai-2.html": Reply(b"", wait=20),
    }
    job = a_job(tmp_path, an_outlet(press), timeout_seconds=60)
    command = [sys.executable, "-m", "crawler.process"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin
        running.stdin.write(job.model_dump_json().encode() + b"\n")
        running.stdin.flush()
        while "/bai-2.html" not in _paths(press):
            time.sleep(0.05)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=5) == 0
    (file,) = tmp_path.rglob("*.warc.gz")
    log = ArchiveIndex(tmp_path).add(file).log
    assert log
    assert log.finish == "stopped"
    assert outcomes(log) == {"bai-1.html": ("fetched", None), "bai-2.html": ("deferred", "stopped")}


def test_behind_a_proxy_names_are_left_to_it_and_the_registered_hosts_stand_alone(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://{press.host}")
    links = ("https://baothu.example/bai-1.html", "http://169.254.169.254/bai-2.html")
    items = "".join(f"<item><title>t</title><link>{link}</link></item>" for link in links)
    feed = Reply(f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode())
    press.replies["http://baothu.example/home.rss"] = feed
    outlet = an_outlet(
        press,
        domains=[{"host": "baothu.example"}],
        feeds=[{"url": "http://baothu.example/home.rss", "verified": "test"}],
    )
    log = crawl(tmp_path, outlet, allow_private_hosts=False)["baothu"]
    assert _sources(log)["home.rss"] == ("ok", None)
    assert outcomes(log)["bai-2.html"] == ("refused", "foreign_host")
    assert "CONNECT baothu.example:443" in _paths(press)
    assert not any("169.254" in path for path in _paths(press))


def test_private_address_is_refused_behind_a_proxy_too(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://{press.host}")
    outlet = an_outlet(
        press,
        domains=[{"host": "169.254.169.254"}],
        feeds=[{"url": "http://169.254.169.254/home.rss", "verified": "test"}],
    )
    log = crawl(tmp_path, outlet, allow_private_hosts=False)["baothu"]
    assert press.asked == []
    assert _sources(log)["home.rss"] == ("refused", "private_address")
