"""docs/figures.md stays true: what it names is there, and what is published as a figure is named in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT
from warehouse.publish import VIEWS
from warehouse.published import open_published

DOC = ROOT / "docs" / "figures.md"
#: Views that carry no figure of their own, and where what they hold is counted.
NO_FIGURE = {
    "judged_mentions": "what the rules and a person say of each span, for `diembao review`; mentions is what counts",
}
#: How the column `where` names a place: a view, one of its columns, or the rows with one value in it.
PLACE = re.compile(r"(?P<view>\w+)(?:\.(?P<column>\w+)(?: = (?P<value>'\w+'))?)?")


def _figures() -> dict[str, list[str]]:
    """The figures of the table, each with the places that its last cell names."""
    rows = [line.strip("|").split("|") for line in DOC.read_text("utf-8").splitlines() if line.startswith("| ")]
    head, *figures = [[cell.strip() for cell in row] for row in rows]
    assert head == ["figure", "counts", "leaves out", "where"]
    return {figure: re.findall(r"`([^`]+)`", where) for figure, _, _, where in figures}


FIGURES = _figures()


@pytest.fixture
def published(sample: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(open_published(sample)) as connection:
        yield connection


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    rows = connection.execute(
        "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE NOT internal GROUP BY 1"
    )
    return {table: set(names) for table, names in rows.fetchall()}


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_stands_where_the_document_says(figure: str, published: duckdb.DuckDBPyConnection) -> None:
    assert FIGURES[figure], "each figure has its place"
    for named in FIGURES[figure]:
        place = PLACE.fullmatch(named)
        assert place, f"`{named}` is neither view, nor view.column, nor view.column = 'value'"
        condition = f"{place['column']} = {place['value']}" if place["value"] else "true"
        published.execute(f"SELECT {place['column'] or '*'} FROM {place['view']} WHERE {condition}").fetchall()


def test_columns_and_values_that_its_sentences_name_are_there(published: duckdb.DuckDBPyConnection) -> None:
    columns = _columns(published)
    everywhere = set(columns) | set().union(*columns.values())
    values = {
        value
        for (value,) in published.execute("SELECT sense FROM topics UNION SELECT kind FROM facet_values").fetchall()
    }
    values |= {"own", "diembao review", "diembao compare"}
    prose = {word for word in re.findall(r"`([^`]+)`", DOC.read_text("utf-8")) if "." not in word}
    assert prose - everywhere - values == set()


def test_every_view_that_is_published_is_named(published: duckdb.DuckDBPyConnection) -> None:
    places = [PLACE.fullmatch(named) for named in re.findall(r"`([^`]+)`", DOC.read_text("utf-8"))]
    named = {place["view"] for place in places if place}
    assert set(VIEWS) - named == NO_FIGURE.keys()
    assert _columns(published).keys() >= set(VIEWS)


def test_outcomes_of_a_run_add_up_as_it_says(published: duckdb.DuckDBPyConnection) -> None:
    said = re.search(r"\(`runs`\): announced = ([\w +\n]+)\.", DOC.read_text("utf-8"))
    assert said
    total = " + ".join(said[1].split(" + "))
    wrong = published.execute(f"SELECT run_id FROM runs WHERE announced <> {total}").fetchall()
    assert wrong == []
    outcomes = published.execute("SELECT DISTINCT outcome FROM fetches WHERE kind = 'page' AND announced").fetchall()
    assert {outcome for (outcome,) in outcomes} <= set(said[1].split()) - {"+"}
