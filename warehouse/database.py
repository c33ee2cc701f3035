"""The writer's database: opened by one process at a time, brought to the current schema, loaded in transactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.settings import SESSION

_HERE = Path(__file__).parent
_MIGRATIONS = sorted((_HERE / "migrations").glob("*.sql"))
_VIEWS = sorted((_HERE / "views").glob("*.sql"))


class WarehouseError(Exception):
    """The database can't be used as it is; the message says what to do."""


def warehouse_path(workspace: Path) -> Path:
    return workspace / "warehouse.duckdb"


@contextmanager
def open_warehouse(workspace: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The writer's connection, at the current schema with current views. Raises WarehouseError."""
    path = warehouse_path(workspace)
    try:
        connection = duckdb.connect(str(path))
    except duckdb.Error as error:
        raise WarehouseError(f"{path}: can't be opened: {str(error).splitlines()[0]}") from None
    try:
        connection.execute(SESSION)
        _migrate(connection, path)
        yield connection
    finally:
        connection.close()


def migrations() -> dict[int, Path]:
    """The files that make the schema, by the version that each brings."""
    return {int(file.name.split("_")[0]): file for file in _MIGRATIONS}


def _migrate(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)")
    connection.execute("COMMENT ON TABLE schema_version IS 'Migrations applied, by number'")
    connection.execute("COMMENT ON COLUMN schema_version.version IS 'Number of the migration file'")
    applied = {version for (version,) in connection.execute("SELECT version FROM schema_version").fetchall()}
    known = migrations()
    if newer := applied - known.keys():
        raise WarehouseError(
            f"{path}: has schema {max(newer)}, newer than this program's {max(known)}; upgrade diembao"
        )
    with transaction(connection):
        for version in sorted(known.keys() - applied):
            connection.execute(known[version].read_text(encoding="utf-8"))
            connection.execute("INSERT INTO schema_version VALUES (?)", [version])
        for view in _VIEWS:
            connection.execute(view.read_text(encoding="utf-8"))


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing."""
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def stage(connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[dict[str, Any]], schema: pa.Schema) -> None:
    """Puts rows into the temporary table `name`."""
    connection.register("staged", pa.Table.from_pylist(list(rows), schema=schema))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM staged")
    connection.unregister("staged")


def run_script(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Runs a file of warehouse/sql."""
    connection.execute((_HERE / "sql" / f"{name}.sql").read_text(encoding="utf-8"))
