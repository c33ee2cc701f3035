"""The published tables as Parquet, for other engines. The long ones are written by month, and only what has changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from warehouse.statements import literal

#: The long tables: the month of a row, and the columns that tell whether it has changed. The text of a version follows
#: from its id and from the rules that read it.
_BY_MONTH = {
    "articles": ("strftime(counted_on, '%Y-%m')", "* EXCLUDE (sapo, body, captions, folded)"),
    "article_versions": ("strftime(captured_at, '%Y-%m')", "* EXCLUDE (sapo, body, captions, folded)"),
    "captures": ("strftime(captured_at, '%Y-%m')", "*"),
    "fetches": ("run_id[:4] || '-' || run_id[5:6]", "*"),
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

    def copy(query: str, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = file.with_name(file.name + ".new")
        written.aside.append(aside)
        connection.execute(f"COPY ({query}) TO {literal(aside)} (FORMAT parquet, COMPRESSION zstd)")

    for table in tables:
        columns = f"* {_LEFT_OUT.get(table, '')}"
        if table not in _BY_MONTH:
            copy(f"SELECT {columns} FROM {table}", directory / f"{table}.parquet")
            continue
        for month, digest in _months(connection, table):
            name = f"{table}/nam={month[:4]}/thang={month[5:]}"
            now[name] = digest
            file = directory / name / f"{table}.parquet"
            if known.get(name) != digest or not file.exists():
                copy(f"SELECT {columns} FROM {table} WHERE {_BY_MONTH[table][0]} = '{month}'", file)
    written.gone.extend(directory / name for name in known.keys() - now.keys())
    written.aside.append(digests.with_name(digests.name + ".new"))
    written.aside[-1].write_text(json.dumps(now, indent=1))


def _months(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """The months that a table has rows of, each with a digest of them."""
    month, columns = _BY_MONTH[table]
    ((rules,),) = connection.execute(
        "SELECT coalesce(string_agg(DISTINCT fingerprint, ' ' ORDER BY fingerprint), '') FROM processed_files"
    ).fetchall()
    found = connection.execute(
        f"SELECT month, count(*), bit_xor(hash(told)), sum(hash(told)) FROM"
        f" (SELECT {month} AS month, told FROM (SELECT {columns} FROM {table}) AS told) GROUP BY month ORDER BY month"
    ).fetchall()
    return [(month, f"{rules} {count} {mixed} {added}") for month, count, mixed, added in found]
