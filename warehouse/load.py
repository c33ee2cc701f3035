"""Loads what the pipeline and the configuration say. Loading the same again changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse import journal, rows
from warehouse.database import replace_rows, run_script, stage, transaction
from warehouse.stories import decide_stories

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
        run_script(connection, "load_likeness")
        run_script(connection, "load_crawls")


def load_reference(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Sequence[Row]]) -> None:
    """Replaces the tables that mirror the configuration (outlets, feeds, topics, facet_values, plan_*)."""
    with transaction(connection):
        for table, content in tables.items():
            replace_rows(connection, table, content)


def load_journal(connection: duckdb.DuckDBPyConnection, workspace: Path) -> None:
    """Replaces the tables that mirror the journal. Raises JournalError."""
    decisions = {_key(entry): entry for entry in journal.read(workspace, journal.DECISIONS)}
    mails = {_key(entry): entry for entry in journal.read(workspace, journal.MAIL)}
    missed = {_key(entry): entry for entry in journal.read(workspace, journal.MISSED)}
    reports = {entry["report_id"]: entry for entry in journal.read(workspace, journal.FIGURES)}
    with transaction(connection):
        replace_rows(connection, "reviews", [{**entry, "decision_id": key} for key, entry in decisions.items()])
        replace_rows(
            connection, "reports_sent", [{"revision": 0, **entry, "entry_id": key} for key, entry in mails.items()]
        )
        replace_rows(connection, "missed_urls", [{**entry, "entry_id": key} for key, entry in missed.items()])
        replace_rows(connection, "reported_figures", [row for entry in reports.values() for row in _figures(entry)])
        replace_rows(connection, "reported_articles", [row for entry in reports.values() for row in _articles(entry)])
        decide_stories(connection)


def processed(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Archive files that have been loaded, with the fingerprint of the rules that read them."""
    return dict(connection.execute("SELECT archive_file, fingerprint FROM processed_files").fetchall())


def _figures(entry: Mapping[str, Any]) -> list[Row]:
    columns = ("report_id", "report", "period", "reported_at", "rules", "database_digest")
    common = {column: entry[column] for column in columns}
    return [common | {"figure": name, "value": value} for name, value in entry["figures"].items()]


def _articles(entry: Mapping[str, Any]) -> list[Row]:
    return [article | {"report_id": entry["report_id"]} for article in entry["articles"]]


def _key(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
