"""The analysts' read-only copy of the warehouse, and how it is opened."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import duckdb

from warehouse.database import migrations
from warehouse.files import log_of
from warehouse.settings import SESSION


class NotPublished(Exception):
    """The workspace has no published database, or none that can be opened; the message says what to do."""


def published_path(workspace: Path) -> Path:
    return workspace / "published" / "coverage.duckdb"


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


@contextmanager
def published_with_digest(workspace: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """The same, and the SHA-256 of the very file that it reads, which has today's tables. Raises NotPublished."""
    path = published_path(workspace)
    with ExitStack() as stack:
        while True:
            if not path.exists():
                open_published(workspace)  # it says so
            # The file stays open as long as the connection: closing it would give up DuckDB's lock on it as well.
            file = stack.enter_context(path.open("rb"))
            connection = stack.enter_context(closing(open_published(workspace)))
            # DuckDB opens by name, and a night may publish another file in between. The one that has the name before
            # and after is the one that DuckDB has.
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                break
        ((schema,),) = connection.execute("SELECT max(version) FROM schema_version").fetchall()
        if schema < max(migrations()):
            raise NotPublished(f"{path}: was published by an older diembao; run `diembao publish` first")
        yield connection, hashlib.file_digest(file, "sha256").hexdigest()
