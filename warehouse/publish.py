"""Publishes the warehouse: a read-only copy that appears in one rename, and the same tables as Parquet.

What analysts ask of the copy is worked out when it is made: its views are tables in it. The texts, by far the greatest
part, are not written again: the copy begins as a copy of the writer's file.
"""

from __future__ import annotations

import os
import pwd
import shutil
from contextlib import closing
from datetime import datetime
from pathlib import Path

import duckdb

from config.clock import VIETNAM
from warehouse.comments import describe
from warehouse.database import WarehouseError, open_warehouse, run_script, transaction, warehouse_path
from warehouse.load import load_journal
from warehouse.parquet import written_parquet
from warehouse.published import published_path
from warehouse.settings import SESSION

#: Tables that are published as they stand.
TABLES = (
    *("outlets", "feeds", "topics", "facet_values", "plan_activities", "plan_entries"),
    *("fetches", "crawls", "captures", "processed_files", "archive_damages"),
    *("reviews", "reports_sent", "reported_figures", "reported_articles", "missed_urls"),
)
#: Views whose answers are published as tables.
VIEWS = (
    *("runs", "outlet_health", "stories", "decisions"),
    *("mentions", "judged_mentions", "unresolved_mentions", "article_topics", "article_facets", "tones"),
    *("coverage_daily", "coverage_monthly", "coverage_by_outlet", "share_of_voice", "plan_progress"),
)
#: What publish_texts.sql makes of the articles and their versions.
TEXTS = ("articles", "article_versions", "topic_texts")
PUBLISHED = (*TABLES, *VIEWS, *TEXTS)
#: What these are made of; analysts have no use for it.
_WITHIN = ("article_facts", "article_texts", "schema_version")


def publish(workspace: Path) -> Path:
    """Writes the copy aside and renames it into place; readers of the old one keep it.

    Raises WarehouseError and JournalError.
    """
    path = published_path(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Readers may be other users than the night: none but it may put a file beside the database, or write into it.
    path.parent.chmod(0o755)
    _refuse_beside_a_log(path)
    with open_warehouse(workspace) as connection:
        load_journal(connection, workspace)
        connection.execute("FORCE CHECKPOINT")
    aside = path.with_name(path.name + ".new")
    try:
        _remove(aside)
        shutil.copyfile(warehouse_path(workspace), aside)
        with closing(duckdb.connect(str(aside))) as copy:
            copy.execute(SESSION)
            _make(copy)
            with written_parquet(copy, path.parent / "parquet", PUBLISHED) as parquet:
                copy.close()
                aside.chmod(0o444)
                with aside.open("rb") as file:
                    os.fsync(file.fileno())
                aside.replace(path)
                parquet.put_in_place()
    except (duckdb.Error, OSError) as error:
        _remove(aside)
        raise WarehouseError(f"{path}: not published: {str(error).splitlines()[0]}") from None
    return path


def _make(copy: duckdb.DuckDBPyConnection) -> None:
    """Makes the published database of a copy of the writer's."""
    with transaction(copy):
        run_script(copy, "publish_texts")
        for view in VIEWS:
            copy.execute(f"CREATE TABLE made_{view} AS FROM {view}")
    with transaction(copy):
        made = "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'"
        for (view,) in copy.execute(made).fetchall():
            copy.execute(f"DROP VIEW {view}")
        for view in VIEWS:
            copy.execute(f"ALTER TABLE made_{view} RENAME TO {view}")
        kept = {*TABLES, *VIEWS, *TEXTS, *_WITHIN}
        held = "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main'"
        for (table,) in copy.execute(held).fetchall():
            if table not in kept:
                copy.execute(f"DROP TABLE {table}")
        run_script(copy, "published_views")
        describe(copy)
    copy.execute("FORCE CHECKPOINT")


def _refuse_beside_a_log(path: Path) -> None:
    """A session that wrote into the published file and was killed leaves a log, which DuckDB would replay into the next
    file without a word. Raises WarehouseError."""
    log = path.with_name(path.name + ".wal")
    if log.exists():
        held = log.stat()
        when = datetime.fromtimestamp(held.st_mtime, VIETNAM)
        raise WarehouseError(
            f"{log}: a session of {_user(held.st_uid)} wrote into the published file ({when:%d/%m/%Y %H:%M}) and did"
            " not end; look at it, remove it, publish again"
        )


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _remove(aside: Path) -> None:
    """The copy and its log, where an earlier publication was cut off."""
    aside.unlink(missing_ok=True)
    aside.with_name(aside.name + ".wal").unlink(missing_ok=True)
