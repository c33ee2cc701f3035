"""The main job on the sample archive: every article, every outcome, every mention as a person labelled it."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from archive.read import read_at
from pipeline.evaluate.scores import names
from tests.conftest import NIGHTS, ROOT, SAMPLES, diembao, diembao_json
from warehouse.published import open_published

Labels = list[dict[str, Any]]


@pytest.fixture
def con(sample: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_published(sample)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def labels() -> Labels:
    """What the sample's authors say is in it; the article of June 2025 is in a file of its own."""
    expected = yaml.safe_load((SAMPLES / "expected.yaml").read_text(encoding="utf-8"))
    found: Labels = [row for row in expected["articles"] if row["night"] in NIGHTS]
    return found


def test_every_labelled_article_is_held_with_its_title_author_and_time(
    con: duckdb.DuckDBPyConnection, labels: Labels
) -> None:
    rows = con.execute("SELECT url, title, authors, published_at, dated_by FROM articles").fetchall()
    held = {u: (title, names(", ".join(authors)), time.isoformat(), dated) for u, title, authors, time, dated in rows}
    wanted = {row["url"]: (row["title"], names(row["author"]), row["published"], "page") for row in labels}
    assert held == wanted


def test_senses_found_are_those_that_the_authors_meant(con: duckdb.DuckDBPyConnection, labels: Labels) -> None:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for url, topic, sense in con.execute(
        "SELECT url, topic, sense FROM article_topics JOIN articles USING (article_id)"
    ).fetchall():
        found[url].add((topic, sense))
    wrong = {}
    for row in labels:
        revised = row.get("revised") or {}
        meant = {(topic, sense) for topic in ("portal", "nq68") for sense in (revised.get(topic) or row[topic])}
        if meant != found[row["url"]]:
            wrong[row["url"]] = (sorted(meant), sorted(found[row["url"]]))
    assert wrong == {}


def test_reprints_share_a_story_and_nothing_else_does(con: duckdb.DuckDBPyConnection, labels: Labels) -> None:
    stories: dict[str, set[str]] = defaultdict(set)
    for url, story in con.execute("SELECT url, story_id FROM articles").fetchall():
        stories[story].add(url)
    meant: dict[str, set[str]] = defaultdict(set)
    for row in labels:
        meant[row["story"]].add(row["url"])
    assert sorted(map(sorted, stories.values())) == sorted(map(sorted, meant.values()))


def test_each_mention_is_in_the_text_at_its_offsets_and_its_page_is_in_the_archive(
    sample: Path, con: duckdb.DuckDBPyConnection
) -> None:
    rows = con.execute(
        "SELECT m.surface, m.start_pos, m.end_pos, m.sentence,"
        " CASE m.field WHEN 'title' THEN a.title WHEN 'sapo' THEN a.sapo WHEN 'body' THEN a.body ELSE a.captions END,"
        " a.archive_file, a.archive_offset, a.payload_digest, a.url"
        " FROM mentions m LEFT JOIN articles a USING (article_id)"
    ).fetchall()
    assert len(rows) == con.execute("SELECT count(*) FROM mentions").fetchall()[0][0] > 50
    for surface, start, end, sentence, text, file, offset, digest, url in rows:
        assert text[start:end] == surface
        assert surface in sentence
        assert sentence in text
        capture = read_at(sample / file, offset).capture
        assert capture is not None
        assert (capture.digest, capture.url) == (digest, url)


def test_outcomes_add_up_and_each_kind_occurs(con: duckdb.DuckDBPyConnection) -> None:
    runs = con.execute(
        "SELECT announced, new, changed, unchanged, withdrawn, failed, deferred, refused, not_in_archive"
        " FROM runs ORDER BY crawl_time"
    ).fetchall()
    assert [row[0] for row in runs] == [sum(row[1:]) for row in runs]
    assert [row[1] for row in runs] == [64, 3, 0]
    assert [row[2] for row in runs] == [0, 1, 0], "one article is revised in the second night"
    assert [row[4] for row in runs] == [0, 0, 1], "gone once is a failure, gone twice is withdrawn"
    reasons = con.execute("SELECT DISTINCT reason FROM fetches WHERE kind = 'page' AND reason IS NOT NULL").fetchall()
    assert {reason for (reason,) in reasons} == {"http_404", "empty_body", "robots"}


def test_revised_article_keeps_both_texts_and_counts_once(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute(
        "SELECT article_id, list(v.version_id = a.version_id ORDER BY v.captured_at)"
        " FROM article_versions v JOIN articles a USING (article_id) GROUP BY article_id HAVING count(*) > 1"
    ).fetchall()
    assert [current for _, current in rows] == [[False, True]]


def test_withdrawn_article_is_still_counted_and_says_so(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute("SELECT withdrawn_at IS NOT NULL, count(*) FROM articles GROUP BY ALL ORDER BY ALL").fetchall()
    assert rows == [(False, 66), (True, 1)]


@pytest.mark.drill
def test_repeating_the_nights_changes_nothing(sample_copy: Path) -> None:
    before = _tables(sample_copy)
    again = diembao_json("nightly", "--replay", *_archives(), "--data", str(sample_copy))
    assert again["new"] == {"articles": 0, "mentions": 0}
    after = _tables(sample_copy)
    assert {name for name in before if before[name] != after[name]} == {"fetches"}, "three more runs, and nothing else"


def test_reading_all_archives_again_gives_the_same_tables(sample_copy: Path) -> None:
    before = _tables(sample_copy)
    (sample_copy / "warehouse.duckdb").unlink()
    (sample_copy / "archive" / "index.sqlite").unlink()
    diembao("process", "--data", str(sample_copy))
    diembao("publish", "--data", str(sample_copy))
    assert _tables(sample_copy) == before


@pytest.mark.drill
def test_order_of_loading_does_not_matter(sample_copy: Path, tmp_path: Path) -> None:
    """Archives that arrive late, or all at once, tell the same as nights in their order."""
    backwards = tmp_path / "backwards"
    days: dict[Path, list[Path]] = defaultdict(list)
    for file in (sample_copy / "archive").rglob("*.warc.gz"):
        days[file.parent].append(file)
    for day in sorted(days, reverse=True):
        target = backwards / day.relative_to(sample_copy)
        target.mkdir(parents=True)
        for file in days[day]:
            (target / file.name).write_bytes(file.read_bytes())
        diembao("process", "--data", str(backwards))
    diembao("publish", "--data", str(backwards))
    assert _tables(sample_copy) == _tables(backwards)


@pytest.mark.drill
def test_sql_is_answered_while_a_night_is_writing(sample_copy: Path) -> None:
    command = [sys.executable, "-m", "diembao", "nightly", "--data", str(sample_copy), "--replay", *_archives()]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as night:
        answers = []
        while night.poll() is None:
            answers.append(diembao_json("sql", "SELECT count(*) AS n FROM articles", "--data", str(sample_copy)))
    assert night.returncode == 0
    assert answers
    assert all(answer == [{"n": 67}] for answer in answers)


def _archives() -> list[str]:
    return [str(SAMPLES / f"{night}.warc.gz") for night in NIGHTS]


def _tables(workspace: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What analysts see, without run ids, clocks and the archive's file names, which hold the run."""
    connection = open_published(workspace)
    queries = {
        "articles": "SELECT * EXCLUDE (archive_file, archive_offset) FROM articles ORDER BY article_id",
        "article_versions": "SELECT * EXCLUDE (archive_file, archive_offset) FROM article_versions ORDER BY version_id",
        "mentions": "SELECT * FROM mentions ORDER BY mention_id",
        "article_facets": "SELECT * FROM article_facets ORDER BY ALL",
        "stories": "SELECT * FROM stories ORDER BY story_id",
        "coverage_monthly": "SELECT * FROM coverage_monthly ORDER BY ALL",
        "plan_progress": "SELECT * FROM plan_progress ORDER BY ALL",
        "fetches": "SELECT outlet_id, url, kind, article_id, outcome, reason, count(*) FROM fetches GROUP BY ALL"
        " ORDER BY ALL",
    }
    found = {name: connection.execute(query).fetchall() for name, query in queries.items()}
    connection.close()
    return found
