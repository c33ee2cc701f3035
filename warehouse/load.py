"""Loads what the pipeline and the configuration say. Loading the same again changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import journal, rows
from warehouse.database import run_script, stage, transaction

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """What some archive files hold: Parquet files of rows.CAPTURES, and rows of FILES, CRAWLS and FETCHES."""

    captures: Sequence[Path]
    files: Sequence[Row]
    crawls: Sequence[Row]
    fetches: Sequence[Row]


def load_batch(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Replaces all that the batch's archive files said before, in one transaction."""
    with transaction(connection):
        stage(connection, "incoming", [], rows.CAPTURES)
        if batch.captures:
            connection.execute(
                "INSERT INTO incoming SELECT * FROM read_parquet(?)", [[str(path) for path in batch.captures]]
            )
        stage(connection, "incoming_files", batch.files, rows.FILES)
        stage(connection, "incoming_crawls", batch.crawls, rows.CRAWLS)
        stage(connection, "incoming_fetches", batch.fetches, rows.FETCHES)
        run_script(connection, "load_captures")
        run_script(connection, "load_crawls")


def load_reference(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Sequence[Row]]) -> None:
    """Replaces the tables that mirror the configuration (outlets, feeds, topics, facet_values, plan_activities)."""
    with transaction(connection):
        for table, content in tables.items():
            _replace(connection, table, content)


def load_journal(connection: duckdb.DuckDBPyConnection, workspace: Path) -> None:
    """Replaces the tables that mirror the journal. Raises JournalError."""
    decisions = {_key(entry): entry for entry in journal.read(workspace, journal.DECISIONS)}
    mails = {_key(entry): entry for entry in journal.read(workspace, journal.MAIL)}
    with transaction(connection):
        _replace(connection, "reviews", [{**entry, "decision_id": key} for key, entry in decisions.items()])
        _replace(connection, "reports_sent", [{**entry, "entry_id": key} for key, entry in mails.items()])
        _decide_stories(connection)


def load_stories(connection: duckdb.DuckDBPyConnection, members: Sequence[tuple[str, str]]) -> None:
    """Replaces story_members by (article_id, story_id) pairs."""
    with transaction(connection):
        _replace(connection, "story_members", [{"article_id": a, "story_id": s} for a, s in members])
        _decide_stories(connection)


def _decide_stories(connection: duckdb.DuckDBPyConnection) -> None:
    """Works out the stories that people have decided: an article with another's story goes where that one goes; where
    two are sent to each other they meet in the story that comes first."""
    by_text = dict(connection.execute("SELECT article_id, story_id FROM story_members").fetchall())
    said = connection.execute(
        "SELECT subject_key, decision, decided_by FROM decisions WHERE subject = 'story'"
    ).fetchall()
    sent = {article: decision for article, decision, _ in said if article in by_text}

    def story(article: str) -> str:
        passed: list[str] = []
        while article in sent and article not in passed:
            if sent[article] == "alone":
                return f"{article}-alone"
            passed.append(article)
            article = sent[article]
        if article in passed:
            return str(min(by_text[member] for member in passed[passed.index(article) :] if member in by_text))
        return str(by_text.get(article, article))

    rows = [
        {"article_id": article, "story_id": story(article), "decided_by": by}
        for article, _, by in said
        if article in sent
    ]
    _replace(connection, "story_overrides", rows)


def articles_without_story(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a run was cut off between loading articles and grouping them."""
    return bool(
        connection.execute("SELECT 1 FROM article_heads ANTI JOIN story_members USING (article_id) LIMIT 1").fetchall()
    )


def processed(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Archive files that have been loaded, with the fingerprint of the rules that read them."""
    return dict(connection.execute("SELECT archive_file, fingerprint FROM processed_files").fetchall())


def _replace(connection: duckdb.DuckDBPyConnection, table: str, content: Sequence[Row]) -> None:
    connection.execute(f"DELETE FROM {table}")
    if not content:
        return
    # Not every row has every key: all that any row has become columns.
    keys = dict.fromkeys(key for row in content for key in row)
    connection.register("staged", pa.table({key: [row.get(key) for row in content] for key in keys}))
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM staged")
    connection.unregister("staged")


def _key(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
