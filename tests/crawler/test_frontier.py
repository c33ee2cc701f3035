"""Which pages a crawl takes up, and when a known one is looked at again."""

from __future__ import annotations

import datetime as dt

import pytest

from archive.index import Look
from config.outlets import Outlet
from crawler.frontier import Frontier, Policy

NOW = dt.datetime(2021, 7, 10, 18, tzinfo=dt.UTC)
URL = "https://baothu.vn/bai-1.html"
OUTLET = Outlet.model_validate(
    {
        "id": "baothu",
        "name": "Báo Thử",
        "governing_body": "Không",
        "kind": "press",
        "tier": "central",
        "domains": [{"host": "baothu.vn"}],
        "article_urls": [r"/bai-\d+\.html$"],
        "not_article_urls": [r"/video/"],
    }
)


def _ago(**delta: float) -> dt.datetime:
    return NOW - dt.timedelta(**delta)


def _frontier(looks: list[Look] | None = None, since: dt.datetime | None = None, budget: int = 10) -> Frontier:
    return Frontier(OUTLET, Policy(NOW, since, [1, 3, 7], budget), {URL: looks} if looks else {})


@pytest.mark.parametrize(
    ("looks", "due"),
    [
        ([Look(_ago(hours=20), 200)], False),
        ([Look(_ago(hours=25), 200)], True),
        ([Look(_ago(hours=49), 200), Look(_ago(hours=24), 200)], False),
        ([Look(_ago(days=3, hours=1), 200), Look(_ago(days=2), 200)], True),
        ([Look(_ago(days=30), 200), Look(_ago(days=20), 200)], False),
        ([Look(_ago(days=30), 200), Look(_ago(hours=21), 404)], True),
        ([Look(_ago(days=30), 200), Look(_ago(hours=19), 404)], False),
        ([Look(_ago(days=30), 200), Look(_ago(days=20), 404), Look(_ago(days=19), 410)], False),
    ],
)
def test_known_page_is_due_a_day_three_days_and_a_week_after_it_was_found(looks: list[Look], due: bool) -> None:
    assert (_frontier(looks).announce(URL, "https://baothu.vn/", None) is not None) is due
    assert (_frontier(looks).due_unannounced() == [URL]) is due


def test_page_that_the_source_says_was_changed_since_is_fetched() -> None:
    looks = [Look(_ago(hours=5), 200)]
    assert _frontier(looks).announce(URL, URL, _ago(hours=1)) == URL
    assert _frontier(looks).announce(URL, URL, _ago(hours=6)) is None
    assert _frontier(looks).announce(URL, URL, NOW + dt.timedelta(days=400)) is None


def test_page_that_never_answered_is_asked_again() -> None:
    assert _frontier([Look(_ago(hours=2), 404)]).announce(URL, URL, None) == URL


def test_each_page_is_counted_once_whatever_its_spelling() -> None:
    frontier = _frontier()
    spellings = [
        "/bai-1.html",
        "http://BAOTHU.vn/bai-1.html#top",
        "https://baothu.vn/bai-1.html?utm_source=rss",
    ]
    taken = [frontier.announce(spelling, "https://baothu.vn/rss", None) for spelling in spellings]
    assert taken == [URL, None, None]
    assert [page.url for page in frontier.pages()] == [URL]


def test_older_than_the_window_is_not_announced_and_other_addresses_are_refused_aloud() -> None:
    frontier = _frontier(since=_ago(days=7))
    assert frontier.announce(URL, URL, _ago(days=8)) is None
    assert frontier.pages() == ()
    assert frontier.announce("https://khac.vn/bai-1.html", URL, None) is None
    assert frontier.announce("https://baothu.vn/video/bai-2.html", URL, None) is None
    assert frontier.announce("javascript:void(0)", URL, None) is None
    assert [(page.outcome, page.reason) for page in frontier.pages()] == [
        ("refused", "foreign_host"),
        ("refused", "not_an_article_address"),
    ]


def test_what_is_over_budget_or_unfinished_is_deferred() -> None:
    frontier = _frontier(budget=1)
    assert frontier.announce("/bai-1.html", URL, None)
    assert frontier.announce("/bai-2.html", URL, None) is None
    assert [(page.outcome, page.reason) for page in frontier.pages()] == [
        ("deferred", "unfinished"),
        ("deferred", "budget"),
    ]
    frontier.settle(URL, "fetched", None, 200, URL)
    assert frontier.pages()[0].outcome == "fetched"
    assert frontier.progress == (1, 1)
