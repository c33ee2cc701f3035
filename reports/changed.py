"""Figures that were sent and are others now, with the reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from reports import wording
from reports.counts import Topic
from reports.document import Paragraph
from reports.frozen import coverage_figure
from reports.vietnamese import day, signed
from warehouse.compare import Cause, causes_since

#: A report that was sent: its line in the journal (warehouse.compare.reports_sent).
Sent = dict[str, Any]


def changes(
    connection: duckdb.DuckDBPyConnection, reported: Iterable[Sent], topics: Sequence[Topic], rules: str
) -> list[Paragraph]:
    """Lượt đăng and tin, bài không trùng of each kind of outlets and topic in each of these reports that are no longer
    what was told. `rules`: those that have read the archive now."""
    told = []
    for entry in reported:
        found = causes_since(connection, entry, rules)
        targets = {(a["topic"], a["sense"]) for a in entry["articles"] if a["is_target"]} | _targets(connection)
        for kind, heading in wording.GROUPS:
            for topic in topics:
                for measure, label in (("articles", "lượt đăng"), ("stories", "tin, bài không trùng")):
                    causes = [
                        cause
                        for (of_kind, name, sense, counted), why in found.items()
                        if (of_kind, name, counted) == (kind, topic.id, measure) and (name, sense) in targets
                        for cause in why
                    ]
                    before = entry["figures"].get(coverage_figure(kind, topic.id, measure))
                    difference = sum(cause.difference for cause in causes)
                    if difference and before is not None:
                        where = f"Kỳ {day_range(entry)}, {heading}, {topic.label}, {label}"
                        told.append(Paragraph(f"{where}: {wording.changed(before, before + difference, _why(causes))}"))
    return told


def day_range(entry: Sent) -> str:
    """The days of a report: "từ 01/07/2021 đến 31/07/2021"."""
    first, last = (dt.date.fromisoformat(entry[name]) for name in ("first", "last"))
    return f"từ {day(first)} đến {day(last)}"


def _targets(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    return set(connection.execute("SELECT topic, sense FROM topics WHERE is_target").fetchall())


def _why(causes: Iterable[Cause]) -> str:
    return "; ".join(f"{wording.CAUSES[cause.cause]} ({signed(cause.difference)})" for cause in causes)
