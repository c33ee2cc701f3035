"""How far the backfill of past months has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from warehouse.statements import statement


@dataclass(frozen=True, slots=True)
class BackfillMonth:
    """A month of an outlet: what its sitemaps list and what became of it, as backfill_months counts it. `elsewhere`:
    held articles whose own date lies in another month."""

    outlet: str
    month: str
    sitemaps: int
    sitemaps_read: int
    listed: int
    held: int
    gone: int
    left_over: int
    failed: int
    share: float | None
    state: str
    elsewhere: int


def backfill_months(
    connection: duckdb.DuckDBPyConnection, outlets: Sequence[str], months: Sequence[str]
) -> list[BackfillMonth]:
    """The months that a backfill has found sitemaps for, by outlet, oldest first."""
    asked = {"outlets": list(outlets), "months": list(months)}
    return [BackfillMonth(*row) for row in connection.execute(statement("backfill_months"), asked).fetchall()]
