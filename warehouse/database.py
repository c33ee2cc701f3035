"""The writer's database: opened by one process at a time, brought to the current schema, loaded in transactions."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.comments import NotDescribed, describe
from warehouse.files import remove_aside
from warehouse.settings import SESSION
from warehouse.statements import literal, statement

#: The format of the file: the one that DuckDB 1.5 tools open, since analysts read a copy of it.
STORAGE = "v1.5.0"
#: A night's end writes the last group of rows again, texts and all: with DuckDB's own 122,880 rows that is the greater
#: part of a night's time, and every file twice as large.
_ROW_GROUP = 8_192
_HERE = Path(__file__).parent
_MIGRATIONS = sorted((_HERE / "migrations").glob("*.sql"))
_VIEWS = sorted((_HERE / "views").glob("*.sql"))


class WarehouseError(Exception):
    """The database can't be used as it is; the message says what to do."""


def warehouse_path(workspace: Path) -> Path:
    return workspace / "warehouse.duckdb"


@contextmanager
def new_warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty warehouse in memory, at the current schema."""
    with closing(duckdb.connect()) as connection:
        connection.execute(SESSION)
        connection.execute(f"SET temp_directory = {literal(Path(gettempdir()) / 'diembao.tmp')}")
        _migrate(connection, Path(":memory:"))
        yield connection


@contextmanager
def open_warehouse(workspace: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The writer's connection, at the current schema with current views. Raises WarehouseError."""
    path = warehouse_path(workspace)
    with open_to_write(path) as connection:
        _migrate(connection, path)
        if _storage(connection) == STORAGE:
            yield connection
            return
    _store_anew(path)
    with open_to_write(path) as connection:
        yield connection


@contextmanager
def open_to_write(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of ours as the current one of a connection; a new file has our storage format. Raises
    WarehouseError."""
    with closing(duckdb.connect()) as connection:
        connection.execute(SESSION)
        try:
            _attach(connection, path, "warehouse")
        except duckdb.Error as error:
            raise WarehouseError(f"{path}: can't be opened: {str(error).splitlines()[0]}") from None
        connection.execute(f"USE warehouse; SET temp_directory = {literal(path.with_name(path.name + '.tmp'))}")
        # One checkpoint at the end, not one for every 16 MB that a night writes.
        connection.execute("SET checkpoint_threshold = '1GB'")
        yield connection
        # Without this the last writes would wait in the log for the next opening.
        connection.execute("USE memory; DETACH warehouse")


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    # DuckDB refuses a file of a later storage when it is asked for an earlier one; a file keeps the one it has.
    storage = "" if path.exists() and path.stat().st_size else f"STORAGE_VERSION '{STORAGE}', "
    connection.execute(f"ATTACH {literal(path)} AS {name} ({storage}ROW_GROUP_SIZE {_ROW_GROUP})")


def _storage(connection: duckdb.DuckDBPyConnection) -> str:
    ((storage,),) = connection.execute(
        "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchall()
    return str(storage).removesuffix("+")


def _store_anew(path: Path) -> None:
    """The same database in today's storage format; the old file is replaced in one rename, or stays. Raises
    WarehouseError."""
    aside = path.with_name(path.name + ".new")
    remove_aside(aside)
    try:
        with open_to_write(path) as connection:
            # Closing may do it too, but is silent where it can't: the old file's log would stay beside the new file.
            connection.execute("CHECKPOINT")
            _attach(connection, aside, "anew")
            connection.execute("COPY FROM DATABASE warehouse TO anew")
            connection.execute("DETACH anew")
    except duckdb.Error as error:
        remove_aside(aside)
        said = str(error).splitlines()[0]
        raise WarehouseError(f"{path}: can't be written in storage {STORAGE}: {said}; its old file stays") from None
    shutil.copymode(path, aside)
    aside.replace(path)


def migrations() -> dict[int, Path]:
    """The files that make the schema, by the version that each brings."""
    return {int(file.name.split("_")[0]): file for file in _MIGRATIONS}


def _applied(connection: duckdb.DuckDBPyConnection, path: Path) -> set[int]:
    """The migrations that the database has seen. Raises WarehouseError where this program does not know one."""
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)")
    applied = {version for (version,) in connection.execute("SELECT version FROM schema_version").fetchall()}
    if newer := applied - migrations().keys():
        # A newer program that was killed left a log; to close would write it into the file.
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        raise WarehouseError(
            f"{path}: has schema {max(newer)}, newer than this program's {max(migrations())}; upgrade diembao"
        )
    return applied


def _migrate(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    applied, known = _applied(connection, path), migrations()
    with transaction(connection):
        for version in sorted(known.keys() - applied):
            _apply(connection, path, known[version])
            connection.execute("INSERT INTO schema_version VALUES (?)", [version])
        _make_views(connection)
        try:
            describe(connection)
        except NotDescribed as error:
            raise WarehouseError(f"{path}: {error}; write it there, or drop what is not diembao's") from None


def _make_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the views where they are not those of our files, to the letter, or somebody has touched them: to make them
    takes longer than all else of an opening, and a night opens the warehouse four times."""
    files = [view.read_text(encoding="utf-8") for view in _VIEWS]
    made = connection.execute("SELECT digest FROM views_made").fetchall()
    if made == [(_digest_of_views(connection, files),)]:
        return
    for text in files:
        connection.execute(text)
    replace_rows(connection, "views_made", [{"digest": _digest_of_views(connection, files)}])


def _digest_of_views(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> str:
    held = connection.execute(
        "SELECT view_name, sql FROM duckdb_views()"
        " WHERE NOT internal AND database_name = current_database() ORDER BY ALL"
    ).fetchall()
    return hashlib.sha256(repr((files, held)).encode()).hexdigest()


def _apply(connection: duckdb.DuckDBPyConnection, path: Path, migration: Path) -> None:
    try:
        connection.execute(migration.read_text(encoding="utf-8"))
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        raise WarehouseError(
            f"{path}: migration {migration.name} fails: {said}; the database stays as it was"
        ) from None


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
    connection.execute(statement(name))


def replace_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Replaces what `table` holds by `rows`. Not every row has every column: all that any row has are filled."""
    connection.execute(f"DELETE FROM {table}")
    insert_rows(connection, table, rows)


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Adds `rows`. Not every row has every column: all that any row has are filled."""
    if not rows:
        return
    keys = dict.fromkeys(key for row in rows for key in row)
    connection.register("staged", pa.table({key: [row.get(key) for row in rows] for key in keys}))
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM staged")
    connection.unregister("staged")
