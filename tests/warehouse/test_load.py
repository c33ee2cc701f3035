"""What the warehouse makes of captures, whatever the order they come in."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.stories import group_stories
from tests.conftest import first_of
from warehouse import journal, rows
from warehouse.database import WarehouseError, open_warehouse, warehouse_path
from warehouse.load import Batch, load_batch, load_journal, load_reference
from warehouse.publish import PUBLISHED, publish
from warehouse.published import NotPublished, open_published, published_path

DAY = dt.timedelta(days=1)
START = dt.datetime(2021, 7, 1, 12, tzinfo=dt.UTC)
Row = dict[str, Any]


def _capture(night: int, text: str | None, status: int = 200, **more: Any) -> Row:
    """One look at article `a` in the given night; without text there is nothing to read."""
    row: Row = {
        "archive_file": f"archive/n{night}.warc.gz",
        "archive_offset": 100,
        "article_id": "a",
        "outlet_id": "baothu",
        "url": "https://baothu.vn/a.html",
        "captured_at": START + night * DAY,
        "status": status,
    }
    if text is None:
        return row | {"problem": f"http_{status}"} | more
    mention = {
        "field": "body",
        "start_pos": 0,
        "end_pos": 1,
        "surface": text[:1],
        "topic": "portal",
        "sense": "national",
        "form": "name",
        "confidence": 0.9,
        "reason": "its full name",
        "sentence": text,
        "occurrence": 0,
    }
    return (
        row
        | {
            "version_id": f"a-{text}",
            "body": text,
            "authors": [],
            "layout": "fallback",
            "word_count": 1,
            "body_hash": text,
            "mentions": [mention],
            "facets": [],
        }
        | more
    )


def _load(workspace: Path, captures: Sequence[Row], fetches: Sequence[Row] = ()) -> None:
    """Loads one batch: all that the files of these captures hold."""
    parquet = workspace / "batch.parquet"
    pq.write_table(pa.Table.from_pylist(list(captures), schema=rows.CAPTURES), parquet)
    files = sorted({row["archive_file"] for row in (*captures, *fetches)})
    crawls = [
        {
            "archive_file": file,
            "run_id": file,
            "outlet_id": "baothu",
            "mode": "live",
            "crawl_time": START + int(file[9:-8]) * DAY,
            "started_at": START,
            "ended_at": START,
            "finish": "finished",
            "reached": True,
        }
        for file in files
    ]
    read = [{"archive_file": file, "fingerprint": "f", "captures": 1, "damages": []} for file in files]
    with open_warehouse(workspace) as connection:
        load_reference(connection, {"topics": [_topic("national", True), _topic("ministry", False)]})
        load_batch(connection, Batch([parquet], read, crawls, list(fetches)))


def _topic(sense: str, target: bool) -> Row:
    return {
        "topic": "portal",
        "sense": sense,
        "is_target": target,
        "undecided": False,
        "topic_label": "Cổng",
        "sense_label": sense,
    }


def _fetch(night: int, crawled: str = "fetched", **more: Any) -> Row:
    row: Row = {
        "archive_file": f"archive/n{night}.warc.gz",
        "run_id": f"archive/n{night}.warc.gz",
        "outlet_id": "baothu",
        "url": "https://baothu.vn/a.html",
        "kind": "page",
        "article_id": "a",
        "announced": True,
        "relook": False,
        "listed": False,
        "crawled": crawled,
    }
    return row | more


def _ask(workspace: Path, query: str) -> list[tuple[Any, ...]]:
    with open_warehouse(workspace) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("order", first_of(2, [(order,) for order in itertools.permutations(range(3))]))
def test_text_that_changes_and_changes_back_has_two_versions_whatever_the_order(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    nights = [_capture(0, "A"), _capture(1, "B"), _capture(2, "A")]
    for n in order:
        _load(tmp_path, [nights[n]])
    assert _ask(tmp_path, "SELECT version_id, captured_at FROM article_versions ORDER BY 1") == [
        ("a-A", START),
        ("a-B", START + DAY),
    ]
    assert _ask(tmp_path, "SELECT body, first_seen_at, last_seen_at FROM articles") == [("A", START, START + 2 * DAY)]
    assert _ask(tmp_path, "SELECT surface FROM mentions") == [("A",)]


def test_loading_twice_changes_nothing_and_loading_anew_replaces(tmp_path: Path) -> None:
    for _ in range(2):
        _load(tmp_path, [_capture(0, "A")])
    assert _ask(tmp_path, "SELECT count(*) FROM version_mentions") == [(1,)]
    _load(tmp_path, [_capture(0, "C")])  # the same look, read by other rules
    assert _ask(tmp_path, "SELECT version_id FROM article_versions") == [("a-C",)]
    assert _ask(tmp_path, "SELECT surface FROM version_mentions") == [("C",)]


def test_outcomes_follow_from_what_was_seen_before(tmp_path: Path) -> None:
    looks = [_capture(0, "A"), _capture(1, "A"), _capture(2, "B"), _capture(3, None, 404), _capture(4, None, 404)]
    for night, look in enumerate(looks):
        missing = {"crawled": "failed", "reason": "http_404", "status": 404} if look["status"] == 404 else {}
        _load(tmp_path, [look], [_fetch(night, **missing)])
    _load(tmp_path, [], [_fetch(5, "known")])
    outcomes = _ask(tmp_path, "SELECT outcome FROM fetches ORDER BY archive_file")
    assert [outcome for (outcome,) in outcomes] == ["new", "unchanged", "changed", "failed", "withdrawn", "withdrawn"]
    assert _ask(tmp_path, "SELECT withdrawn_at, body FROM articles") == [(START + 4 * DAY, "B")]


def test_page_gone_twice_within_hours_is_not_withdrawn_and_one_that_comes_back_is_not_either(tmp_path: Path) -> None:
    soon = _capture(2, None, 404, captured_at=START + DAY + dt.timedelta(hours=19))
    _load(tmp_path, [_capture(0, "A"), _capture(1, None, 404), soon])
    assert _ask(tmp_path, "SELECT withdrawn_at FROM articles") == [(None,)]
    _load(tmp_path, [_capture(3, None, 404), _capture(4, "A")])
    assert _ask(tmp_path, "SELECT withdrawn_at FROM articles") == [(None,)]


def test_error_page_or_unread_page_is_a_failure_and_never_a_change(tmp_path: Path) -> None:
    _load(tmp_path, [_capture(0, "A")], [_fetch(0)])
    _load(tmp_path, [_capture(1, None, problem="empty_body")], [_fetch(1)])
    _load(tmp_path, [_capture(2, None, 503)], [_fetch(2, "failed", reason="http_503", status=503)])
    _load(tmp_path, [_capture(3, "A")], [_fetch(3)])
    assert _ask(tmp_path, "SELECT outcome, reason FROM fetches ORDER BY archive_file") == [
        ("new", None),
        ("failed", "empty_body"),
        ("failed", "http_503"),
        ("unchanged", None),
    ]
    assert _ask(tmp_path, "SELECT count(*), max(body) FROM articles") == [(1, "A")]


def test_time_is_the_pages_else_the_announced_else_first_seen_and_says_which(tmp_path: Path) -> None:
    query = "SELECT published_at, counted_at, dated_by FROM articles"
    _load(tmp_path, [_capture(0, "A")])
    assert _ask(tmp_path, query) == [(None, START, "first_seen")]
    announced = START - 2 * DAY
    _load(tmp_path, [_capture(0, "A")], [_fetch(0, announced_at=announced)])
    assert _ask(tmp_path, query) == [(announced, announced, "announced")]
    printed = START - 3 * DAY
    _load(tmp_path, [_capture(0, "A", published_at=printed)], [_fetch(0, announced_at=announced)])
    assert _ask(tmp_path, query) == [(printed, printed, "page")]


@pytest.mark.drill
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_outcomes_and_times_do_not_depend_on_the_order_of_loading(tmp_path: Path, order: tuple[int, int]) -> None:
    nights = [([_capture(n, "A")], [_fetch(n, announced_at=START - (n + 1) * DAY)]) for n in range(2)]
    for n in order:
        _load(tmp_path, *nights[n])
    assert _ask(tmp_path, "SELECT outcome FROM fetches ORDER BY archive_file") == [("new",), ("unchanged",)]
    assert _ask(tmp_path, "SELECT published_at FROM articles") == [(START - 2 * DAY,)]


def test_announcement_that_comes_later_dates_an_article_that_had_no_time(tmp_path: Path) -> None:
    _load(tmp_path, [_capture(0, "A")], [_fetch(0)])
    _load(tmp_path, [], [_fetch(1, "known", announced_at=START - 5 * DAY)])
    assert _ask(tmp_path, "SELECT published_at, dated_by FROM articles") == [(START - 5 * DAY, "announced")]


def test_page_that_answered_but_was_never_read_does_not_count_as_held(tmp_path: Path) -> None:
    _load(tmp_path, [_capture(0, None, problem="truncated_body")], [_fetch(0)])
    _load(tmp_path, [], [_fetch(1, "known")])
    outcomes = _ask(tmp_path, "SELECT outcome, reason FROM fetches ORDER BY archive_file")
    assert outcomes == [("failed", "truncated_body"), ("failed", "never_read")]


def test_revision_that_prints_a_new_time_does_not_move_the_article_to_another_month(tmp_path: Path) -> None:
    june = START - 10 * DAY
    _load(tmp_path, [_capture(0, "A", published_at=june), _capture(1, "B", published_at=START)])
    assert _ask(tmp_path, "SELECT body, published_at FROM articles") == [("B", june)]


def test_month_is_the_month_in_vietnam(tmp_path: Path) -> None:
    late = dt.datetime(2021, 7, 31, 17, 30, tzinfo=dt.UTC)  # 00:30 on 1 August there
    _load(tmp_path, [_capture(40, "A", published_at=late)])
    with open_warehouse(tmp_path) as connection:
        outlet = {"outlet_id": "baothu", "name": "Báo Thử", "governing_body": "-", "kind": "press", "tier": "local"}
        load_reference(connection, {"outlets": [outlet | {"language": "vi"}]})
        group_stories(connection)
        connection.execute("SET TimeZone = 'UTC'")  # as an analyst's tool may have it
        assert connection.execute("SELECT month FROM coverage_monthly").fetchall() == [("2021-08",)]
        assert [str(day) for (day,) in connection.execute("SELECT day FROM coverage_daily").fetchall()] == [
            "2021-08-01"
        ]


def test_published_copy_appears_at_once_and_a_reader_keeps_the_old_one(tmp_path: Path) -> None:
    with pytest.raises(NotPublished, match="nothing is published yet"):
        open_published(tmp_path)
    _load(tmp_path, [_capture(0, "A")])
    publish(tmp_path)
    reader = open_published(tmp_path)
    _load(tmp_path, [_capture(1, "B")])
    publish(tmp_path)
    assert reader.execute("SELECT body FROM articles").fetchall() == [("A",)]
    reader.close()
    fresh = open_published(tmp_path)
    assert fresh.execute("SELECT body FROM articles").fetchall() == [("B",)]
    with pytest.raises(duckdb.Error):
        fresh.execute("DELETE FROM article_heads")
    fresh.close()
    parquet = {file.stem for file in (tmp_path / "published" / "parquet").rglob("*.parquet")}
    assert parquet == set(PUBLISHED) - {"fetches"}  # of which there are none: it is written by month
    assert [file.name for file in (tmp_path / "published").glob("*.new")] == []


def test_publication_is_refused_beside_somebodys_wal(tmp_path: Path) -> None:
    _load(tmp_path, [_capture(0, "A")])
    path = publish(tmp_path)
    path.with_name("coverage.duckdb.wal").write_bytes(b"x")
    with pytest.raises(WarehouseError, match="wrote into the published file"):
        publish(tmp_path)


def test_newer_schema_and_broken_database_are_refused_with_a_clear_line(tmp_path: Path) -> None:
    _load(tmp_path, [_capture(0, "A")])
    with open_warehouse(tmp_path) as connection:
        connection.execute("INSERT INTO schema_version VALUES (999)")
    with pytest.raises(WarehouseError, match="schema 999, newer than this program's"), open_warehouse(tmp_path):
        pass
    warehouse_path(tmp_path).write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError, match="can't be opened"), open_warehouse(tmp_path):
        pass
    assert not published_path(tmp_path).exists()


def test_journal_is_loaded_and_a_broken_line_is_named(tmp_path: Path) -> None:
    entry = {
        "written_at": START.isoformat(),
        "report": "monthly",
        "period": "2021-07",
        "recipient": "a@b.vn",
        "state": "sent",
        "message_id": "<x@y>",
        "detail": "",
    }
    journal.append(tmp_path, journal.MAIL, entry)
    with open_warehouse(tmp_path) as connection:
        for _ in range(2):
            load_journal(connection, tmp_path)
        assert connection.execute("SELECT period, state FROM reports_sent").fetchall() == [("2021-07", "sent")]
    path = tmp_path / "journal" / "mail.jsonl"
    path.write_text(path.read_text() + "{half", encoding="utf-8")
    with pytest.raises(journal.JournalError, match=r"mail\.jsonl:2: not a JSON object"):
        journal.read(tmp_path, journal.MAIL)


def test_views_that_somebody_touched_are_made_anew_and_others_are_left(tmp_path: Path) -> None:
    _load(tmp_path, [_capture(0, "A")])
    with open_warehouse(tmp_path) as connection:
        ((whole,),) = connection.execute("SELECT digest FROM views_made").fetchall()
        connection.execute(
            "CREATE OR REPLACE VIEW story_times AS SELECT 'x' AS article_id, 1 AS text_no, now() AS story_at"
        )
        connection.execute("DROP VIEW missed_recall")
    with open_warehouse(tmp_path) as connection:
        assert connection.execute("SELECT digest FROM views_made").fetchall() == [(whole,)]
        assert connection.execute("SELECT count(*) FROM story_times WHERE article_id = 'x'").fetchall() == [(0,)]
        assert connection.execute("SELECT found FROM missed_recall").fetchall() == [(0,)]


def test_a_run_whose_name_is_no_time_is_published_like_any_other(tmp_path: Path) -> None:
    _load(tmp_path, [_capture(0, "A")], [_fetch(0), _fetch(1, run_id="20210705T013000Z-ab12")])
    publish(tmp_path)
    folder = tmp_path / "published" / "parquet" / "fetches"
    found = {file.relative_to(folder).parent.as_posix() for file in folder.rglob("*.parquet")}
    assert found == {"nam=0000/thang=00", "nam=2021/thang=07"}
