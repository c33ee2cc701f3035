"""What the tables share: the topics, the registry of outlets, and the one count behind most figures."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from reports.period import Period
from reports.queries import Result


@dataclass(frozen=True, slots=True)
class Topic:
    """A watched topic: key and Vietnamese name."""

    id: str
    label: str


def all_topics(connection: duckdb.DuckDBPyConnection, period: Period) -> list[Topic]:
    """The topics in the order of the tables."""
    senses = Result(connection, "senses", 2, first=period.first, last=period.last, kinds=["press"])
    labels = {topic: senses.row(topic, sense)["topic_label"] for topic, sense in senses}
    return [Topic(topic, label) for topic, label in labels.items()]


def coverage(connection: duckdb.DuckDBPyConnection, period: Period, kinds: list[str], topics: list[str]) -> Result:
    """Lượt đăng and tin, bài không trùng of these kinds of outlets on any of these topics, in one row."""
    return Result(
        connection, "coverage", first=period.first, last=period.last, kinds=kinds, topics=topics, outlets=None
    )


def outlets(connection: duckdb.DuckDBPyConnection, period: Period, topics: list[str]) -> Result:
    """Each outlet of the registry with its counts, by (outlet_id,), in the order of the alphabet."""
    return Result(connection, "outlets", 1, first=period.first, last=period.last, topics=topics)


def outlet_names(connection: duckdb.DuckDBPyConnection, period: Period) -> dict[str, str]:
    found = outlets(connection, period, [])
    return {key: found.row(key)["name"] for (key,) in found}
