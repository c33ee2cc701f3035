"""People's decisions: what there is to decide, and the journal that keeps what was decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from config.clock import VIETNAM
from warehouse import journal
from warehouse.statements import statement

#: The first Vietnamese online paper opened in this year.
_FIRST = dt.datetime(1997, 1, 1, tzinfo=VIETNAM)


class NoSuchItem(Exception):
    """There is nothing of that name, or it can't be decided that way; the message says what can."""


@dataclass(frozen=True, slots=True)
class Item:
    """A mention, or a sentence proposed as criticism. `ruled` is what the rules say, `confidence` how sure they are (0
    to 1; None of tones), `decided` what a person has said; `options` are the decisions that can be taken."""

    item: str
    kind: str
    topic: str
    ruled: str
    confidence: float | None
    because: str
    decided: str | None
    decided_by: str | None
    sentence: str
    surface: str
    article_id: str
    outlet_id: str
    url: str
    title: str | None
    counted_on: dt.date
    options: list[str]
    subject_key: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `decided` mentions that the rules had decided too, people `agreed` with so many; they `settled` others that
    the rules had left open."""

    topic: str
    decided: int
    agreed: int
    settled: int


def items(
    connection: duckdb.DuckDBPyConnection,
    topic: str | None = None,
    kind: str | None = None,
    decided: bool = False,
    item: str | None = None,
) -> list[Item]:
    """What is open, or with `decided` all: what the rules leave undecided first, then the least sure."""
    given = {"topic": topic, "kind": kind, "item": item, "decided": decided}
    rows = connection.execute(statement("review_items"), given).fetchall()
    return [Item(*row) for row in rows]


def agreement(connection: duckdb.DuckDBPyConnection) -> list[Agreement]:
    """By topic, where anything was decided."""
    rows = connection.execute(statement("agreement")).fetchall()
    return [Agreement(*row) for row in rows]


def decide(
    connection: duckdb.DuckDBPyConnection, workspace: Path, name: str, decision: str, by: str, because: str | None
) -> None:
    """Writes a decision into the journal; it counts from the next publication on.

    `name` is an item, or one of: published:ARTICLE, story:ARTICLE, origin:ARTICLE, facet:ARTICLE:KIND:VALUE,
    day:OUTLET:YYYY-MM-DD. Raises NoSuchItem.
    """
    if not by.strip():
        raise NoSuchItem("who decides must be named")
    subject, key = _subject(connection, name, decision)
    if subject == "published":
        decision = _with_zone(decision).isoformat()
    entry = {
        "decided_at": dt.datetime.now(dt.UTC).isoformat(),
        "decided_by": by,
        "subject": subject,
        "subject_key": key,
        "decision": decision,
        "reason": because,
    }
    journal.append(workspace, journal.DECISIONS, entry)


def _subject(connection: duckdb.DuckDBPyConnection, name: str, decision: str) -> tuple[str, str]:
    """What is decided and its key, once both are known to exist and the decision is one that can be taken."""
    subject, _, rest = name.partition(":")
    if not rest:
        return _item_subject(connection, name, decision)
    known = {
        "published": (1, _is_article, _is_time, "a time, as 2021-07-05T09:44"),
        "story": (
            *(1, _is_article, lambda c, d: d == "alone" or (d != rest and _is_article(c, [d]))),
            "'alone', or the id of another article",
        ),
        "origin": (1, _is_article, _one_of("yes", "no"), "'yes' or 'no'"),
        "facet": (3, _is_facet, _one_of("yes", "no"), "'yes' or 'no'"),
        "day": (2, _is_day, _one_of("complete", "incomplete"), "'complete' or 'incomplete'"),
    }
    if subject not in known:
        raise NoSuchItem(
            f"{name}: no such thing to decide; it begins with {', '.join(known)}, or is an item of the list"
        )
    count, exists, allowed, words = known[subject]
    parts = rest.split(":", count - 1)
    if len(parts) != count or not exists(connection, parts):
        raise NoSuchItem(f"{name}: the published database has no such {subject}")
    if not allowed(connection, decision):
        raise NoSuchItem(f"{name}: '{decision}' can't be decided; write {words}")
    return subject, "|".join(parts)


def _item_subject(connection: duckdb.DuckDBPyConnection, name: str, decision: str) -> tuple[str, str]:
    found = items(connection, decided=True, item=name)
    if not found:
        raise NoSuchItem(f"{name}: no such item; `diembao review list` names them")
    if len({item.subject_key for item in found}) > 1:
        raise NoSuchItem(f"{name}: names two items by chance; decide them in a table (review export)")
    if decision not in found[0].options:
        raise NoSuchItem(f"{name}: '{decision}' can't be decided; write one of {', '.join(found[0].options)}")
    return found[0].kind, found[0].subject_key


def _is_article(connection: duckdb.DuckDBPyConnection, parts: list[str]) -> bool:
    return bool(connection.execute("SELECT 1 FROM articles WHERE article_id = ?", [parts[0]]).fetchall())


def _is_facet(connection: duckdb.DuckDBPyConnection, parts: list[str]) -> bool:
    """An article about a target, and a value of facets.yaml."""
    target = "SELECT 1 FROM article_topics WHERE article_id = ? AND is_target"
    known = "SELECT 1 FROM facet_values WHERE kind = ? AND value = ?"
    return bool(connection.execute(target, parts[:1]).fetchall() and connection.execute(known, parts[1:]).fetchall())


def _is_day(connection: duckdb.DuckDBPyConnection, parts: list[str]) -> bool:
    outlet = connection.execute("SELECT 1 FROM outlets WHERE outlet_id = ?", [parts[0]]).fetchall()
    try:
        return bool(outlet) and dt.date.fromisoformat(parts[1]).isoformat() == parts[1]
    except ValueError:
        return False


def _is_time(_: duckdb.DuckDBPyConnection, text: str) -> bool:
    try:
        time = _with_zone(text)
    except ValueError:
        return False
    return "T" in text and _FIRST <= time <= dt.datetime.now(dt.UTC) + dt.timedelta(days=1)


def _with_zone(text: str) -> dt.datetime:
    """Vietnam's where none is written. Raises ValueError."""
    time = dt.datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=VIETNAM)


def _one_of(*words: str) -> Callable[[duckdb.DuckDBPyConnection, str], bool]:
    return lambda _, decision: decision in words
