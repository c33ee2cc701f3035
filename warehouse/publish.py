"""Publishes the warehouse: a read-only copy that appears in one rename, and the same tables as Parquet."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from warehouse.database import WarehouseError, open_warehouse
from warehouse.load import load_journal
from warehouse.published import published_path

#: What other engines read; the storage version is the one that DuckDB 1.5 tools open.
_STORAGE = "v1.5.0"
PUBLISHED = (
    *(
        "outlets",
        "feeds",
        "runs",
        "fetches",
        "articles",
        "article_versions",
        "stories",
        "mentions",
        "article_topics",
    ),
    *(
        "article_facets",
        "facet_values",
        "topics",
        "plan_activities",
        "reviews",
        "decisions",
        "reports_sent",
        "coverage_daily",
        "coverage_monthly",
    ),
    *("coverage_by_outlet", "share_of_voice", "plan_progress", "outlet_health", "unresolved_mentions"),
)


def publish(workspace: Path) -> Path:
    """Writes the copy aside and renames it into place; readers of the old one keep it.

    Raises WarehouseError and JournalError.
    """
    path = published_path(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A reader's session with write access leaves a .wal that DuckDB would replay into the new file without a word.
    if path.with_name(path.name + ".wal").exists():
        raise WarehouseError(
            f"{path}.wal: somebody wrote into the published file; look at it, remove it, publish again"
        )
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)
    with open_warehouse(workspace) as connection:
        load_journal(connection, workspace)
        try:
            connection.execute(f"ATTACH '{_quoted(aside)}' AS published (STORAGE_VERSION '{_STORAGE}')")
            connection.execute("COPY FROM DATABASE warehouse TO published")
            connection.execute("DETACH published")
            _write_parquet(connection, path.parent / "parquet")
        except (duckdb.Error, OSError) as error:
            aside.unlink(missing_ok=True)
            raise WarehouseError(f"{path}: not published: {str(error).splitlines()[0]}") from None
    aside.chmod(0o444)
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(path)
    return path


def _write_parquet(connection: duckdb.DuckDBPyConnection, directory: Path) -> None:
    directory.mkdir(exist_ok=True)
    for table in PUBLISHED:
        aside = directory / f"{table}.parquet.new"
        connection.execute(f"COPY (SELECT * FROM {table}) TO '{_quoted(aside)}' (FORMAT parquet, COMPRESSION zstd)")
        aside.replace(directory / f"{table}.parquet")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
