"""The crawl of past months, on a press that has some: which sitemaps it follows, which pages it asks for, how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.crawl_log import CrawlLog
from archive.index import ArchiveIndex
from config.outlets import Outlet
from crawler.backfill import date_of
from crawler.run import run_crawl
from tests.crawler.conftest import NOW, a_job, crawl
from tests.faults.pastpress import PastPress, running_past_press
from tests.faults.press import Reply

MONTHS = ("2020-12", "2021-01", "2021-02")


@pytest.fixture
def past() -> Iterator[PastPress]:
    with running_past_press(MONTHS) as press:
        yield press


def backfill(workspace: Path, past: PastPress, run: str, name: str = "baothang", **manners: Any) -> CrawlLog:
    """One run over the months of the press."""
    outlet = Outlet.model_validate(past.settings(name))
    job = a_job(workspace, outlet, run=run, **({"timeout_seconds": 20, "body_limit_mb": 8} | manners))
    job = job.model_copy(update={"errand": "backfill", "months": past.months})
    index = ArchiveIndex(workspace)
    reports = [index.add(file) for file in run_crawl(job, lambda event: None)]
    (log,) = [report.log for report in reports if report.log]
    return log


def sitemaps(log: CrawlLog) -> dict[str, tuple[str, str | None, str | None]]:
    return {
        source.url.rsplit("/", 1)[1]: (source.outcome, source.reason, source.month)
        for source in log.sources
        if source.kind == "sitemap"
    }


def test_sitemaps_are_read_one_by_one_and_each_page_belongs_to_the_month_of_its_sitemap(
    past: PastPress, tmp_path: Path
) -> None:
    log = backfill(tmp_path, past, "r1", "baomanh")
    assert log.mode == "backfill"
    assert Counter((page.month, page.outcome) for page in log.pages) == {(month, "fetched"): 3 for month in MONTHS}
    asked = [path for path, _ in past.outlets["baomanh"].asked if path.endswith((".xml", ".html"))]
    assert asked[:5] == [
        "/sitemap.xml",
        "/StaticSitemaps/sitemaps-2020-12-1-5.xml",
        "/bai-20201203.html",
        "/bai-20201204.html",
        "/StaticSitemaps/sitemaps-2020-12-16-20.xml",
    ]


@pytest.mark.drill
def test_what_the_budget_leaves_is_had_by_the_next_run_and_a_finished_sitemap_is_not_asked_again(
    past: PastPress, tmp_path: Path
) -> None:
    first = backfill(tmp_path, past, "r1", pages_per_night=4)
    assert sitemaps(first) == {
        "sitemap.xml": ("ok", None, None),
        "news-2020-12.xml": ("ok", None, "2020-12"),
        "news-2021-1.xml": ("ok", None, "2021-01"),
        "news-2021-2.xml": ("waiting", "budget", "2021-02"),
    }
    backfill(tmp_path, past, "r2", pages_per_night=4)
    third = backfill(tmp_path, past, "r3", pages_per_night=4)
    assert sitemaps(third)["news-2020-12.xml"] == ("waiting", "finished", "2020-12")
    fourth = backfill(tmp_path, past, "r4")
    assert {why for _, why, month in sitemaps(fourth).values() if month} == {"finished"}
    assert set(past.asked("^/bai-").values()) == {1}
    assert past.asked("^/bai-").total() == 9
    assert past.asked("news-2020-12").total() == 1


def test_pages_that_are_gone_are_settled_and_those_that_fail_are_tried_in_three_runs(
    past: PastPress, tmp_path: Path
) -> None:
    press = past.outlets["baothang"]
    press.replies["/bai-20201203.html"] = Reply(b"gone", 404)
    press.replies["/bai-20210103.html"] = Reply(b"", 403)
    press.replies["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /bai-20210217\n")
    logs = [backfill(tmp_path, past, f"r{n}") for n in range(5)]
    asked = past.asked("^/bai-")
    assert asked[press.url("/bai-20201203.html")] == 1
    assert asked[press.url("/bai-20210103.html")] == 3
    assert asked[press.url("/bai-20210217.html")] == 0
    assert asked.total() == 3 + 1 + 6
    assert not logs[-1].pages
    # Only the sitemap of the page that failed was read again, until that was given up.
    assert past.asked("news-2020-12").total() == past.asked("news-2021-2").total() == 1
    assert past.asked("news-2021-1").total() == 3


def test_an_article_that_is_held_already_is_not_fetched_again(past: PastPress, tmp_path: Path) -> None:
    press = past.outlets["baothang"]
    press.replies["/home.rss"] = press.feed("/bai-20210103.html", when="Sun, 03 Jan 2021 09:00:00 +0700")
    feeds = [{"url": press.url("/home.rss"), "verified": "test"}]
    live = Outlet.model_validate(past.settings("baothang") | {"feeds": feeds, "sitemaps": []})
    crawl(tmp_path, live, now=NOW.replace(month=1, day=4), run="r0")
    log = backfill(tmp_path, past, "r1")
    assert [page.url for page in log.pages if page.outcome == "known"] == [press.url("/bai-20210103.html")]
    assert set(past.asked("^/bai-").values()) == {1}


@pytest.mark.drill
def test_a_live_crawl_takes_nothing_that_a_backfill_left_or_had(past: PastPress, tmp_path: Path) -> None:
    press = past.outlets["baothang"]
    press.replies["/home.rss"] = press.feed()
    backfill(tmp_path, past, "r1", pages_per_night=4)
    feeds = [{"url": press.url("/home.rss"), "verified": "test"}]
    live = Outlet.model_validate(past.settings("baothang") | {"feeds": feeds, "sitemaps": []})
    for day in (3, 5, 10):
        log = crawl(tmp_path, live, now=NOW.replace(year=2026, month=12, day=day), run=f"live{day}")["baothang"]
        assert log.pages == ()


@pytest.mark.drill
def test_no_more_sitemaps_of_a_month_are_taken_than_a_month_can_have_and_no_more_entries_than_a_sitemap(
    past: PastPress, tmp_path: Path
) -> None:
    press = past.outlets["baothang"]
    entries = "".join(f"<url><loc>{press.url(f'/bai-9{n}.html')}</loc></url>" for n in range(50_010))
    press.replies["/sitemaps/news-2020-12.xml"] = Reply(f"<urlset>{entries}</urlset>".encode())
    past.index(press, *(f"/sitemaps/more-2021-2-{n}.xml" for n in range(2_000)))
    log = backfill(tmp_path, past, "r1", pages_per_night=2)
    told = sitemaps(log)
    assert told["news-2020-12.xml"] == ("ok", "too_many_entries", "2020-12")
    assert told["sitemap.xml"] == ("failed", "too_many_sitemaps", None)
    assert Counter(month for _, _, month in told.values()) == {None: 1, "2020-12": 1, "2021-01": 1, "2021-02": 62}
    assert Counter(page.outcome for page in log.pages) == {"failed": 2, "deferred": 49_998}


def test_numbers_behind_a_year_that_count_parts_are_no_months(past: PastPress, tmp_path: Path) -> None:
    press = past.outlets["baothang"]
    for month in MONTHS:
        del press.replies[f"/sitemaps/news-{int(month[:4])}-{int(month[5:])}.xml"]
    listed = [("2021-01-31", 20210103), ("2021-03-05", 20210104), ("2020-12-31", 20201203)]
    entries = "".join(
        f"<url><loc>{press.url(f'/bai-{n}.html')}</loc><lastmod>{time}</lastmod></url>" for time, n in listed
    )
    press.replies["/part-2021-3.xml"] = Reply(f"<urlset>{entries}</urlset>".encode())
    past.index(press)
    log = backfill(tmp_path, past, "r1")
    assert sitemaps(log)["part-2021-3.xml"] == ("ok", None, None)
    assert {page.url.rsplit("-", 1)[1]: page.month for page in log.pages} == {
        "20210103.html": "2021-01",
        "20201203.html": "2020-12",
    }


@pytest.mark.parametrize(
    ("address", "date"),
    [
        ("/StaticSitemaps/sitemaps-2021-7-1-5.xml", (2021, 7)),
        ("/sitemaps/news-2021-12.xml", (2021, 12)),
        ("/sitemaps/news-2021-7.xml.gz", (2021, 7)),
        ("/sitemap/2021/07/tin.xml", (2021, 7)),
        ("/sitemap-202107.xml", (2021, 7)),
        ("/articles-2021-sitemap.xml?m=7&d=3", (2021, None)),
        ("/sitemap-2021.xml", (2021, None)),
        ("/sitemap-2021-13.xml", (2021, None)),
        ("/sitemap-20.xml", None),
        ("/google-news.xml", None),
    ],
)
def test_the_month_of_a_sitemap_is_in_its_address(address: str, date: tuple[int, int | None] | None) -> None:
    assert date_of(f"https://bao.vn{address}") == date
