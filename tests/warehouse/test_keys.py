"""Every row has a name, every reference leads somewhere, and what views rely on is there: in the schema where it can be
said there, and in what the sample and the press archive make of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.conftest import PRESS, diembao
from warehouse.database import new_warehouse, warehouse_path

#: The press archive takes half a minute to load: one worker does it.

Connection = duckdb.DuckDBPyConnection

#: Base tables without a primary key: what would be the key, and why it is not declared.
WITHOUT_KEY = {
    "views_made": (("digest",), "a single row, replaced when the views are"),
    "thresholds": (("complete_from", "watched_from"), "a single row, replaced at each load"),
    "version_facets": (
        ("version_id", "kind", "value", "field", "start_pos"),
        "all of a version is replaced at once, and an index would be most of the table; told apart in this test",
    ),
    "version_sentences": (
        ("text_no", "sentence"),
        "sixty rows an article: an index makes the load four times slower and the table nine times larger",
    ),
}
#: Columns that may be empty, and what it means there (comments.yaml says it of each).
MAY_BE_EMPTY = {
    "article_heads": {"withdrawn_at", "announced_at", "published_at"},
    "article_versions": {
        *("payload_digest", "title", "sapo", "captions", "section", "published_at", "modified_at", "canonical_url"),
        *("kicker", "credit", "genre", "language"),
    },
    "captures": {"payload_digest", "problem", "version_id", "layout", "unread"},
    "feeds": {"label", "verified"},
    "fetches": {"article_id", "announced_at", "announced_by", "items", "listed_month", "newest_at", "reason", "status"},
    "missed_urls": {"outlet_id", "article_id", "seen_on", "note"},
    "outlets": {"rolls_up_to", "core_document", "beyond_reach"},
    "plan_activities": {"target"},
    "reported_figures": {"value"},
    "reports_sent": {"detail", "report_id"},
    "reviews": {"reason"},
}
#: Columns that are never empty once the archive has been read, though the schema does not say so: a migration added
#: them to tables with rows, or made their table anew with them as they were. Views count on them.
ALWAYS_FILLED = {
    "article_heads": {"collection", "text_no"},
    "article_versions": {"kinds", "section_path", "tags", "links", "text_no", "folded"},
    "captures": {"revisit"},
    "crawls": {"alarms"},
    "outlets": {"layouts", "hosts"},
    "reports_sent": {"revision"},
    "story_members": {"text_no", "story_at"},
}
#: What leads from table to table. No foreign key is declared: within one transaction DuckDB refuses to delete a row
#: that others led to, even where these are deleted too, and that is how an archive is read again.
LEADS_TO = [
    ("article_heads.version_id", "article_versions.version_id"),
    ("article_heads.outlet_id", "outlets.outlet_id"),
    ("article_versions.article_id", "article_heads.article_id"),
    ("article_versions.archive_file", "processed_files.archive_file"),
    ("captures.version_id", "article_versions.version_id"),
    ("captures.outlet_id", "outlets.outlet_id"),
    ("captures.archive_file", "processed_files.archive_file"),
    ("crawls.outlet_id", "outlets.outlet_id"),
    ("crawls.archive_file", "processed_files.archive_file"),
    ("feeds.outlet_id", "outlets.outlet_id"),
    ("fetches.archive_file", "crawls.archive_file"),
    ("fetches.outlet_id", "outlets.outlet_id"),
    ("fetches.run_id", "crawls.run_id"),
    ("story_links.earlier_id", "article_heads.article_id"),
    ("story_links.later_id", "article_heads.article_id"),
    ("story_members.article_id", "article_heads.article_id"),
    ("story_members.story_id", "story_members.article_id"),
    ("version_facets.version_id", "article_versions.version_id"),
    ("version_mentions.version_id", "article_versions.version_id"),
    ("article_heads.text_no", "article_versions.text_no"),
    ("version_sentences.text_no", "version_sketches.text_no"),
    ("version_sketches.text_no", "article_versions.text_no"),
]


@pytest.fixture
def schema() -> Iterator[Connection]:
    with new_warehouse() as connection:
        yield connection


@pytest.fixture(scope="module")
def press_loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the shared press archive."""
    archive = PRESS / "press-2020-2021.warc.gz"
    if not archive.is_file():
        pytest.skip("../shared/press is not here")
    workspace = tmp_path_factory.mktemp("press")
    diembao("process", str(archive), "--data", str(workspace))
    return workspace


@pytest.fixture(
    params=[
        pytest.param("sample", id="sample"),
        pytest.param("press_loaded", marks=[pytest.mark.press, pytest.mark.drill], id="press"),
    ],
    scope="module",
)
def loaded(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """The writer's database of an archive."""
    path = warehouse_path(request.getfixturevalue(request.param))
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        yield connection


def test_every_table_has_a_key_or_a_reason_to_have_none(schema: Connection) -> None:
    tables = _names(schema, "SELECT table_name FROM duckdb_tables() WHERE NOT internal")
    keyed = _names(schema, "SELECT table_name FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'")
    assert tables - keyed == WITHOUT_KEY.keys()


def test_every_column_is_filled_but_those_that_may_be_empty(schema: Connection) -> None:
    """Whoever adds a column says which of the two it is."""
    nullable = _names(
        schema,
        "SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE NOT internal AND is_nullable"
        " AND table_name IN (SELECT table_name FROM duckdb_tables())",
    )
    assert nullable == _listed(MAY_BE_EMPTY) | _listed(ALWAYS_FILLED)
    assert _listed(MAY_BE_EMPTY) & _listed(ALWAYS_FILLED) == set()


@pytest.mark.parametrize("table", WITHOUT_KEY)
def test_rows_are_told_apart_where_no_key_is_declared(table: str, loaded: Connection) -> None:
    key, _ = WITHOUT_KEY[table]
    assert loaded.execute(f"SELECT count(*) > 0 FROM {table}").fetchall() == [(True,)]
    assert loaded.execute(f"SELECT {', '.join(key)} FROM {table} GROUP BY ALL HAVING count(*) > 1").fetchall() == []


@pytest.mark.parametrize(
    "column", sorted(f"{table}.{name}" for table, names in ALWAYS_FILLED.items() for name in names)
)
def test_what_the_schema_does_not_demand_is_there(column: str, loaded: Connection) -> None:
    table, name = column.split(".")
    assert loaded.execute(f"SELECT count(*) FROM {table} WHERE {name} IS NULL").fetchall() == [(0,)]


@pytest.mark.parametrize(("from_column", "to_column"), LEADS_TO, ids=[source for source, _ in LEADS_TO])
def test_what_leads_to_another_row_finds_it(from_column: str, to_column: str, loaded: Connection) -> None:
    table, name = from_column.split(".")
    target, key = to_column.split(".")
    lost = f"SELECT {name} FROM {table} WHERE {name} IS NOT NULL AND {name} NOT IN (SELECT {key} FROM {target})"
    assert loaded.execute(lost).fetchall() == []


def test_topics_senses_and_facets_are_those_of_the_configuration(loaded: Connection) -> None:
    unknown = "SELECT DISTINCT topic, sense FROM version_mentions ANTI JOIN topics USING (topic, sense)"
    assert loaded.execute(unknown).fetchall() == []
    unknown = "SELECT DISTINCT kind, value FROM version_facets ANTI JOIN facet_values USING (kind, value)"
    assert loaded.execute(f"{unknown} WHERE kind <> 'tone'").fetchall() == []


def test_numbers_of_texts_are_each_given_once(loaded: Connection) -> None:
    """Sketches and sentences find their texts by them."""
    twice = "SELECT text_no FROM article_versions GROUP BY text_no HAVING count(*) > 1"
    assert loaded.execute(twice).fetchall() == []


def _names(connection: Connection, query: str) -> set[str]:
    return {name for (name,) in connection.execute(query).fetchall()}


def _listed(columns: dict[str, set[str]]) -> set[str]:
    return {f"{table}.{name}" for table, names in columns.items() for name in names}
