"""What feeds and sitemaps announce in common tells how much there is: an upper bound of recall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.database import insert_rows, new_warehouse
from warehouse.published import open_published

JULY = dt.datetime(2021, 7, 10, tzinfo=dt.UTC)
FEED, SITEMAP, BOTH = ["feed"], ["sitemap"], ["feed", "sitemap"]


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with new_warehouse() as connection:
        yield connection


def _night(connection: duckdb.DuckDBPyConnection, time: dt.datetime, pages: Sequence[dict[str, Any]]) -> None:
    """One crawl and the pages it was told of, each with its number as article."""
    common = {"archive_file": str(time), "run_id": str(time), "outlet_id": "bao"}
    times = {"crawl_time": time, "started_at": time, "ended_at": time}
    insert_rows(connection, "crawls", [common | times | {"mode": "live", "finish": "finished", "reached": True}])
    kept = {"kind": "page", "announced": True, "relook": False, "listed": False, "crawled": "failed"}
    for number, page in enumerate(pages):
        row = (
            common | kept | {"url": f"https://bao.vn/{number}", "article_id": f"a{number}", "outcome": "failed"} | page
        )
        insert_rows(connection, "fetches", [row])


def _estimate(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute("FROM recall_estimate ORDER BY month, outlet_id").fetchall()


def test_the_estimate_is_chapmans(warehouse: duckdb.DuckDBPyConnection) -> None:
    by = [FEED] * 10 + [SITEMAP] * 20 + [BOTH] * 9
    _night(warehouse, JULY, [{"announced_by": kinds} for kinds in by])
    # (19 + 1) * (29 + 1) / (9 + 1) - 1
    assert _estimate(warehouse) == [("2021-07", "bao", 19, 29, 9, 59.0, 0, 0.0)]


def test_where_nothing_is_announced_by_both_there_is_no_estimate(warehouse: duckdb.DuckDBPyConnection) -> None:
    _night(warehouse, JULY, [{"announced_by": FEED}, {"announced_by": SITEMAP}])
    assert _estimate(warehouse) == [("2021-07", "bao", 1, 1, 0, None, 0, None)]


def test_a_page_counts_once_whatever_night_and_address_told_of_it(warehouse: duckdb.DuckDBPyConnection) -> None:
    _night(warehouse, JULY, [{"announced_by": FEED}, {"announced_by": [], "announced": False}])
    twin = {"url": "https://bao.vn/redirects", "article_id": "a0", "announced_by": FEED}
    _night(warehouse, JULY + dt.timedelta(days=1), [{"announced_by": SITEMAP}, twin])
    assert _estimate(warehouse) == [("2021-07", "bao", 1, 1, 1, 1.0, 0, 0.0)]


def test_what_is_no_article_of_the_outlet_and_crawls_from_before_are_left_out(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    refused = {"announced_by": BOTH, "outcome": "refused"}
    pages = [
        refused | {"reason": "foreign_host"},
        refused | {"reason": "not_an_article_address"},
        refused | {"reason": "robots"},
        {"announced_by": None},
        {"announced_by": ["section"]},
    ]
    _night(warehouse, JULY, pages)
    assert _estimate(warehouse) == [("2021-07", "bao", 1, 1, 1, 1.0, 0, 0.0)]


def test_the_month_of_a_page_not_held_is_that_of_its_source_in_vietnam(warehouse: duckdb.DuckDBPyConnection) -> None:
    last_of_june = dt.datetime(2021, 6, 30, 18, tzinfo=dt.UTC)
    _night(warehouse, JULY, [{"announced_by": BOTH, "announced_at": last_of_june}])
    assert [row[0] for row in _estimate(warehouse)] == ["2021-07"]
    warehouse.execute("UPDATE fetches SET announced_at = announced_at - INTERVAL 2 HOURS")
    assert [row[0] for row in _estimate(warehouse)] == ["2021-06"]


def test_collected_is_never_more_than_the_estimate_and_no_more_than_is_held(sample: Path) -> None:
    with closing(open_published(sample)) as connection:
        rows = connection.execute("FROM recall_estimate").fetchall()
        held = dict(connection.execute("SELECT outlet_id, count(*) FROM articles GROUP BY ALL").fetchall())
    assert [row for row in rows if row[4] > 0]
    for _, _, by_feed, by_sitemap, by_both, estimate, collected, recall in rows:
        assert by_both <= min(by_feed, by_sitemap)
        assert collected <= by_feed + by_sitemap - by_both
        assert (estimate is None) == (recall is None) == (by_both == 0)
        assert recall is None or 0 <= recall <= 100
    for outlet, articles in held.items():
        assert sum(row[6] for row in rows if row[1] == outlet) == articles


def test_comments_call_it_an_upper_bound(sample: Path) -> None:
    with closing(open_published(sample)) as connection:
        ((comment,),) = connection.execute(
            "SELECT comment FROM duckdb_tables() WHERE table_name = 'recall_estimate'"
        ).fetchall()
    assert "UPPER BOUND" in comment
    assert "CẬN TRÊN" in comment
