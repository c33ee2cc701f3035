"""What every table, view and column is, said by the database itself in English and in Vietnamese.

Analysts read the database with tools of their own, where no manual is at hand: a comment is what each of them shows.
The texts stand together in comments.yaml, so that a column that many views pass on is described once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

import duckdb
import yaml
from pydantic import AfterValidator, Field

from config.outlets import Strict
from warehouse.statements import identifier, literal

COMMENTS = Path(__file__).parent / "comments.yaml"
#: Between the two languages of a comment; no text contains it.
_BETWEEN = " — "
#: The loader in C reads the file in a tenth of the time; PyYAML built from source may lack it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_OBJECTS = """
    SELECT 'TABLE', table_name, NULL AS column_name, comment FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal
    UNION ALL SELECT 'VIEW', view_name, NULL, comment FROM duckdb_views()
    WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal
    UNION ALL SELECT 'COLUMN', table_name, column_name, comment FROM duckdb_columns()
    WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal
"""


class NotDescribed(Exception):
    """Something of the database has no text; the message names it."""


def _one_language(text: str) -> str:
    if not text.strip() or _BETWEEN in text:
        raise ValueError(f"empty, or with '{_BETWEEN}', which stands between the languages")
    return text


Sentence = Annotated[str, AfterValidator(_one_language)]


class Text(Strict):
    en: Sentence
    vi: Sentence


class Table(Text):
    """A table or view, and those of its columns that mean something of their own in it."""

    columns: dict[str, Text] = Field(default_factory=dict)


class Comments(Strict):
    """All texts. `columns` are those that mean the same wherever they stand."""

    columns: dict[str, Text]
    tables: dict[str, Table]

    def text(self, table: str, column: str | None) -> Text | None:
        own = self.tables.get(table)
        if column is None or own is None:
            return own
        return own.columns.get(column) or self.columns.get(column)


@cache
def read_comments() -> Comments:
    return Comments.model_validate(yaml.load(COMMENTS.read_text(encoding="utf-8"), _LOADER))  # noqa: S506


def describe(connection: duckdb.DuckDBPyConnection) -> None:
    """Puts its comment on each table, view and column of the current database; takes about a tenth of a second.

    Raises NotDescribed for what has no text, all of it at once: a column nobody explained is one that is misread.
    """
    comments = read_comments()
    statements, bare = [], []
    for kind, table, column, present in connection.execute(_OBJECTS).fetchall():
        text = comments.text(table, column)
        if text is None:
            bare.append(table if column is None else f"{table}.{column}")
        elif (comment := f"{text.en}{_BETWEEN}{text.vi}") != present:
            name = identifier(table) if column is None else f"{identifier(table)}.{identifier(column)}"
            statements.append(f"COMMENT ON {kind} {name} IS {literal(comment)};")
    if bare:
        raise NotDescribed(f"no text in warehouse/comments.yaml for {', '.join(sorted(bare))}")
    if statements:
        connection.execute("\n".join(statements))


def languages(comment: str) -> tuple[str, str]:
    """The English and the Vietnamese text of a comment."""
    english, vietnamese = comment.split(_BETWEEN)
    return english, vietnamese
