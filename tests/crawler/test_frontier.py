"""Which pages a crawl takes up, and when a known one, or one that did not answer, is asked again."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

import archive.index
from archive.crawl_log import SourceKind
from archive.index import IndexReader
from archive.index import Look as IndexLook
from config.outlets import Outlet
from crawler.frontier import Frontier, Policy
from tests.conftest import outlet_fields

NOW = dt.datetime(2021, 7, 10, 18, tzinfo=dt.UTC)
URL = "https://baothu.vn/bai-1.html"
MIRROR = {"host": "baocu.vn", "mirrors": "baothu.vn"}
OUTLET = Outlet.model_validate(
    outlet_fields("baothu.vn", domains=[{"host": "baothu.vn"}, MIRROR], not_article_urls=[r"/video/"])
)


def Look(time: dt.datetime, status: int, good: bool | None = None) -> IndexLook:  # noqa: N802 (reads as the type)
    return IndexLook(time, status, status == 200 if good is None else good)


def _ago(**delta: float) -> dt.datetime:
    return NOW - dt.timedelta(**delta)


class Past:
    """An index whose rows a test writes."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:")
        self.db.executescript((Path(archive.index.__file__).parent / "index.sql").read_text())

    def looked(self, url: str, looks: Sequence[IndexLook]) -> Past:
        for look in looks:
            offset = self.db.execute("SELECT count(*) FROM captures").fetchone()[0]
            row = (url, "page", look.time.isoformat(), look.status, None, 0, look.good, "f", offset)
            self.db.execute("INSERT INTO captures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return self

    def left(self, url: str, *times: dt.datetime, put_off: bool = False) -> Past:
        for time in times:
            row = (time.isoformat(), url, "baothu", time.isoformat(), None, put_off)
            self.db.execute("INSERT INTO left_over VALUES (?, ?, ?, ?, ?, ?)", row)
        return self

    def led(self, url: str, final_url: str) -> Past:
        self.db.execute("INSERT INTO redirects VALUES ('f', ?, ?)", (url, final_url))
        return self


def _frontier(past: Past | None = None, budget: int = 10, live: bool = True) -> Frontier:
    return Frontier(OUTLET, Policy(NOW, live, [1, 3, 7], budget), IndexReader((past or Past()).db))


def _asks(
    frontier: Frontier, link: str, time: dt.datetime | None = None, since: dt.datetime | None = None
) -> str | None:
    """The address that is to be fetched for an announced link, if any."""
    page = frontier.announce(link, "https://baothu.vn/rss", time, since, "feed")
    return page.url if page and frontier.is_open(page) else None


@pytest.mark.parametrize(
    ("looks", "due"),
    [
        ([Look(_ago(hours=20), 200)], False),
        ([Look(_ago(hours=25), 200)], True),
        ([Look(_ago(hours=49), 200), Look(_ago(hours=24), 200)], False),
        ([Look(_ago(days=3, hours=1), 200), Look(_ago(days=2), 200)], True),
        ([Look(_ago(days=3, hours=1), 200), Look(_ago(days=2), 200), Look(_ago(hours=1), 503)], True),
        ([Look(_ago(days=30), 200), Look(_ago(days=20), 200)], False),
        ([Look(_ago(days=30), 200), Look(_ago(days=20), 301)], False),
        ([Look(_ago(days=3, hours=1), 200), Look(_ago(days=2), 200), Look(_ago(hours=1), 200, good=False)], True),
        ([Look(_ago(days=30), 200), Look(_ago(hours=21), 404)], True),
        ([Look(_ago(days=30), 200), Look(_ago(hours=19), 404)], False),
        ([Look(_ago(days=30), 200), Look(_ago(days=20), 404), Look(_ago(days=19), 410)], False),
        ([Look(_ago(days=30), 200), Look(_ago(hours=25), 404), Look(_ago(hours=24), 404)], True),
    ],
)
def test_known_page_is_due_a_day_three_days_and_a_week_after_it_was_found(looks: list[IndexLook], due: bool) -> None:
    past = Past().looked(URL, looks)
    assert (_asks(_frontier(past), URL) is not None) is due
    assert ([page.url for page in _frontier(past).due_unannounced()] == [URL]) is due


def test_page_that_the_source_says_was_changed_since_is_fetched() -> None:
    past = Past().looked(URL, [Look(_ago(hours=5), 200)])
    assert _asks(_frontier(past), URL, _ago(hours=1)) == URL
    assert _asks(_frontier(past), URL, _ago(hours=6)) is None
    assert _asks(_frontier(past), URL, NOW + dt.timedelta(days=400)) is None


def test_page_that_never_answered_is_asked_again() -> None:
    assert _asks(_frontier(Past().looked(URL, [Look(_ago(hours=2), 404)])), URL) == URL


def test_page_of_which_only_a_challenge_or_nothing_came_is_not_known() -> None:
    assert _asks(_frontier(Past().looked(URL, [Look(_ago(hours=2), 200, good=False)])), URL) == URL


def test_page_known_to_one_source_is_due_when_another_says_that_it_was_changed() -> None:
    frontier = _frontier(Past().looked(URL, [Look(_ago(hours=5), 200)]))
    assert _asks(frontier, URL, _ago(hours=6)) is None
    assert _asks(frontier, URL, _ago(hours=1)) == URL


def test_page_keeps_the_kinds_of_sources_that_announced_it_whatever_time_and_spelling_they_gave() -> None:
    frontier = _frontier()
    given: list[tuple[str, dt.datetime | None, SourceKind]] = [
        ("/bai-1.html", _ago(hours=1), "sitemap"),
        ("https://www.baothu.vn/bai-1.html", _ago(days=9), "feed"),
        ("/bai-1.html", None, "feed"),
        ("/bai-2.html", None, "section"),
    ]
    for link, time, kind in given:
        frontier.announce(link, "https://baothu.vn/rss", time, _ago(days=7), kind)
    again = frontier.announced_again()
    assert [(page.url, page.announced_by) for page in again] == [(URL, ("feed", "sitemap"))]
    assert frontier.announced_again() == []
    frontier.settle(URL, "fetched")
    by = {page.url: page.announced_by for page in frontier.tell_rest("unfinished")}
    assert by == {URL: ("feed", "sitemap"), "https://baothu.vn/bai-2.html": ("section",)}


def test_page_left_over_was_announced_by_the_sources_of_this_crawl_alone() -> None:
    frontier = _frontier(Past().left(URL, _ago(days=1), put_off=True))
    assert [page.announced_by for page in frontier.left_over()] == [()]
    assert frontier.announce(URL, URL, None, None, "feed") is None
    assert [page.announced_by for page in frontier.announced_again()] == [("feed",)]


def test_each_page_is_counted_once_whatever_its_spelling() -> None:
    frontier = _frontier()
    spellings = [
        "/bai-1.html",
        "http://BAOTHU.vn/bai-1.html#top",
        "https://baothu.vn/bai-1.html?utm_source=rss",
        "https://www.baothu.vn/bai-1.html",
        "https://baocu.vn/bai-1.html",
    ]
    assert [_asks(frontier, spelling) for spelling in spellings] == [URL, None, None, None, None]
    assert [page.url for page in frontier.tell_rest("x")] == [URL]


def test_page_known_under_another_host_of_the_outlet_is_known() -> None:
    past = Past().looked("https://baocu.vn/bai-1.html", [Look(_ago(hours=5), 200)])
    assert _asks(_frontier(past), URL) is None
    assert _asks(_frontier(past), "https://www.baocu.vn/bai-1.html") is None


def test_address_that_leads_to_a_known_page_is_known() -> None:
    past = Past().led(URL, "https://baothu.vn/bai-2.html")
    past.looked(URL, [Look(_ago(hours=5), 301)]).looked("https://baothu.vn/bai-2.html", [Look(_ago(hours=5), 200)])
    assert _asks(_frontier(past), URL) is None


def test_older_than_the_window_is_not_announced_and_other_addresses_are_refused_aloud() -> None:
    frontier = _frontier()
    since = _ago(days=7)
    assert frontier.announce(URL, URL, _ago(days=8), since, "feed") is None
    assert frontier.tell_settled() == ()
    assert _asks(frontier, "https://khac.vn/bai-1.html") is None
    assert _asks(frontier, "https://baothu.vn/video/bai-2.html") is None
    assert _asks(frontier, "javascript:void(0)") is None
    assert [(page.outcome, page.reason) for page in frontier.tell_settled()] == [
        ("refused", "foreign_host"),
        ("refused", "not_an_article_address"),
    ]


def test_time_in_the_future_is_no_time_in_a_live_crawl_and_kept_in_a_replay() -> None:
    tomorrow = NOW + dt.timedelta(days=1)
    live, replay = _frontier(), _frontier(live=False)
    _asks(live, URL, tomorrow)
    _asks(replay, URL, tomorrow)
    assert [page.announced_time for page in live.tell_rest("x")] == [None]
    assert [page.announced_time for page in replay.tell_rest("x")] == [tomorrow.isoformat()]


def test_what_is_over_budget_or_unfinished_is_deferred() -> None:
    frontier = _frontier(budget=2)
    assert [_asks(frontier, f"/bai-{n}.html") is not None for n in (1, 2, 3)] == [True, True, False]
    frontier.settle(URL, "fetched", None, 200, URL)
    assert frontier.progress == (2, 1)
    assert [(page.outcome, page.reason) for page in frontier.tell_rest("minutes")] == [
        ("fetched", None),
        ("deferred", "minutes"),
        ("deferred", "budget"),
    ]


def test_each_page_is_told_of_once() -> None:
    frontier = _frontier()
    _asks(frontier, "/bai-1.html")
    _asks(frontier, "/bai-2.html")
    frontier.settle(URL, "fetched", None, 200, URL)
    assert [page.url for page in frontier.tell_settled()] == [URL]
    assert [page.url for page in frontier.open_pages()] == ["https://baothu.vn/bai-2.html"]
    assert [page.url for page in frontier.tell_rest("x")] == ["https://baothu.vn/bai-2.html"]


@pytest.mark.parametrize(
    ("failed", "put_off", "taken"),
    [
        ([_ago(hours=1)], False, True),  # once: at the next run
        ([_ago(days=3), _ago(days=2)], False, True),
        ([_ago(days=5), _ago(days=1)], False, False),  # failing for four days: four days later
        ([_ago(days=5), _ago(days=1)], True, True),  # never tried: no reason to wait
        ([_ago(days=15), _ago(days=7)], False, False),  # given up
        ([_ago(days=15), _ago(days=7)], True, True),  # never tried: never given up
    ],
)
def test_page_that_failed_is_tried_again_less_and_less_often(
    failed: list[dt.datetime], put_off: bool, taken: bool
) -> None:
    past = Past().left(URL, *failed, put_off=put_off)
    assert ([page.url for page in _frontier(past).left_over()] == [URL]) is taken


def test_page_that_is_given_up_is_told_of_once() -> None:
    given_up = [_frontier(Past().left(URL, _ago(days=days), _ago(days=7))) for days in (13, 14.5, 16)]
    assert [(frontier.left_over(), frontier.given_up) for frontier in given_up[1:]] == [([], 1), ([], 0)]
    given_up[0].left_over()
    assert given_up[0].given_up == 0


def test_page_of_a_www_host_that_is_not_listed_is_looked_at_again() -> None:
    past = Past().looked("https://www.baothu.vn/bai-1.html", [Look(_ago(hours=25), 200)])
    assert [page.url for page in _frontier(past).due_unannounced()] == ["https://www.baothu.vn/bai-1.html"]


def test_end_of_a_redirect_is_not_looked_at_again_beside_its_beginning() -> None:
    end = "https://baothu.vn/bai-2.html"
    past = Past().led(URL, end).looked(end, [Look(_ago(hours=25), 200)])
    frontier = _frontier(past)
    assert _asks(frontier, URL) == URL
    assert frontier.due_unannounced() == []


def test_home_page_to_which_an_article_once_led_is_no_article() -> None:
    past = Past().looked("https://baothu.vn/", [Look(_ago(hours=25), 200)])
    assert _frontier(past).due_unannounced() == []


def test_mirror_is_asked_under_the_host_it_mirrors_but_for_a_replay() -> None:
    mirror = "https://baocu.vn/bai-1.html"
    assert _asks(_frontier(), mirror) == URL
    assert _asks(_frontier(live=False), mirror) == mirror


def test_page_left_over_is_not_taken_up_when_it_was_got_since() -> None:
    past = Past().left(URL, _ago(days=2)).looked(URL, [Look(_ago(days=1), 200)])
    assert _frontier(past).left_over() == []
