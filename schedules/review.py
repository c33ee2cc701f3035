"""People's decisions by the table: out as a CSV file to fill in, and back."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from schedules.cells import inert
from warehouse.reviews import Item, NoSuchItem, decide

_COLUMNS = (
    *("item", "decision", "why", "options", "ruled", "confidence", "because", "sentence", "surface"),
    *("topic", "kind", "outlet_id", "counted_on", "title", "url"),
)
_REQUIRED = ("item", "decision")


class BadTable(Exception):
    """A table of decisions can't be read; says file, line and what is expected."""


def export_items(file: Path, items: Sequence[Item]) -> None:
    """A CSV file that spreadsheets open, one row an item, with `decision` and `why` to be filled in."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, _COLUMNS, extrasaction="ignore")
        writer.writeheader()
        for item in items:
            row = asdict(item) | {"decision": "", "why": "", "options": " | ".join(item.options)}
            writer.writerow({name: inert(value) for name, value in row.items()})


def import_decisions(
    connection: duckdb.DuckDBPyConnection, workspace: Path, file: Path, by: str
) -> tuple[int, list[str]]:
    """Takes the rows whose `decision` is filled in: how many were taken, and what is wrong with the others.

    Raises BadTable.
    """
    taken, problems = 0, []
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            stream.seek(0)
            # Spreadsheets of Vietnam write ";" where others write ",".
            reader = csv.DictReader(stream, delimiter=max(",;\t", key=first.count))
            missing = [name for name in _REQUIRED if name not in (reader.fieldnames or ())]
            if missing:
                raise BadTable(
                    f"{file}:1: has no column '{missing[0]}'; `diembao review export` writes one; save it as CSV UTF-8"
                )
            for row in reader:
                decision = (row["decision"] or "").strip()
                if not decision:
                    continue
                try:
                    decide(connection, workspace, (row["item"] or "").strip(), decision, by, row.get("why") or None)
                    taken += 1
                except NoSuchItem as error:
                    problems.append(f"{file}:{reader.line_num}: {error}")
    except UnicodeDecodeError:
        raise BadTable(f"{file}: is not UTF-8; save it as CSV UTF-8") from None
    except (OSError, csv.Error) as error:
        raise BadTable(f"{file}: can't be read: {getattr(error, 'strerror', None) or error}") from None
    return taken, problems


def item_json(item: Item) -> dict[str, Any]:
    """The facts of print_items and print_item."""
    return asdict(item) | {"counted_on": item.counted_on.isoformat()}


def print_items(console: Console, items: Sequence[Item], more: int) -> None:
    """One row an item, and how many `more` there are."""
    names = ("item", "topic", "the rules say", "sure", "day", "outlet", "sentence")
    table = Table(*(Column(name, overflow="fold") for name in names))
    table.columns[0].no_wrap = True
    for item in items:
        sure = "" if item.confidence is None else f"{item.confidence:.2f}"
        ruled = f"{item.ruled} (decided: {item.decided}, {item.decided_by})" if item.decided else item.ruled
        day = f"{item.counted_on:%d/%m/%Y}"
        table.add_row(*map(Text, (item.item, item.topic, ruled, sure, day, item.outlet_id, item.sentence)))
    console.print(table)
    rest = f"; {more} more, see --most" if more else ""
    console.print(f"{len(items)} shown{rest}. Decide: diembao review decide ITEM SENSE --by NAME", markup=False)


def print_item(console: Console, item: Item) -> None:
    """All that is needed to decide it."""
    lines = {
        "item": f"{item.item} ({item.kind} of {item.topic})",
        "article": f"{item.title or ''} ({item.outlet_id}, {item.counted_on:%d/%m/%Y})",
        "address": item.url,
        "sentence": item.sentence,
        "words": item.surface,
        "the rules say": item.ruled + ("" if item.confidence is None else f" ({item.confidence:.2f})"),
        "because": item.because,
        "decided": f"{item.decided} by {item.decided_by}" if item.decided else "by nobody yet",
        "options": ", ".join(item.options),
    }
    for name, text in lines.items():
        console.print(f"{name:>14}: {text}", markup=False)
