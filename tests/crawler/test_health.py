"""Each thing that makes a crawl a bad one has its sentence, and a good crawl has none."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from archive.crawl_log import PageLog, SourceLog
from archive.index import IndexReader
from config.crawl import Crawl, QuietDays
from config.outlets import Outlet, Volume
from crawler.health import Seen, alarms
from tests.crawler.test_frontier import OUTLET, Past

#: A Thursday, 01:00 on the Friday in Việt Nam.
NOW = dt.datetime(2021, 7, 8, 18, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
FEED = "https://baothu.vn/home.rss"
GOOD = SourceLog(FEED, "feed", "ok", items=30, newest=(NOW - DAY / 4).isoformat(), listed=True)
MANNERS = Crawl(
    contact="test@example.invalid",
    delay_seconds=1,
    timeout_seconds=1,
    body_limit_mb=1,
    pages_per_night=1,
    minutes_per_night=1,
    first_window_days=7,
    look_again_after_days=[1],
    allow_private_hosts=False,
    quiet_days=[QuietDays(since=dt.date(2021, 2, 10), until=dt.date(2021, 2, 16), why="Tết")],
)


class Nights(Past):
    """An index that a test gives nights and looks at the feed."""

    def night(self, time: dt.datetime, fresh: int) -> Nights:
        row = (f"{time:%Y%m%d%H}", f"{time:%Y%m%d%H}", "baothu", "live", time.isoformat(), 1, fresh)
        self.db.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return self

    def asked(self, time: dt.datetime, outcome: str = "ok", newest: dt.datetime | None = None) -> Nights:
        written = newest.isoformat() if newest else None
        row = (f"{time:%Y%m%d%H}", FEED, time.isoformat(), outcome, None, 30, None, written, None, None)
        self.db.execute("INSERT INTO source_looks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        file = (row[0], row[0], "khac", "live", row[2], 1, 0)  # another outlet was reached that night
        self.db.execute("INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", file)
        return self


def _pages(count: int, **fields: Any) -> list[PageLog]:
    said: dict[str, Any] = {"announced": True, "relook": False, "outcome": "fetched", "status": 200} | fields
    return [PageLog(f"https://baothu.vn/bai-{said.get('reason')}-{n}.html", **said) for n in range(count)]


def _alarms(
    pages: list[PageLog],
    sources: tuple[SourceLog, ...] = (GOOD,),
    past: Past | None = None,
    volume: Volume | None = None,
    now: dt.datetime = NOW,
) -> tuple[str, ...]:
    outlet = Outlet.model_validate({**OUTLET.model_dump(), "volume": volume.model_dump() if volume else None})
    return alarms(Seen(outlet, now, sources, pages), IndexReader((past or Nights()).db), MANNERS)


def test_good_crawl_has_none() -> None:
    assert _alarms(_pages(5)) == ()


def test_nothing_new_names_the_last_night_that_brought_something() -> None:
    past = Nights().night(NOW - 3 * DAY, 4).night(NOW - 2 * DAY, 0)
    looked_again = _pages(3, relook=True)
    assert _alarms(looked_again, past=past) == ("nothing new since 06/07/2021 01:00",)
    assert _alarms([]) == ("nothing new: not one article was ever collected",)


def test_outlet_of_which_no_source_answers_is_not_reached() -> None:
    dead = SourceLog(FEED, "feed", "failed", "http_404", 404, listed=True)
    robots = SourceLog("https://baothu.vn/robots.txt", "robots", "ok")
    past = Nights().asked(NOW - 2 * DAY).asked(NOW - DAY, "failed")
    assert _alarms([], (dead, robots), past) == (
        "not reached: no feed, sitemap or section page answered",
        f"source failed: {FEED}: http 404, failing since 08/07/2021",
    )


def test_source_that_waits_says_since_when_it_fails() -> None:
    other = SourceLog(FEED, "feed", "waiting", listed=True)
    good = SourceLog("https://baothu.vn/tin.rss", "feed", "ok", newest=GOOD.newest)
    past = Nights().asked(NOW - 5 * DAY, "failed").asked(NOW - DAY, "failed")
    assert _alarms(_pages(1), (good, other), past) == (
        f"source failing since 04/07/2021, and asked less and less often: {FEED}",
    )


def test_source_that_answered_with_a_fault_or_was_refused_is_named() -> None:
    odd = SourceLog(FEED, "feed", "ok", "truncated", newest=GOOD.newest, listed=True)
    refused = SourceLog("https://baothu.vn/tin.rss", "feed", "refused", "robots", listed=True)
    assert _alarms(_pages(1), (odd, refused)) == (
        f"source answered with a fault: {FEED}: truncated",
        "source refused: https://baothu.vn/tin.rss: robots",
    )


@pytest.mark.parametrize(("hours", "silent"), [(40, True), (30, False)])
def test_feed_silent_longer_than_its_own_habit_is_named(hours: float, silent: bool) -> None:
    past = Nights()
    for n in range(10, 2, -1):  # it has never been silent for more than a day
        past.asked(NOW - n * DAY, newest=NOW - n * DAY)
    feed = SourceLog(FEED, "feed", "ok", unknown=0, newest=(NOW - DAY * hours / 24).isoformat(), listed=True)
    assert any(alarm.startswith(f"source silent: {FEED}") for alarm in _alarms(_pages(1), (feed,), past)) is silent


def test_sitemaps_that_the_outlet_names_itself_are_told_of_in_one_line() -> None:
    dead = [SourceLog(f"https://baothu.vn/s{n}.xml", "sitemap", "failed", "http_404", 404) for n in range(3)]
    alive = SourceLog("https://baothu.vn/s.xml", "sitemap", "ok", newest=GOOD.newest)
    assert _alarms(_pages(1), (GOOD, alive, *dead)) == (
        "3 of 4 sitemaps that the outlet itself names: http 404: https://baothu.vn/s0.xml, ...",
    )


def test_newest_item_that_is_old_is_named() -> None:
    old = SourceLog(FEED, "sitemap", "ok", newest=(NOW - 3 * DAY).isoformat())
    assert _alarms(_pages(1), (old,)) == ("old news: the newest item of all its sources is of 06/07/2021 01:00",)


def test_fewer_than_the_floor_or_more_than_the_ceiling_is_named() -> None:
    volume = Volume(floor=10, ceiling=20)
    assert _alarms(_pages(9), volume=volume) == ("9 new articles today, below its floor of 10",)
    assert _alarms(_pages(10), volume=volume) == ()
    past = Nights().night(NOW - DAY, 15)
    assert _alarms(_pages(21), volume=volume, past=past) == ("21 new articles today, above its ceiling of 20",)


@pytest.mark.parametrize(
    "quiet", [dt.datetime(2021, 7, 10, 5, tzinfo=dt.UTC), dt.datetime(2021, 2, 11, 5, tzinfo=dt.UTC)]
)
def test_weekends_and_tet_have_a_floor_of_their_own(quiet: dt.datetime) -> None:
    fresh = SourceLog(FEED, "feed", "ok", newest=quiet.isoformat(), listed=True)
    assert _alarms(_pages(5), (fresh,), volume=Volume(floor=10, ceiling=20), now=quiet) == ()
    assert _alarms(_pages(5), (fresh,), volume=Volume(floor=10, ceiling=20, quiet_floor=6), now=quiet) == (
        "5 new articles today, below its floor of 6",
    )


@pytest.mark.parametrize(
    ("fresh", "alarm"),
    [
        (11, "11 new articles today, where 40 are usual"),
        (30, None),
        (170, "170 new articles today, where 40 are usual: far more"),
    ],
)
def test_outlet_is_measured_by_its_own_last_weeks(fresh: int, alarm: str | None) -> None:
    past = Nights()
    for n in range(1, 29):
        past.night(NOW - n * DAY, 40)
    assert _alarms(_pages(fresh), past=past) == ((alarm,) if alarm else ())


def test_many_failures_and_what_is_left_are_named_and_single_losses_are_not() -> None:
    failed = _pages(3, outcome="failed", reason="download_timeout", status=None)
    gone = _pages(5, outcome="failed", reason="http_404", status=404)
    left = _pages(7, outcome="deferred", reason="budget", status=None)
    assert _alarms([*_pages(10), *failed, *gone, *left]) == (
        "3 of 18 pages failed: 3 download timeout",
        "7 pages left for the next run: budget",
    )
    assert _alarms([*_pages(10), *failed[:2], *gone]) == ()


def test_challenges_are_beyond_reach_and_one_article_behind_a_login_is_not() -> None:
    challenged = _pages(4, outcome="failed", reason="challenge")
    assert "ngoài khả năng theo dõi: 4 requests were answered by a challenge or a login" in _alarms(
        [*_pages(30), *challenged]
    )
    assert _alarms([*_pages(30), *_pages(1, outcome="failed", reason="login")]) == ()
    closed = SourceLog(FEED, "feed", "failed", "challenge", listed=True)
    assert "ngoài khả năng theo dõi: 1 requests were answered by a challenge or a login" in _alarms([], (closed,))


def test_floor_and_ceiling_are_those_of_a_day_not_of_a_run() -> None:
    past = Nights().night(NOW - DAY / 24, 8)
    assert _alarms(_pages(2), volume=Volume(floor=10, ceiling=20), past=past) == ()
    week = Nights().night(NOW - 5 * DAY, 15)
    assert _alarms(_pages(60), volume=Volume(floor=10, ceiling=20), past=week) == (), "of five days"


def test_articles_that_are_mostly_refused_are_named() -> None:
    refused = _pages(6, outcome="refused", reason="not_an_article_address", status=None)
    assert _alarms([*_pages(2), *refused]) == ("6 of 8 announced pages refused: 6 not an article address",)
    assert _alarms([*_pages(20), *refused]) == ()


def test_several_addresses_that_led_to_one_article_are_one() -> None:
    twins = _pages(6, final_url="https://baothu.vn/bai-1.html")
    assert _alarms(twins, volume=Volume(floor=2, ceiling=20)) == ("1 new articles today, below its floor of 2",)
