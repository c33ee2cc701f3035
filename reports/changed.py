"""Figures that were sent and are others now, with the reason."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import product
from typing import Any

import duckdb

from reports import wording
from reports.counts import Topic
from reports.document import Paragraph
from reports.frozen import coverage_figure, sense_figures
from reports.vietnamese import day, signed
from warehouse.compare import Cause, Counted, causes_since

#: A report that was sent: its line in the journal (warehouse.compare.reports_sent).
Sent = dict[str, Any]
_MEASURES = (("articles", "lượt đăng"), ("stories", "tin, bài không trùng"))


def changes(
    connection: duckdb.DuckDBPyConnection, reported: Iterable[Sent], topics: Sequence[Topic], rules: str
) -> list[Paragraph]:
    """Lượt đăng and tin, bài không trùng of each kind of outlets and topic in each of these reports that are no longer
    what was told. `rules`: those that have read the archive now."""
    told = []
    for entry in reported:
        causes = causes_by_figure(causes_since(connection, entry, rules), entry, _targets(connection))
        for (kind, heading), topic, (measure, label) in product(wording.GROUPS, topics, _MEASURES):
            figure = coverage_figure(kind, topic.id, measure)
            before, why = entry["figures"].get(figure), causes.get(figure, [])
            difference = sum(cause.difference for cause in why)
            if difference and before is not None:
                where = f"Kỳ {day_range(entry)}, {heading}, {topic.label}, {label}"
                told.append(Paragraph(f"{where}: {wording.changed(before, before + difference, _why(why))}"))
    return told


def causes_by_figure(
    found: Mapping[Counted, Iterable[Cause]], entry: Sent, targets: Set[tuple[str, str]]
) -> dict[str, list[Cause]]:
    """Why the figures of a sent report are others now, by their names. `targets`: topics with the senses that figures
    count now; those that they counted then are in the report."""
    counted = targets | {(article["topic"], article["sense"]) for article in entry["articles"] if article["is_target"]}
    causes: dict[str, list[Cause]] = defaultdict(list)
    for (kind, topic, sense, measure), why in found.items():
        for name in sense_figures(kind, topic, sense, measure, (topic, sense) in counted):
            causes[name] += why
    return causes


def day_range(entry: Sent) -> str:
    """The days of a report: "từ 01/07/2021 đến 31/07/2021"."""
    first, last = (dt.date.fromisoformat(entry[name]) for name in ("first", "last"))
    return f"từ {day(first)} đến {day(last)}"


def _targets(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    return set(connection.execute("SELECT topic, sense FROM topics WHERE is_target").fetchall())


def _why(causes: Iterable[Cause]) -> str:
    return "; ".join(f"{wording.CAUSES[cause.cause]} ({signed(cause.difference)})" for cause in causes)
