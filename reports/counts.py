"""What the tables share: the topics, the registry of outlets, and the one count behind most figures."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from reports.period import Month
from reports.queries import Result


@dataclass(frozen=True, slots=True)
class Topic:
    """A watched topic: key and Vietnamese name."""

    id: str
    label: str


def all_topics(connection: duckdb.DuckDBPyConnection, month: Month) -> list[Topic]:
    """The topics in the order of the tables."""
    senses = Result(connection, "senses", 2, first=month.first, last=month.last, kinds=["press"])
    labels = {topic: senses.row(topic, sense)["topic_label"] for topic, sense in senses}
    return [Topic(topic, label) for topic, label in labels.items()]


def coverage(connection: duckdb.DuckDBPyConnection, month: Month, kinds: list[str], topics: list[str]) -> Result:
    """Lượt đăng and tin, bài không trùng of these kinds of outlets on any of these topics, in one row."""
    return Result(connection, "coverage", first=month.first, last=month.last, kinds=kinds, topics=topics, outlets=None)


def outlets(connection: duckdb.DuckDBPyConnection, month: Month, topics: list[str]) -> Result:
    """Each outlet of the registry with its counts, by (outlet_id,), in the order of the alphabet."""
    return Result(connection, "outlets", 1, first=month.first, last=month.last, topics=topics)


def outlet_names(connection: duckdb.DuckDBPyConnection, month: Month) -> dict[str, str]:
    found = outlets(connection, month, [])
    return {key: found.row(key)["name"] for (key,) in found}
