"""docs/dictionary.md: every table and column of the published database, as the database itself describes them
in English and in Vietnamese.

python -m warehouse.dictionary WORKSPACE > docs/dictionary.md
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import duckdb

from warehouse.comments import languages
from warehouse.publish import PUBLISHED
from warehouse.published import open_published

_HEAD = """# Dictionary

Made from the comments in the database by `make dictionary`; a test holds it to them. What each figure counts and leaves
out: [figures.md](figures.md). Times are TIMESTAMPTZ; months and days are Vietnam's.

Danh mục các bảng và cột của cơ sở dữ liệu được công bố, lập từ chú thích trong chính cơ sở dữ liệu.
"""
_TABLE = """
| column | type | meaning | ý nghĩa |
|---|---|---|---|
"""
_COLUMNS = """
    SELECT column_name, data_type, comment
    FROM duckdb_columns() WHERE table_name = $name AND NOT internal ORDER BY column_index
"""
_COMMENT = """
    SELECT comment FROM (
        SELECT table_name AS name, comment FROM duckdb_tables() WHERE NOT internal
        UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE NOT internal
    ) WHERE name = $name
"""


def dictionary(connection: duckdb.DuckDBPyConnection) -> str:
    """The published tables and views in alphabetical order, in Markdown."""
    parts = [_HEAD]
    for name in sorted(PUBLISHED):
        ((comment,),) = connection.execute(_COMMENT, {"name": name}).fetchall()
        english, vietnamese = languages(comment)
        parts.append(f"\n## {name}\n\n{english}.\n\n{vietnamese}.\n{_TABLE}")
        for column, kind, described in connection.execute(_COLUMNS, {"name": name}).fetchall():
            meaning, nghia = map(_cell, languages(described))
            parts.append(f"| `{column}` | {kind} | {meaning} | {nghia} |\n")
    return "".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    with closing(open_published(Path(sys.argv[1]))) as published:
        sys.stdout.write(dictionary(published))
