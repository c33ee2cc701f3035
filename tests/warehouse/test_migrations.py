"""A warehouse of any earlier schema opens with today's code and loses nothing that the archive can't give back.

The databases in tests/warehouse/stored were written by the code of their time (make.py there says how).
"""

from __future__ import annotations

import lzma
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.conftest import ROOT, SAMPLES, diembao, first_of
from tests.digests import differing, digests
from tests.warehouse.dying import MOMENTS, Dying
from tests.warehouse.stored.make import STORED, lay, stored
from warehouse import database
from warehouse.database import (
    STORAGE,
    WarehouseError,
    migrations,
    new_warehouse,
    open_warehouse,
    warehouse_path,
)
from warehouse.files import log_of
from warehouse.publish import publish
from warehouse.published import open_published, published_path

Connection = duckdb.DuckDBPyConnection
Rows = dict[str, list[tuple[Any, ...]]]

VERSIONS = sorted(int(file.name[:4]) for file in STORED.glob("*.duckdb.xz"))
every_version = pytest.mark.parametrize("version", first_of(2, [VERSIONS[0], VERSIONS[-1], *VERSIONS[1:-1]]))
#: The last before storage was set: what a kill or a failure does to it does not depend on the schema.
LAST = 4

#: What migrations give up until the archive is read again, as they say: the tables that the migration of this number
#: made anew, or emptied.
ANEW = {"feeds": 2, "fetches": 2, "crawls": 5, "processed_files": 5}
#: Empty in the stored databases: no archive so small fills the one, and the other is a list of work that is done.
EMPTY = {"story_links", "story_pending"}
#: Numbers of texts are given in the order of loading.
NUMBERS = ("text_no",)
TABLES = "SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"
#: All that a schema is made of, comments too; but where a sequence starts, for a copied one starts where it goes on.
SCHEMA = (
    "SELECT table_name, sql, comment FROM duckdb_tables() WHERE NOT internal ORDER BY ALL",
    "SELECT table_name, column_index, column_name, data_type, column_default, is_nullable, comment"
    " FROM duckdb_columns() WHERE NOT internal ORDER BY ALL",
    "SELECT table_name, constraint_type, constraint_text FROM duckdb_constraints() ORDER BY ALL",
    "SELECT view_name, sql, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
    "SELECT sequence_name, increment_by, cycle FROM duckdb_sequences() ORDER BY ALL",
    "SELECT function_name, macro_definition FROM duckdb_functions() WHERE NOT internal ORDER BY ALL",
    "SELECT table_name, index_name, sql FROM duckdb_indexes() ORDER BY ALL",
)


def _workspace(folder: Path, version: int) -> Path:
    """A workspace with archive, journal and the database of that version."""
    workspace = folder / f"workspace-{version}"
    lay(workspace)
    warehouse_path(workspace).write_bytes(lzma.decompress(stored(version).read_bytes()))
    return workspace


def _schema(connection: Connection) -> list[list[tuple[Any, ...]]]:
    return [connection.execute(query).fetchall() for query in SCHEMA]


def _columns(connection: Connection) -> dict[str, list[str]]:
    tables = [table for (table,) in connection.execute(TABLES).fetchall()]
    return {table: [name for name, *_ in connection.execute(f"DESCRIBE {table}").fetchall()] for table in tables}


def _rows(connection: Connection, columns: dict[str, list[str]]) -> Rows:
    return {
        table: sorted(connection.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall(), key=repr)
        for table, names in columns.items()
    }


def _stored_rows(workspace: Path) -> tuple[dict[str, list[str]], Rows]:
    """Columns and rows as the code of the time left them."""
    with closing(duckdb.connect(str(warehouse_path(workspace)), read_only=True)) as connection:
        connection.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
        columns = _columns(connection)
        return columns, _rows(connection, columns)


def _promised(version: int, tables: Rows) -> list[str]:
    given_up = {table for table, made_anew in ANEW.items() if version < made_anew}
    return sorted(tables.keys() - given_up - {"schema_version", "views_made"})


def _storage(connection: Connection) -> str:
    return database._storage(connection)


def _beside(workspace: Path) -> list[str]:
    return sorted(file.name for file in workspace.glob("warehouse*"))


def _python(*arguments: str) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode


def test_every_schema_before_todays_has_its_stored_database() -> None:
    assert sorted(migrations())[:-1] == VERSIONS


@every_version
def test_stored_database_is_of_its_version_with_rows_in_every_table_and_none_of_them_press(
    version: int, tmp_path: Path
) -> None:
    _, rows = _stored_rows(_workspace(tmp_path, version))
    assert rows["schema_version"] == [(number,) for number in range(1, version + 1)]
    assert {table for table, held in rows.items() if not held} <= EMPTY
    ours = {row["url"] for row in yaml.safe_load((SAMPLES / "expected.yaml").read_text(encoding="utf-8"))["articles"]}
    with closing(duckdb.connect(str(tmp_path / f"workspace-{version}" / "warehouse.duckdb"))) as connection:
        assert {url for (url,) in connection.execute("SELECT url FROM article_heads").fetchall()} <= ours


@every_version
def test_it_reaches_the_schema_of_a_new_database_in_the_storage_that_analysts_can_open(
    version: int, tmp_path: Path
) -> None:
    workspace = _workspace(tmp_path, version)
    with open_warehouse(workspace) as connection:
        assert _storage(connection) == STORAGE == "v1.5.0"
        migrated = _schema(connection)
    with new_warehouse() as connection:
        assert migrated == _schema(connection)
    assert _beside(workspace) == ["warehouse.duckdb"]
    with open_warehouse(workspace) as connection:
        assert _storage(connection) == STORAGE
        assert _schema(connection) == migrated


@every_version
def test_it_keeps_every_row_but_those_that_a_migration_gives_up(version: int, tmp_path: Path) -> None:
    workspace = _workspace(tmp_path, version)
    columns, rows = _stored_rows(workspace)
    kept = _promised(version, rows)
    assert {"reviews", "reports_sent", "article_versions", "captures", "story_members"} <= set(kept)
    with open_warehouse(workspace) as connection:
        assert _rows(connection, {table: columns[table] for table in kept}) == {table: rows[table] for table in kept}
        to_read = connection.execute("FROM processed_files").fetchall() == []
        assert to_read == (version < ANEW["processed_files"]), (
            "the archive will be read again where the schema needs it"
        )
        numbers = connection.execute("SELECT count(*), count(DISTINCT text_no) FROM article_versions").fetchall()
        assert numbers == [(11, 11)], "a published text is found by its number"


@every_version
def test_it_can_be_published_before_the_archive_is_read_again(version: int, tmp_path: Path) -> None:
    workspace = _workspace(tmp_path, version)
    publish(workspace)
    with closing(open_published(workspace)) as connection:
        assert connection.execute("SELECT count(*), count(body), count(story_id) FROM articles").fetchall() == [
            (11, 11, 11)
        ]
        assert connection.execute("SELECT count(*) FROM mentions WHERE decided_by IS NOT NULL").fetchall() == [(1,)]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What today's code publishes of the same archive and journal."""
    workspace = tmp_path_factory.mktemp("fresh") / "workspace"
    lay(workspace)
    return _published(workspace)


@pytest.mark.parametrize("version", first_of(1, VERSIONS))
def test_when_the_archive_has_been_read_again_it_says_what_a_new_one_says(
    version: int, fresh: dict[str, str], tmp_path: Path
) -> None:
    assert differing(_published(_workspace(tmp_path, version)), fresh) == []


def _published(workspace: Path) -> dict[str, str]:
    diembao("process", "--jobs", "1", "--data", str(workspace), code=1)  # the cut in the archive is told
    publish(workspace)
    return digests(published_path(workspace), without=NUMBERS)


@every_version
def test_migration_that_fails_half_way_leaves_the_file_as_it_was(
    version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = _workspace(tmp_path, version)
    before = warehouse_path(workspace).read_bytes()
    bad = tmp_path / "9999_bad.sql"
    bad.write_text("CREATE TABLE half_way (n INTEGER); DELETE FROM reviews; UPDATE outlets SET no_such_column = 1;")
    with monkeypatch.context() as patched:
        patched.setattr(database, "_MIGRATIONS", [*database._MIGRATIONS, bad])
        with pytest.raises(WarehouseError, match=r"migration 9999_bad\.sql fails: .*no_such_column.*stays as it was$"):
            _open(workspace)
    assert warehouse_path(workspace).read_bytes() == before
    assert _beside(workspace) == ["warehouse.duckdb"]
    _open(workspace)


@pytest.mark.parametrize("moment", first_of(1, MOMENTS))
def test_killed_while_it_is_stored_anew_it_opens_the_next_time(moment: str, tmp_path: Path) -> None:
    workspace = _workspace(tmp_path, LAST)
    columns, rows = _stored_rows(workspace)
    assert _python("-m", "tests.warehouse.dying", str(workspace), moment) == -9
    _is_whole(workspace, columns, rows)


def test_leftovers_of_any_kind_beside_it_do_no_harm(tmp_path: Path) -> None:
    workspace = _workspace(tmp_path, LAST)
    columns, rows = _stored_rows(workspace)
    aside = workspace / "warehouse.duckdb.new"
    for file in (aside, log_of(aside)):
        file.write_bytes(b"not a database" * 1000)
    _is_whole(workspace, columns, rows)


def test_what_a_killed_writer_of_the_old_file_left_in_its_log_is_not_lost(tmp_path: Path) -> None:
    workspace = _workspace(tmp_path, LAST)
    _killed_after(workspace, "INSERT INTO archive_damages VALUES ('archive/x.warc.gz', 7, 'in the log')")
    with open_warehouse(workspace) as connection:
        assert _storage(connection) == STORAGE
        found = connection.execute("SELECT what FROM archive_damages WHERE archive_offset = 7").fetchall()
        assert found == [("in the log",)]
    assert _beside(workspace) == ["warehouse.duckdb"]


def test_it_stays_in_its_old_storage_where_there_is_no_room_for_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(Dying):
        def execute(self, statement: str) -> Connection:
            if statement.startswith("DETACH"):
                raise duckdb.IOException("IO Error: No space left on device\nmore of it")
            return super().execute(statement)

    workspace = _workspace(tmp_path, LAST)
    columns, rows = _stored_rows(workspace)
    open_to_write, store_anew = database.open_to_write, database._store_anew

    @contextmanager
    def open_full(path: Path) -> Iterator[Full]:
        with open_to_write(path) as connection:
            yield Full(connection, "-")

    with monkeypatch.context() as patched:

        def store_full(path: Path) -> None:
            patched.setattr(database, "open_to_write", open_full)
            store_anew(path)

        patched.setattr(database, "_store_anew", store_full)
        with pytest.raises(WarehouseError, match=r"storage v1\.5\.0: .*No space left on device; its old file stays$"):
            _open(workspace)
    assert _beside(workspace) == ["warehouse.duckdb"]
    _is_whole(workspace, columns, rows)


def test_stored_anew_it_keeps_its_mode_and_goes_on_with_its_numbers(tmp_path: Path) -> None:
    path = warehouse_path(_workspace(tmp_path, LAST))
    path.chmod(0o600)
    with closing(duckdb.connect(str(path))) as connection:
        database._migrate(connection, path)
        assert _storage(connection) != STORAGE, "today's schema in the old storage"
    with open_warehouse(path.parent) as connection:
        assert _storage(connection) == STORAGE
        assert connection.execute("SELECT nextval('text_numbers')").fetchall() == [(12,)]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("command", ["process", "publish"])
@pytest.mark.parametrize("killed", first_of(1, [True, False]))
def test_newer_schema_is_refused_in_one_line_and_not_touched(command: str, killed: bool, tmp_path: Path) -> None:
    workspace = _workspace(tmp_path, LAST)
    _open(workspace)
    with closing(duckdb.connect(str(warehouse_path(workspace)))) as connection:
        connection.execute("CREATE TABLE of_tomorrow (n INTEGER); INSERT INTO schema_version VALUES (999)")
    if killed:
        _killed_after(workspace, "INSERT INTO of_tomorrow VALUES (1)")
    before = {name: (workspace / name).read_bytes() for name in _beside(workspace)}
    assert len(before) == 1 + killed, "and its log"
    said = diembao(command, "--data", str(workspace), code=2)
    assert said.stderr.splitlines()[-1] == (
        f"{warehouse_path(workspace)}: has schema 999, newer than this program's {max(migrations())}; upgrade diembao"
    )
    assert "Traceback" not in said.stderr
    assert {name: (workspace / name).read_bytes() for name in _beside(workspace)} == before


def _open(workspace: Path) -> None:
    with open_warehouse(workspace):
        pass


def _is_whole(workspace: Path, columns: dict[str, list[str]], rows: Rows) -> None:
    """It opens, with its rows, in today's storage, and nothing is left beside it."""
    kept: Sequence[str] = _promised(LAST, rows)
    with open_warehouse(workspace) as connection:
        assert _storage(connection) == STORAGE
        assert _rows(connection, {table: columns[table] for table in kept}) == {table: rows[table] for table in kept}
    assert _beside(workspace) == ["warehouse.duckdb"]


def _killed_after(workspace: Path, statement: str) -> None:
    """Writes, is killed, and leaves a log."""
    script = (
        "import os, sys, duckdb; connection = duckdb.connect(sys.argv[1]); connection.execute(sys.argv[2]);"
        " os.kill(os.getpid(), 9)"
    )
    assert _python("-c", script, str(warehouse_path(workspace)), statement) == -9
    assert log_of(warehouse_path(workspace)).exists()
