"""A digest of each published table, to tell whether two published files say the same."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import duckdb

#: The tables and views that design.md promises to analysts; a file without one of them is not a published file.
DESIGNED = frozenset(
    {
        *("outlets", "feeds", "runs", "fetches", "articles", "article_versions", "stories", "mentions"),
        *("article_topics", "article_facets", "plan_activities", "reviews", "reports_sent"),
        *("coverage_daily", "coverage_monthly", "coverage_by_outlet", "share_of_voice", "plan_progress"),
        *("outlet_health", "unresolved_mentions"),
    }
)
#: What two crawls of the same night do not share, and no more than this: the run's name and its clock, and the place in
#: the archive, whose file names hold the run. All else that looks like a time is a record's WARC-Date, the page's own,
#: or the journal's. Where one archive is read twice these are equal too, since they stand in the archive.
RUN_COLUMNS = frozenset({"run_id", "started_at", "ended_at"})
FILE_COLUMNS = frozenset({"archive_file", "archive_offset"})


def digests(published: Path, without: Collection[str] = ()) -> dict[str, str]:
    """Digest of each table and view of a published file over its rows in any order, leaving the columns `without` out.

    All that is in the file counts, so that a new table is compared as soon as it is published.
    """
    with closing(duckdb.connect(str(published), read_only=True)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        columns: dict[str, list[str]] = {}
        for table, column in connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'main'"
            " ORDER BY table_name, column_name"
        ).fetchall():
            columns.setdefault(table, []).extend([] if column in without else [column])
        missing = DESIGNED - columns.keys()
        assert not missing, f"{published} has no {', '.join(sorted(missing))}"
        return {table: _digest(connection, table, names) for table, names in columns.items()}


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """The tables that are not the same in both: empty where the files say the same."""
    return sorted(table for table in one.keys() | other.keys() if one.get(table) != other.get(table))


def _digest(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    rows = sorted(map(repr, connection.execute(f'SELECT {names} FROM "{table}"').fetchall()))
    text = "\n".join([names, *rows])
    return f"{len(rows)} rows {hashlib.sha256(text.encode()).hexdigest()[:16]}"
