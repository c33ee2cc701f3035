"""What people found: the first reason that holds why it was not counted, and what that says of recall."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from config.clock import VIETNAM
from config.load import write_editable
from tests.conftest import diembao, diembao_json, first_of
from warehouse import journal
from warehouse.database import insert_rows, new_warehouse
from warehouse.published import open_published

COUNTED = "https://nhandan.vn/mot-lan-khai-ba-ket-qua-cho-tre-moi-sinh-post648204.html"
COVID = "https://baochinhphu.vn/ban-hanh-goi-ho-tro-nguoi-lao-dong-gap-kho-khan-vi-dich-benh-102210701194740740.htm"
#: (address, topic): the reason that is told.
WHYS = {
    (COUNTED, "portal"): "counted",
    (COUNTED, "nq68"): "held, but topic not found",
    (COVID, "nq68"): "held, but topic not found: nq68-covid-2021",
    ("https://tuoitre.vn/noi-bo-ban-in-thu-nghiem-20210708091203897.htm", "portal"): "refused: robots",
    ("https://nhandan.vn/lich-phat-song-tuan-thu-ba-thang-bay-post654960.html", "portal"): "failed: http_404",
    (
        "https://cafef.vn/ban-tin-thi-truong-chieu-thu-nam-20210715094714066.chn",
        "portal",
    ): "not_in_archive",
    ("https://vnexpress.net/khong-ai-bao-4299999.html", "portal"): "never announced",
    ("https://laodong.vn/thoi-su/cong-dich-vu-cong-925000.ldo", "portal"): "outlet beyond reach",
    ("https://baohatinh.vn/cong-dich-vu-cong-post1234.html", "portal"): "outlet not followed",
    ("https://bao-la.vn/bai-1.html", "portal"): "outlet not in the registry",
}


def _add(workspace: Path, url: str, topic: str = "portal", *more: str, code: int = 0) -> str:
    done = diembao("missed", "add", url, "--topic", topic, "--by", "Lê Mẫu", *more, "--data", str(workspace), code=code)
    return done.stderr if code else done.stdout


def _whys(workspace: Path) -> dict[tuple[str, str], str]:
    listed = diembao_json("missed", "list", "--data", str(workspace))
    return {(entry["url"], entry["topic"]): entry["why"] for entry in listed["missed"]}


@pytest.mark.drill
def test_each_entry_says_why_it_was_not_counted_and_recall_follows(sample_copy: Path) -> None:
    for url, topic in WHYS:
        _add(sample_copy, url, topic, "--on", "2021-07-05", "--note", "điểm báo giấy")
    waiting = diembao_json("missed", "list", "--data", str(sample_copy))
    assert (waiting["missed"], waiting["recall"], waiting["waiting"]) == ([], [], len(WHYS))
    diembao("publish", "--data", str(sample_copy))
    assert _whys(sample_copy) == WHYS
    listed = diembao_json("missed", "list", "--data", str(sample_copy))
    shares = {row["topic"]: (row["counted"], row["found"]) for row in listed["recall"]}
    assert shares == {"nq68": (0, 2), "portal": (1, 8)}
    assert {(entry["seen_on"], entry["note"]) for entry in listed["missed"]} == {("2021-07-05", "điểm báo giấy")}
    shown = diembao("missed", "list", "--data", str(sample_copy)).stdout
    assert "portal: 1 of 8 are counted (12.5 %, 95 % interval 2.2 to 47.1 %)" in shown
    assert "held, but topic not found: nq68-covid-2021" in shown


@pytest.mark.parametrize(
    "spelling",
    first_of(
        1,
        [
            f"{COUNTED}?utm_source=zalo&fbclid=1#binh-luan",
            COUNTED.replace("https://", "http://www."),
            COUNTED.replace("https://", "https://m."),
            f"  {COUNTED} ",
        ],
    ),
)
def test_an_article_is_known_in_any_spelling_and_entered_once(sample_copy: Path, spelling: str) -> None:
    _add(sample_copy, spelling)
    told = _add(sample_copy, COUNTED)
    assert "was entered on" in told
    assert "Lê Mẫu" in told
    assert len(journal.read(sample_copy, journal.MISSED)) == 1
    diembao("publish", "--data", str(sample_copy))
    assert _whys(sample_copy) == {(COUNTED, "portal"): "counted"}


@pytest.mark.drill
def test_an_entry_of_an_outlet_that_joins_the_registry_later_follows_it(sample_copy: Path) -> None:
    url = "https://bao-la.vn/bai-1.html"
    assert "no outlet of the registry has the host bao-la.vn" in _add(sample_copy, url)
    write_editable(sample_copy / "config")
    file = sample_copy / "config" / "outlets" / "bao_la.yaml"
    settings = {"id": "bao_la", "name": "Báo Lạ", "governing_body": "Không", "kind": "press", "tier": "local"}
    settings |= {"domains": [{"host": "www.bao-la.vn"}], "article_urls": [r"/bai-\d+"]}
    file.write_text(json.dumps(settings), encoding="utf-8")
    diembao("process", "--data", str(sample_copy))
    diembao("publish", "--data", str(sample_copy))
    assert _whys(sample_copy) == {(url, "portal"): "outlet not followed"}


@pytest.mark.drill
def test_a_decision_that_makes_it_count_and_a_rebuild_keep_the_entry(sample_copy: Path) -> None:
    _add(sample_copy, COVID, "nq68")
    with closing(open_published(sample_copy)) as connection:
        items = connection.execute(
            "SELECT item FROM judged_mentions JOIN articles USING (article_id) WHERE url = ? AND topic = 'nq68'",
            [COVID],
        ).fetchall()
    diembao("review", "decide", items[0][0], "nq68-2020", "--by", "Lê Mẫu", "--data", str(sample_copy))
    diembao("doctor", "--rebuild", "--data", str(sample_copy))
    assert _whys(sample_copy) == {(COVID, "nq68"): "counted"}


@pytest.mark.parametrize(
    ("url", "more", "told"),
    [
        ("nhandan.vn/bai", ["--topic", "portal", "--by", "Lê Mẫu"], "is no web address; write it whole"),
        ("ftp://nhandan.vn/bai", ["--topic", "portal", "--by", "Lê Mẫu"], "is no web address; write it whole"),
        (COUNTED, ["--topic", "nq69", "--by", "Lê Mẫu"], "no topic 'nq69'; there are portal, nq68"),
        (COUNTED, ["--topic", "portal", "--by", " "], "who found it must be named"),
        (
            COUNTED,
            ["--topic", "portal", "--by", "Lê Mẫu", "--on", "31/6/2021"],
            "'31/6/2021' is no day of the calendar",
        ),
        (COUNTED, ["--topic", "portal", "--by", "Lê Mẫu", "--on", "{tomorrow}"], "lies in the future"),
    ],
    ids=["no scheme", "ftp", "topic", "nobody", "no date", "tomorrow"],
)
def test_bad_input_is_one_line_and_nothing_is_entered(sample: Path, url: str, more: list[str], told: str) -> None:
    tomorrow = dt.datetime.now(VIETNAM).date() + dt.timedelta(days=1)
    given = [word.format(tomorrow=tomorrow) for word in more]
    done = diembao("missed", "add", url, *given, "--data", str(sample), code=2)
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert journal.read(sample, journal.MISSED) == []


def test_an_address_that_is_never_fetched_is_told_and_entered(sample_copy: Path) -> None:
    assert "by `article_urls` of nhandan this is no article's address" in _add(sample_copy, "https://nhandan.vn/")
    assert len(journal.read(sample_copy, journal.MISSED)) == 1


def test_a_folder_that_is_no_workspace_is_not_made(tmp_path: Path) -> None:
    assert "there is no workspace" in _add(tmp_path / "nowhere", COUNTED, code=2)
    assert not (tmp_path / "nowhere").exists()


# Reasons that the sample has no case of


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """One outlet, one entry."""
    with new_warehouse() as connection:
        outlet = {"outlet_id": "bao", "name": "Báo", "governing_body": "Không", "kind": "press", "tier": "local"}
        insert_rows(connection, "outlets", [outlet | {"language": "vi", "hosts": ["bao.vn", "www.bao.vn"]}])
        insert_rows(connection, "feeds", [{"outlet_id": "bao", "url": "f", "kind": "feed", "verified": "test"}])
        topic = {"topic": "portal", "sense": "national", "is_target": True, "undecided": False}
        insert_rows(connection, "topics", [topic | {"topic_label": "Cổng", "sense_label": "Cổng"}])
        _found(connection, 1)
        yield connection


def _found(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    entry = {"entry_id": str(number), "added_at": dt.datetime(2021, 8, 1, tzinfo=dt.UTC), "added_by": "Lê Mẫu"}
    known = {"url": f"https://bao.vn/{number}", "outlet_id": "bao", "article_id": f"a{number}", "topic": "portal"}
    insert_rows(connection, "missed_urls", [entry | known])


def _fetch(connection: duckdb.DuckDBPyConnection, night: int, crawled: str, **more: Any) -> None:
    """What a night says of the page."""
    time = dt.datetime(2021, 7, night, tzinfo=dt.UTC)
    common = {"archive_file": f"n{night}", "run_id": f"r{night}", "outlet_id": "bao"}
    times = {"crawl_time": time, "started_at": time, "ended_at": time}
    insert_rows(connection, "crawls", [common | times | {"mode": "live", "finish": "finished", "reached": True}])
    page = {"url": "https://bao.vn/1", "kind": "page", "article_id": "a1", "announced": True, "relook": False}
    row = common | page | {"listed": False, "crawled": crawled, "outcome": crawled} | more
    insert_rows(connection, "fetches", [row])


def _look(connection: duckdb.DuckDBPyConnection, night: int, problem: str, **more: Any) -> None:
    look = {"archive_file": f"n{night}", "archive_offset": 0, "article_id": "a1", "outlet_id": "bao", "status": 200}
    time = dt.datetime(2021, 7, night, tzinfo=dt.UTC)
    row = look | {"url": "https://bao.vn/1", "captured_at": time, "problem": problem} | more
    insert_rows(connection, "captures", [row])


def _why(connection: duckdb.DuckDBPyConnection) -> str:
    ((why,),) = connection.execute("SELECT why FROM missed WHERE entry_id = '1'").fetchall()
    return str(why)


def test_the_last_try_counts(warehouse: duckdb.DuckDBPyConnection) -> None:
    _fetch(warehouse, 2, "failed", reason="download_timeout")
    _fetch(warehouse, 3, "deferred", reason="budget")
    assert _why(warehouse) == "deferred: budget"
    _fetch(warehouse, 4, "fetched", outcome="failed", reason="no_body")
    _look(warehouse, 4, "no_body")
    assert _why(warehouse) == "not read: no_body"


def test_a_page_of_an_archive_made_elsewhere_that_could_not_be_read_is_not_read(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    _look(warehouse, 1, "challenge")
    assert _why(warehouse) == "not read: challenge"


def test_an_address_that_led_elsewhere_is_the_article_it_led_to(warehouse: duckdb.DuckDBPyConnection) -> None:
    _fetch(warehouse, 1, "fetched", url="https://www.bao.vn/1", article_id="b", outcome="new")
    _look(warehouse, 1, "no_body", article_id="b", url="https://bao.vn/new-1")
    assert _why(warehouse) == "not read: no_body"


@pytest.mark.parametrize(
    ("counted", "found", "low", "high"),
    [(1, 8, 2.242, 47.092), (0, 5, 0.0, 43.449), (5, 5, 56.551, 100.0), (81, 100, 72.223, 87.485)],
)
def test_the_interval_is_wilsons(
    warehouse: duckdb.DuckDBPyConnection, counted: int, found: int, low: float, high: float
) -> None:
    warehouse.execute(
        "CREATE OR REPLACE VIEW missed AS SELECT range::VARCHAR AS entry_id, 'portal' AS topic,"
        f" CASE WHEN range < {counted} THEN 'counted' ELSE 'never announced' END AS why FROM range({found})"
    )
    ((*_, share, found_low, found_high),) = warehouse.execute("FROM missed_recall").fetchall()
    assert share == pytest.approx(100 * counted / found)
    assert (found_low, found_high) == pytest.approx((low, high), abs=0.01)


def test_where_nothing_was_found_there_is_no_share(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("DELETE FROM missed_urls")
    assert warehouse.execute("FROM missed_recall").fetchall() == [("portal", 0, 0, None, None, None)]
