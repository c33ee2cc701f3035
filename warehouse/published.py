"""The analysts' read-only copy of the warehouse, and how it is opened."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.settings import SESSION


class NotPublished(Exception):
    """The workspace has no published database yet."""


def published_path(workspace: Path) -> Path:
    return workspace / "published" / "coverage.duckdb"


def open_published(workspace: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection; times are shown in Asia/Ho_Chi_Minh. Raises NotPublished."""
    path = published_path(workspace)
    if not path.exists():
        raise NotPublished(f"{path}: nothing is published yet; run `diembao nightly` first")
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute(SESSION)
    return connection
