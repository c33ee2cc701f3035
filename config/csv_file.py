"""Tables that people keep in a spreadsheet, read as spreadsheets write them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from config.clock import VIETNAM
from config.errors import ConfigError, Problem

_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)|(?P<month_first>\d\d?)/(?P<year_last>\d{4})")
_DATES = ("%Y-%m-%d", "%d/%m/%Y")

#: Reads a cell. Raises ValueError, whose message says what is wrong and how it is written.
Column = Callable[[str], Any]


def read_csv(path: Path, columns: Mapping[str, Column]) -> list[dict[str, Any]]:
    """All rows that are not empty, each by its columns. Raises ConfigError with every problem found, with its line."""
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for line, cells in _rows(path, list(columns)):
        row: dict[str, Any] = {}
        wrong = list(_read(cells, columns, row))
        problems += [Problem(path, line, 1, what) for what in wrong]
        if not wrong:
            rows.append(row)
    if problems:
        raise ConfigError(problems)
    return rows


def filled(text: str) -> str:
    """A cell that must not be empty."""
    if not text:
        raise ValueError("is empty; fill it in")
    return text


def month(text: str) -> str:
    """2021-07 or 7/2021, as 2021-07."""
    found = _MONTH.fullmatch(filled(text))
    number = int(found["month"] or found["month_first"]) if found else 0
    if not found or not 1 <= number <= 12:
        raise ValueError(f"'{text}' is no month; write it as 2021-07 or 07/2021")
    return f"{found['year'] or found['year_last']}-{number:02}"


def day(text: str) -> dt.date:
    """2021-07-05 or 05/07/2021."""
    filled(text)
    for form in _DATES:
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=VIETNAM).date()
        except ValueError:
            continue
    raise ValueError(f"'{text}' is no day of the calendar; write it as 2021-07-05 or 05/07/2021")


def _read(cells: Sequence[str], columns: Mapping[str, Column], row: dict[str, Any]) -> Iterator[str]:
    """Fills `row`; tells what can't be taken, with the remedy."""
    if len(cells) > len(columns):
        yield "has more cells than there are columns; quote a cell in which the separator stands"
        return
    for (name, read), cell in zip(columns.items(), cells, strict=True):
        try:
            row[name] = read(cell)
        except ValueError as error:
            yield f"{name}: {error}"


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that is not empty, in the order of `columns`, then what stands beyond them; with the line
    that the row begins in. Raises ConfigError."""
    text = _text(path)
    # Spreadsheets of Vietnam write ";" where others write ",".
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        header = _without_empty_end(next(reader, []))
        if sorted(header) != sorted(columns):
            what = f"the first line must name the columns {', '.join(columns)}, each once, and no other"
            raise ConfigError([Problem(path, 1, 1, what)])
        line = reader.line_num + 1
        for row in reader:
            if cells := _without_empty_end(row):
                named = dict(zip(header, [*cells, *[""] * len(header)], strict=False))
                yield line, [named[name] for name in columns] + cells[len(header) :]
            line = reader.line_num + 1
    except csv.Error as error:
        what = f"not valid CSV: {error}; check the quotes from here on"
        raise ConfigError([Problem(path, line, 1, what)]) from None


def _text(path: Path) -> str:
    """What the file holds, each letter in one form. Raises ConfigError."""
    line = 1
    try:
        return unicodedata.normalize("NFC", path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        what = "file is missing; `diembao init DIR` writes a complete set"
    except UnicodeDecodeError as error:
        line, what = error.object.count(b"\n", 0, error.start) + 1, "is not UTF-8; save it as CSV UTF-8"
    except OSError as error:
        what = f"can't be read: {error.strerror or error}"
    raise ConfigError([Problem(path, line, 1, what)])


def _without_empty_end(row: list[str]) -> list[str]:
    """The cells of a row without the empty ones at its end, which spreadsheets leave behind."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells
