"""Coverage that people found and we had not: the journal that keeps it, and what it says of recall."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from config.clock import VIETNAM
from warehouse import journal


class BadEntry(Exception):
    """What a person found can't be entered; the message says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """An item of coverage: its address in the form by which we would know it, with outlet and article where the
    registry has its host."""

    url: str
    outlet_id: str | None
    article_id: str | None
    topic: str


@dataclass(frozen=True, slots=True)
class Missed:
    """An entry, and `why` we had not counted it, as published."""

    added_at: dt.datetime
    added_by: str
    url: str
    topic: str
    seen_on: dt.date | None
    note: str | None
    outlet_id: str | None
    article_id: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Recall:
    """Of `found` entries on a topic we hold and count `counted`: a `share` in percent, with its 95 % interval."""

    topic: str
    found: int
    counted: int
    share: float | None
    low: float | None
    high: float | None


def enter(workspace: Path, found: Found, by: str, seen_on: dt.date | None, note: str | None) -> dict[str, Any] | None:
    """Writes an entry into the journal; returns the one that is there already for this article and topic, if any, and
    then writes none. Raises BadEntry and JournalError."""
    if not by.strip():
        raise BadEntry("who found it must be named")
    today = dt.datetime.now(VIETNAM).date()
    if seen_on and seen_on > today:
        raise BadEntry(f"{seen_on:%d/%m/%Y} lies in the future; today is {today:%d/%m/%Y}")
    for entry in journal.read(workspace, journal.MISSED):
        is_same = entry["url"] == found.url or (found.article_id and entry["article_id"] == found.article_id)
        if is_same and entry["topic"] == found.topic:
            return entry
    journal.append(
        workspace,
        journal.MISSED,
        {
            "added_at": dt.datetime.now(dt.UTC).isoformat(),
            "added_by": by,
            "url": found.url,
            "outlet_id": found.outlet_id,
            "article_id": found.article_id,
            "topic": found.topic,
            "seen_on": seen_on.isoformat() if seen_on else None,
            "note": note,
        },
    )
    return None


def missed(connection: duckdb.DuckDBPyConnection) -> list[Missed]:
    """The entries that are published, newest first."""
    rows = connection.execute(
        "SELECT added_at, added_by, url, topic, seen_on, note, outlet_id, article_id, why FROM missed"
        " ORDER BY added_at DESC, url, topic"
    ).fetchall()
    return [Missed(*row) for row in rows]


def recall(connection: duckdb.DuckDBPyConnection) -> list[Recall]:
    """By topic, where anything was found."""
    rows = connection.execute(
        "SELECT topic, found, counted, share, low, high FROM missed_recall WHERE found > 0 ORDER BY topic"
    ).fetchall()
    return [Recall(*row) for row in rows]
