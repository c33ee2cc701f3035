"""activities.csv: what the units in charge reported by hand for the plan's activities, one result a line.

The one file of the configuration that is kept in a spreadsheet, so it is read as spreadsheets write it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

from config.clock import VIETNAM
from config.errors import ConfigError, Problem
from config.plan import ActivityId

FILE = "activities.csv"
_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)|(?P<month_first>\d\d?)/(?P<year_last>\d{4})")
_DATES = ("%Y-%m-%d", "%d/%m/%Y")


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A result of an activity in a `month` (2021-07), as `unit` reported it; `document` says so, and is `dated`."""

    activity_id: str
    month: str
    result: str
    unit: str
    document: str
    dated: dt.date


_COLUMNS = tuple(field.name for field in fields(PlanEntry))


def read_entries(path: Path) -> tuple[PlanEntry, ...]:
    """All entries, in the file's order. Raises ConfigError with every problem found, each with its line."""
    entries: list[PlanEntry] = []
    problems: list[Problem] = []
    for line, cells in _rows(path):
        wrong = list(_wrong(cells))
        problems += [Problem(path, line, 1, what) for what in wrong]
        if not wrong:
            named: dict[str, Any] = dict(zip(_COLUMNS, cells, strict=True))
            entries.append(PlanEntry(**named | {"month": _month(named["month"]), "dated": _date(named["dated"])}))
    if problems:
        raise ConfigError(problems)
    return tuple(entries)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that is not empty, in the order of _COLUMNS, then what stands beyond them; with the line
    that the row begins in. Raises ConfigError."""
    text = _text(path)
    # Spreadsheets of Vietnam write ";" where others write ",".
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        header = _filled(next(reader, []))
        if sorted(header) != sorted(_COLUMNS):
            what = f"the first line must name the columns {', '.join(_COLUMNS)}, each once, and no other"
            raise ConfigError([Problem(path, 1, 1, what)])
        line = reader.line_num + 1
        for row in reader:
            if cells := _filled(row):
                named = dict(zip(header, [*cells, *[""] * len(header)], strict=False))
                yield line, [named[name] for name in _COLUMNS] + cells[len(header) :]
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


def _filled(row: list[str]) -> list[str]:
    """The cells of a row without the empty ones at its end, which spreadsheets leave behind."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _wrong(cells: Sequence[str]) -> Iterator[str]:
    """What of a row can't be taken, with the remedy."""
    if len(cells) > len(_COLUMNS):
        yield "has more cells than there are columns; quote a cell in which the separator stands"
        return
    for name, cell in zip(_COLUMNS, cells, strict=True):
        if not cell:
            yield f"{name}: is empty; fill it in"
        elif name == "activity_id" and cell not in get_args(ActivityId):
            yield f"{name}: the plan has no activity '{cell}'; write one of {', '.join(get_args(ActivityId))}"
        elif name == "month" and _month(cell) is None:
            yield f"{name}: '{cell}' is no month; write it as 2021-07 or 07/2021"
        elif name == "dated" and _date(cell) is None:
            yield f"{name}: '{cell}' is no day of the calendar; write it as 2021-07-05 or 05/07/2021"


def _month(text: str) -> str | None:
    found = _MONTH.fullmatch(text)
    if not found:
        return None
    year, month = found["year"] or found["year_last"], int(found["month"] or found["month_first"])
    return f"{year}-{month:02}" if 1 <= month <= 12 else None


def _date(text: str) -> dt.date | None:
    for form in _DATES:
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=VIETNAM).date()
        except ValueError:
            continue
    return None
