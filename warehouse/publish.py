"""Publishes the warehouse: a read-only copy that appears in one rename, and the same tables as Parquet.

What analysts ask of the copy is worked out when it is made: its views are tables in it. The texts, by far the greatest
part, are not written again: the copy begins as a copy of the writer's file.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from datetime import datetime
from pathlib import Path

import duckdb

from config.clock import VIETNAM
from warehouse.comments import describe
from warehouse.database import (
    WarehouseError,
    open_to_write,
    open_warehouse,
    run_script,
    transaction,
    warehouse_path,
)
from warehouse.files import is_open_elsewhere, log_of, owner_of, remove_aside
from warehouse.load import load_journal
from warehouse.parquet import written_parquet
from warehouse.published import open_read_only, published_path

#: Anybody reads, none but the night writes.
_FOLDER, _FILE = 0o755, 0o444
#: Tables that are published as they stand.
TABLES = (
    *("outlets", "feeds", "topics", "facet_values", "plan_activities", "thresholds"),
    *("plan_entries", "outcomes", "difficulties"),
    *("fetches", "crawls", "captures", "processed_files", "archive_damages"),
    *("reviews", "reports_sent", "reported_figures", "reported_articles", "missed_urls"),
)
#: Views whose answers are published as tables, those first that others are made of.
VIEWS = (
    *("decisions", "judged_mentions", "mentions", "unresolved_mentions"),
    *("article_topics", "article_facets", "tones", "stories", "story_spread", "plan_progress"),
    *("runs", "outlet_health", "source_days", "outlet_days", "outlet_months", "backfill_months"),
    *("coverage_by_outlet", "outlet_silence", "share_of_voice", "coverage_change"),
    *("coverage_daily", "coverage_weekly", "coverage_monthly"),
    *("coverage_by_section", "coverage_by_genre", "coverage_by_prominence", "coverage_by_facet"),
    *("recall_estimate", "missed", "missed_recall"),
)
#: What published_views.sql makes of the articles and their versions.
TEXTS = ("articles", "article_versions", "topic_texts")
PUBLISHED = (*TABLES, *VIEWS, *TEXTS)
#: What these are made of; analysts have no use for it.
_WITHIN = ("article_texts", "schema_version")


def publish(workspace: Path) -> Path:
    """Writes the copy aside and renames it into place; readers of the old one keep it.

    Raises WarehouseError and JournalError.
    """
    path = published_path(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Readers are other users than the night, which alone may write into these or put a file beside them.
    path.parent.chmod(_FOLDER)
    aside = path.with_name(path.name + ".new")
    try:
        _refuse_beside_a_writer(path)
        with open_warehouse(workspace) as connection:
            load_journal(connection, workspace)
            connection.execute("FORCE CHECKPOINT")
        remove_aside(aside)
        shutil.copyfile(warehouse_path(workspace), aside)
        with open_to_write(aside) as copy:
            make_published(copy)
        with (
            closing(open_read_only(aside)) as reader,
            written_parquet(reader, path.parent / "parquet", PUBLISHED) as parquet,
        ):
            reader.close()
            aside.chmod(_FILE)
            with aside.open("rb") as file:
                os.fsync(file.fileno())
            _refuse_beside_a_writer(path)
            aside.replace(path)
            parquet.put_in_place()
        for made in (path.parent / "parquet", *(path.parent / "parquet").rglob("*")):
            made.chmod(_FOLDER if made.is_dir() else _FILE)
    except (duckdb.Error, OSError) as error:
        raise WarehouseError(f"{path}: not published: {_cause(error)}") from None
    finally:
        remove_aside(aside)
    return path


def make_published(copy: duckdb.DuckDBPyConnection) -> None:
    """Makes the published database of a copy of the writer's, in its place."""
    with transaction(copy):
        run_script(copy, "published_texts")
    with transaction(copy):
        run_script(copy, "published_views")
        for view in VIEWS:
            copy.execute(f"CREATE TABLE made AS FROM {view}; DROP VIEW {view}; ALTER TABLE made RENAME TO {view}")
        for kind in ("view", "table"):
            held = f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE NOT internal AND database_name = current_database()"
            for (name,) in copy.execute(held).fetchall():
                if name not in {*PUBLISHED, *_WITHIN}:
                    copy.execute(f"DROP {kind} {name}")
        describe(copy)
    copy.execute("FORCE CHECKPOINT")


def _refuse_beside_a_writer(path: Path) -> None:
    """A session that writes into the published file leaves a log when it is killed; DuckDB would replay it into the
    next file without a word, or open that one no more. Raises WarehouseError."""
    log = log_of(path)
    if log.exists():
        when = datetime.fromtimestamp(log.stat().st_mtime, VIETNAM)
        raise WarehouseError(
            f"{log}: a session of {owner_of(log)} wrote into the published file ({when:%d/%m/%Y %H:%M}) and did"
            " not end; look at it, remove it, publish again"
        )
    if path.exists() and is_open_elsewhere(path, only_to_write=True):
        raise WarehouseError(
            f"{path}: somebody has it open for writing; end that session (fuser {path} names it), publish again"
        )


def _cause(error: Exception) -> str:
    """One line; DuckDB puts what began it last."""
    first, _, began = str(error).partition("Original error:")
    return (began.strip() or first).splitlines()[0].strip(' "')
