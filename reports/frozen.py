"""A summary's figures under names that hold from month to month, and the journal's line that freezes them when it is
sent: what was told stays what it was, whatever the archive, the rules or people say later."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from config.clock import VIETNAM
from reports.document import Figure, Summary
from reports.period import Period
from warehouse import journal

#: In a name, what stands for a key that is none: all outlets together.
_ALL = "all"


class NotUnique(Exception):
    """Two figures of a summary have one name and different values: the name leaves out what sets them apart."""


def figures(summary: Summary) -> dict[str, int | float | None]:
    """Every figure of the summary, by name; not those that say what a correction corrects: they were told before, or
    stand in its sections. Raises NotUnique."""
    named: dict[str, int | float | None] = {}
    for figure in _figures(replace(summary, corrects=())):
        name, value = figure_name(figure, summary.when), _plain(figure.value)
        if named.setdefault(name, value) != value:
            raise NotUnique(f"{name}: {named[name]} and {value}")
    return named


def figure_name(figure: Figure, period: Period) -> str:
    """Query, period as seen from the report's month, kinds of outlets, topics, row and column, as
    `coverage@before[press][portal].articles`. Days and settings are no part of it: next month it is the same."""
    given = dict(figure.parameters)
    topics = given.get("topics") or ([given["topic"]] if "topic" in given else [])
    parts = ["+".join(names) for names in (given.get("kinds"), topics) if names]
    parts += [_key_name(part, period) for part in figure.key]
    return f"{figure.query}{_period(given, period)}{''.join(f'[{part}]' for part in parts)}.{figure.column}"


def sense_figures(outlet_kind: str, topic: str, sense: str, measure: str, is_target: bool) -> list[str]:
    """The names of the figures that count the month's articles, or stories, of this sense."""
    names = [f"senses[{outlet_kind}][{topic}][{sense}].{measure}"]
    return [*names, coverage_figure(outlet_kind, topic, measure)] if is_target else names


def coverage_figure(outlet_kind: str, topic: str, measure: str) -> str:
    """The name of the figure that counts the period's articles, or stories, on a topic."""
    return f"coverage[{outlet_kind}][{topic}].{measure}"


def report_id(summary: Summary) -> str:
    """A digest of what the summary tells: two with the same figures and articles have the same. Raises NotUnique."""
    return _digest(_told(summary))


def freeze(workspace: Path, summary: Summary) -> str:
    """The summary's report_id; its figures are in the journal when this returns.

    It is called before a mail leaves. A run that is killed in between leaves figures that were never sent, which the
    mail ledger tells apart; the next one finds them and writes nothing.
    """
    told = _told(summary)
    identity = _digest(told)
    if all(entry["report_id"] != identity for entry in journal.read(workspace, journal.FIGURES)):
        entry = told | {
            "report_id": identity,
            "first": summary.when.first.isoformat(),
            "last": summary.when.last.isoformat(),
            "reported_at": dt.datetime.now(VIETNAM).isoformat(timespec="seconds"),
            "rules": summary.behind.rules,
            "decided_until": _iso(summary.behind.decided_until),
            "collected_until": _iso(summary.behind.collected_until),
            "database_digest": summary.behind.database_digest,
        }
        journal.append(workspace, journal.FIGURES, entry)
    return identity


def _told(summary: Summary) -> dict[str, Any]:
    content = {"figures": figures(summary), "articles": list(summary.behind.articles)}
    return {"report": summary.report, "period": summary.period} | content


def _digest(told: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def _figures(part: Any) -> Iterator[Figure]:
    if isinstance(part, Figure):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from _figures(item)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _figures(getattr(part, field.name))


def _period(given: dict[str, Any], period: Period) -> str:
    first, last = given.get("first"), given.get("last")
    if first is None or (first, last) == (period.first, period.last):
        return ""
    if (first, last) == (period.previous().first, period.previous().last):
        return "@before"
    if (first, last) == (period.same_last_year().first, period.same_last_year().last):
        return "@last_year"
    return "@so_far"


def _key_name(part: Any, period: Period) -> str:
    """A day is its place in the period: the name is the same next month."""
    if isinstance(part, dt.date):
        return f"day {(part - period.first).days + 1}"
    return _ALL if part is None else str(part)


def _iso(time: dt.datetime | None) -> str | None:
    return time.isoformat() if time else None


def _plain(value: Any) -> int | float | None:
    """As JSON has it: DuckDB gives decimals for some."""
    return value if value is None or isinstance(value, int) else float(value)
