"""An answer as a file: CSV, Parquet, or a workbook. It appears whole, or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format

from config.clock import VIETNAM
from schedules.cells import inert, plain
from schedules.sql import asking, names

#: What Excel takes: rows beside the header, columns, and characters (UTF-16) of a text.
MOST_ROWS, MOST_COLUMNS, MOST_TEXT = 1_048_575, 16_384, 32_767
#: Excel keeps 15 digits of a number; longer ones are written as text.
_DIGITS = 15
#: The same answer is the same file, byte for byte, so a workbook does not say when it was made.
_CREATED = dt.datetime(1980, 1, 1)
_CHUNK = 10_000
_TRUNCATED = -2  # of XlsxWriter's write_string

Row = tuple[Any, ...]


class NotExported(Exception):
    """Nothing was written; says the file, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Exported:
    """`cut` counts the texts that a cell could not take whole."""

    rows: int
    cut: int = 0


def export(workspace: Path, statement: str, file: Path) -> Exported:
    """Writes the answer to the file, whose suffix says how; one that is there is replaced.

    Raises NotPublished, NoAnswer and NotExported.
    """
    write = _WRITERS.get(file.suffix.lower())
    if write is None:
        raise NotExported(f"{file}: the ending tells the format, and may be {', '.join(_WRITERS)}")
    aside = file.with_name(f"{file.name}.new")
    try:
        with asking(workspace) as connection:
            exported = write(connection, statement, aside)
        aside.replace(file)
    except _Unfit as error:
        raise NotExported(f"{file}: {error}") from None
    except OSError as error:
        raise NotExported(f"{file}: can't be written: {error.strerror or error}") from None
    finally:
        aside.unlink(missing_ok=True)
    return exported


class _Unfit(Exception):
    """The format can't hold the answer."""


def _write_csv(connection: duckdb.DuckDBPyConnection, statement: str, aside: Path) -> Exported:
    """UTF-8 with a byte-order mark, without which Excel takes Vietnamese for something else."""
    columns = _execute(connection, statement)
    count = 0
    with aside.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([inert(name) for name in columns])
        for row in _rows(connection):
            writer.writerow([plain(value) for value in row])
            count += 1
    return Exported(count)


def _write_parquet(connection: duckdb.DuckDBPyConnection, statement: str, aside: Path) -> Exported:
    """Through Arrow: the statement itself may write no file. Columns of one name are told apart by DuckDB."""
    relation = connection.sql(statement)
    if relation is None:
        raise _Unfit(_NOTHING)
    table = relation.to_arrow_table()
    try:
        pq.write_table(table, aside, compression="zstd")
    except pa.ArrowException as error:
        raise _Unfit(f"Parquet has no such type; CAST the column to VARCHAR ({error})") from None
    return Exported(table.num_rows)


def _write_xlsx(connection: duckdb.DuckDBPyConnection, statement: str, aside: Path) -> Exported:
    """One sheet. All rows are had before the first is written, so that too many are refused at once."""
    columns = _execute(connection, statement)
    if len(columns) > MOST_COLUMNS:
        raise _Unfit(f"a sheet takes {MOST_COLUMNS:,} columns, and the answer has more; write .csv or .parquet")
    rows = connection.fetchmany(MOST_ROWS + 1)
    if len(rows) > MOST_ROWS:
        raise _Unfit(
            f"a sheet takes {MOST_ROWS:,} rows beside its header, and the answer has more; write .csv or .parquet"
        )
    whole = io.BytesIO()  # on a full disk XlsxWriter's own file would leave a traceback behind it
    book = xlsxwriter.Workbook(whole, {"constant_memory": True})
    book.set_properties({"created": _CREATED})
    sheet = _Sheet(book, columns)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    sheet.widen()
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] from None  # an OSError
    aside.write_bytes(whole.getbuffer())
    return Exported(len(rows), sheet.cut)


class _Sheet:
    """Writes cells by what they are, never by what they look like, and counts what it had to cut."""

    def __init__(self, book: xlsxwriter.Workbook, columns: list[str]) -> None:
        self.cut = 0
        self._sheet = book.add_worksheet("diembao")
        self._sheet.freeze_panes(1, 0)
        self._moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        self._day = book.add_format({"num_format": "dd/mm/yyyy"})
        self._widths = [8] * len(columns)
        header = book.add_format({"bold": True})
        for column, name in enumerate(columns):
            self._text(0, column, inert(name), header)

    def write(self, row: int, column: int, value: Any) -> None:
        if isinstance(value, bool):
            self._sheet.write_boolean(row, column, value)
        elif isinstance(value, int | float | Decimal) and _exact(value):
            self._sheet.write_number(row, column, value)
            self._widen(column, len(str(value)))
        elif isinstance(value, dt.date) and 1900 <= value.year < 9999:  # datetimes are dates; Excel knows no others
            day_only = not isinstance(value, dt.datetime)
            self._sheet.write_datetime(row, column, _wall_clock(value), self._day if day_only else self._moment)
            self._widen(column, 16)
        elif value is not None:
            text = plain(value)
            self._text(row, column, text if isinstance(text, str) else str(text))

    def widen(self) -> None:
        """A date that its column is too narrow for is shown as ####."""
        for column, width in enumerate(self._widths):
            self._sheet.set_column(column, column, width + 2)

    def _text(self, row: int, column: int, text: str, look: Format | None = None) -> None:
        # XlsxWriter takes such a text for markup of its own making and writes it as it is.
        if text.startswith("<r>") and text.endswith("</r>"):
            text = f"'{text}"
        self.cut += self._sheet.write_string(row, column, text, look) == _TRUNCATED
        self._widen(column, len(text))

    def _widen(self, column: int, width: int) -> None:
        self._widths[column] = max(self._widths[column], min(width, 60))


def _exact(number: float | Decimal) -> bool:
    """Whether Excel keeps it. A float has about as many digits as Excel; infinities it does not know."""
    if isinstance(number, float):
        return math.isfinite(number)
    return len(Decimal(number).normalize().as_tuple().digits) <= _DIGITS


def _wall_clock(value: dt.date) -> dt.date:
    """What a clock in Vietnam showed: Excel knows no time zones."""
    if isinstance(value, dt.datetime) and value.tzinfo:
        return value.astimezone(VIETNAM).replace(tzinfo=None)
    return value


_NOTHING = "the statement has no answer to write"


def _execute(connection: duckdb.DuckDBPyConnection, statement: str) -> list[str]:
    connection.execute(statement)
    columns = names(connection)
    if not columns:
        raise _Unfit(_NOTHING)
    return columns


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    while rows := connection.fetchmany(_CHUNK):
        yield from rows


_WRITERS: dict[str, Callable[[duckdb.DuckDBPyConnection, str, Path], Exported]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".xlsx": _write_xlsx,
}
