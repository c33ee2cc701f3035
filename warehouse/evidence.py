"""What a figure is made of: articles, and what in them names a topic."""

from __future__ import annotations

from typing import Any

import duckdb

from archive.urls import as_held
from warehouse.statements import literal, statement


def articles(
    connection: duckdb.DuckDBPyConnection, article: str | None, topic: str | None = None, month: str | None = None
) -> list[dict[str, Any]]:
    """The article with this id or address (in any spelling), or those that a topic's figure of a month (2021-07)
    counts, the press's first; each with its mentions. None where there is none."""
    given = {"article": article and as_held(article), "topic": topic, "month": month}
    found = _rows(connection, "evidence_articles", given)
    return [row | {"mentions": _rows(connection, "evidence_mentions", {"article": row["article_id"]})} for row in found]


def outlet_statement(outlet: str, month: str) -> str:
    """SQL for all that an outlet announced for a month (2021-07) and all that is held of it, a row a page."""
    sql = statement("evidence_outlet")
    for name, value in (("$outlet", outlet), ("$month", month)):
        sql = sql.replace(name, literal(value))
    return sql


def _rows(connection: duckdb.DuckDBPyConnection, name: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    result = connection.execute(statement(name), given)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
