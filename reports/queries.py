"""The named queries of reports/sql: run once for the same parameters, and figures that remember their query."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from reports.document import Figure

_SQL = Path(__file__).parent / "sql"


def rows(connection: duckdb.DuckDBPyConnection, query: str, **parameters: Any) -> list[dict[str, Any]]:
    """All rows of reports/sql/`query`.sql by column name."""
    # duckdb 2.0 streams results: an unread one would block the next query of the connection, so description first,
    # then everything is fetched.
    result = connection.execute((_SQL / f"{query}.sql").read_text(encoding="utf-8"), parameters)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


class Result:
    """The rows of one run of a query, by the values of their first `keys` columns (in the file's order)."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, query: str, keys: int = 0, **parameters: Any) -> None:
        self._query = query
        self._parameters = tuple(parameters.items())
        self._rows = {tuple(row.values())[:keys]: row for row in rows(connection, query, **parameters)}

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._rows)

    def row(self, *key: Any) -> dict[str, Any]:
        return self._rows[key]

    def figure(self, column: str, *key: Any) -> Figure:
        return Figure(self._rows[key][column], self._query, self._parameters, key, column)
