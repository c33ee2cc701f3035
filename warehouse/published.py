"""The analysts' read-only copy of the warehouse, and how it is opened."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.settings import SESSION


class NotPublished(Exception):
    """The workspace has no published database, or none that can be opened; the message says what to do."""


def published_path(workspace: Path) -> Path:
    return workspace / "published" / "coverage.duckdb"


def log_of(database: Path) -> Path:
    """Where DuckDB keeps what a session has written and not yet put into the file."""
    return database.with_name(database.name + ".wal")


def open_published(workspace: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection; times are shown in Asia/Ho_Chi_Minh. Raises NotPublished."""
    path = published_path(workspace)
    if not path.exists():
        raise NotPublished(f"{path}: nothing is published yet; run `diembao nightly` first")
    try:
        return open_read_only(path)
    except duckdb.Error as error:
        if log_of(path).exists():
            raise NotPublished(
                f"{log_of(path)}: a session wrote into an earlier published file and was killed; remove this file"
            ) from None
        raise NotPublished(f"{path}: can't be opened: {str(error).splitlines()[0]}") from None


def open_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """Raises duckdb.Error."""
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute(SESSION)
    return connection
