"""The published tables as Parquet, for other engines. The long ones are written by month, and only what has changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from warehouse.statements import literal


@dataclass(frozen=True, slots=True)
class _Long:
    """A table that is written by month: SQL for a row's month (`2021-07`), for whether a row is of a month, and the
    columns that tell whether a row has changed."""

    month: str
    within: Callable[[str], str]
    telling: str = "*"


def _of_times(column: str, telling: str = "*") -> _Long:
    def within(month: str) -> str:
        """Bounds of the column: DuckDB passes over what is not the month's without reading it."""
        year, number = int(month[:4]), int(month[5:])
        after = f"{year + number // 12:04}-{number % 12 + 1:02}"
        return f"{column} >= '{month}-01' AND {column} < '{after}-01'"

    return _Long(f"strftime({column}, '%Y-%m')", within, telling)


#: A run is named by its time; what an archive made elsewhere calls a run may be named otherwise.
_RUN_MONTH = r"CASE WHEN regexp_matches(run_id, '^\d{6}') THEN run_id[:4] || '-' || run_id[5:6] ELSE '0000-00' END"
#: The text of a version follows from its id and from the rules that read it.
_NO_TEXT = "* EXCLUDE (sapo, body, captions, folded)"
_BY_MONTH = {
    "articles": _of_times("counted_on", _NO_TEXT),
    "article_versions": _of_times("captured_at", _NO_TEXT),
    "captures": _of_times("captured_at"),
    "fetches": _Long(_RUN_MONTH, lambda month: f"{_RUN_MONTH} = '{month}'"),
}
#: `folded` repeats the text for the search of the published database; to write it takes longer than all else.
_LEFT_OUT = {"articles": "EXCLUDE (folded)", "article_versions": "EXCLUDE (folded)", "topic_texts": "EXCLUDE (folded)"}


@dataclass(frozen=True, slots=True)
class Written:
    """Files that wait to be put into place, and folders of months that are no longer there."""

    aside: list[Path] = field(default_factory=list)
    gone: list[Path] = field(default_factory=list)

    def put_in_place(self) -> None:
        """Each file appears in one rename."""
        for file in self.aside:
            file.replace(file.with_suffix(""))
        for folder in self.gone:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def written_parquet(connection: duckdb.DuckDBPyConnection, directory: Path, tables: Sequence[str]) -> Iterator[Written]:
    """Writes each table aside: as TABLE.parquet, the long ones as TABLE/nam=2021/thang=07/TABLE.parquet (hive
    partitions). What is not put into place is removed. Raises OSError and duckdb.Error."""
    written = Written()
    try:
        _write(connection, directory, tables, written)
        yield written
    finally:
        for file in written.aside:
            file.unlink(missing_ok=True)


def _write(connection: duckdb.DuckDBPyConnection, directory: Path, tables: Sequence[str], written: Written) -> None:
    digests = directory / "digests.json"
    known = json.loads(digests.read_text()) if digests.exists() else {}
    now: dict[str, str] = {}

    def copy(query: str, file: Path, *, in_order: bool) -> None:
        # Small groups of rows in any order: both processors of a small machine write a month's file, in half the time.
        connection.execute(f"SET preserve_insertion_order = {in_order}")
        small_groups = "" if in_order else ", ROW_GROUP_SIZE 20480"
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = file.with_name(file.name + ".new")
        written.aside.append(aside)
        connection.execute(f"COPY ({query}) TO {literal(aside)} (FORMAT parquet, COMPRESSION zstd{small_groups})")

    for table in tables:
        columns = f"* {_LEFT_OUT.get(table, '')}"
        if table not in _BY_MONTH:
            copy(f"SELECT {columns} FROM {table}", directory / f"{table}.parquet", in_order=True)
            continue
        for month, digest in _months(connection, table):
            name = f"{table}/nam={month[:4]}/thang={month[5:]}"
            now[name] = digest
            file = directory / name / f"{table}.parquet"
            if known.get(name) != digest or not file.exists():
                copy(f"SELECT {columns} FROM {table} WHERE {_BY_MONTH[table].within(month)}", file, in_order=False)
    written.gone.extend(directory / name for name in known.keys() - now.keys())
    written.aside.append(digests.with_name(digests.name + ".new"))
    written.aside[-1].write_text(json.dumps(now, indent=1))


def _months(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """The months that a table has rows of, each with a digest of them."""
    long = _BY_MONTH[table]
    ((rules,),) = connection.execute(
        "SELECT coalesce(string_agg(DISTINCT fingerprint, ' ' ORDER BY fingerprint), '') FROM processed_files"
    ).fetchall()
    found = connection.execute(
        f"SELECT month, count(*), bit_xor(hash(told)), sum(hash(told)) FROM (SELECT {long.month} AS month, told"
        f" FROM (SELECT {long.telling} FROM {table}) AS told) GROUP BY month ORDER BY month"
    ).fetchall()
    return [(month, f"{rules} {count} {mixed} {added}") for month, count, mixed, added in found]
