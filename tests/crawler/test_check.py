"""A verdict rests on what was archived, and each address has one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from archive.capture import Capture
from archive.crawl_log import CrawlLog, SourceLog
from config.outlets import Outlet
from crawler.check import AddressFinding, Visit, judge
from tests.conftest import outlet_fields

NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
FEED = "https://bao.vn/home.rss"


def _outlet(**changes: Any) -> Outlet:
    fields = outlet_fields("bao.vn", id="bao", feeds=[{"url": FEED}], article_urls=[r"-\d+\.html$"])
    return Outlet.model_validate(fields | changes)


def _capture(url: str, body: bytes = b"", status: int = 200, **headers: str) -> Capture:
    return Capture(url, NOW, status, tuple(headers.items()), body, None, 0, None)


def _visit(*sources: SourceLog, answers: tuple[Capture, ...] = (), finish: str = "finished") -> Visit:
    log = CrawlLog("r", "bao", "live", NOW, NOW, NOW, finish, sources, ())
    return Visit(log, {answer.url: answer for answer in answers})


def _judged(source: SourceLog, *answers: Capture) -> AddressFinding:
    (finding,) = judge(_outlet(), _visit(source, answers=answers), lambda _: None)
    return finding


@pytest.mark.parametrize(("days", "verdict"), [(6.9, "alive"), (7.1, "stale")])
def test_feed_is_stale_when_its_newest_item_is_older_than_seven_days(days: float, verdict: str) -> None:
    newest = (NOW - dt.timedelta(days=days)).isoformat()
    assert _judged(SourceLog(FEED, "feed", "ok", status=200, items=3, newest=newest)).verdict == verdict


def test_old_sitemap_is_not_stale() -> None:
    outlet = _outlet(feeds=[], sitemaps=[{"url": "https://bao.vn/2020.xml"}])
    log = SourceLog("https://bao.vn/2020.xml", "sitemap", "ok", items=9, newest="2020-12-31T00:00:00+07:00")
    (finding,) = judge(outlet, _visit(log), lambda _: None)
    assert finding.verdict == "alive"


def test_proof_says_how_and_when() -> None:
    found = _judged(SourceLog(FEED, "feed", "ok", status=200, items=30, newest="2026-11-24T20:00:00+00:00"))
    day = dt.date(2026, 11, 25)
    assert found.proof(day) == "diembao outlets check: alive, 30 items, newest 25/11/2026, on 2026-11-25"


def test_redirect_that_was_not_followed_is_told_from_the_archive() -> None:
    source = SourceLog(FEED, "feed", "refused", "foreign_host")
    answers = (
        _capture(FEED, status=301, Location="/moi.rss"),
        _capture("https://bao.vn/moi.rss", status=302, Location="https://khac.vn/rss"),
    )
    found = _judged(source, *answers)
    assert (found.verdict, found.moved_to) == ("moved", "https://khac.vn/rss")


def test_redirects_in_a_circle_end() -> None:
    source = SourceLog(FEED, "feed", "failed", "too_many_redirects")
    assert _judged(source, _capture(FEED, status=301, Location=FEED)).verdict == "dead"


def test_address_that_the_check_did_not_come_to_is_not_called_dead() -> None:
    (finding,) = judge(_outlet(), _visit(finish="closespider_timeout"), lambda _: None)
    assert finding.verdict == "not_asked"
    assert "closespider_timeout" in finding.says


def test_unknown_reason_is_said_as_it_is() -> None:
    found = _judged(SourceLog(FEED, "feed", "failed", "something_new"))
    assert (found.verdict, found.says) == ("dead", "something new")


def test_sitemaps_of_robots_are_read_as_absolute_addresses() -> None:
    robots = "https://bao.vn/robots.txt"
    text = b"User-agent: *\nsitemap : /a.xml\r\nSitemap: https://bao.vn/b.xml\nSitemap:\nSitemap: file:///etc/passwd\n"
    visit = _visit(SourceLog(robots, "robots", "ok", items=2), answers=(_capture(robots, text),))
    assert visit.robots_sitemaps() == ["https://bao.vn/a.xml", "https://bao.vn/b.xml"]
