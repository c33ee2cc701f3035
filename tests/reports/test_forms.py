"""One walk over all forms: each figure is what its query says, and stands in each of them as that."""

from __future__ import annotations

import io
from typing import Any

import duckdb
import pytest
from docx import Document

from reports import charts
from reports.document import Cell, Chart, Figure, Summary, Table
from reports.queries import rows
from reports.render import render_mail, render_text
from reports.vietnamese import number, signed
from tests.reports.forms import blocks, printed_figures, sheets, squeezed
from tests.reports.test_render import Page
from tests.reports.test_word import text_of


class Asked:
    """Runs each query once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._runs: dict[str, list[dict[str, Any]]] = {}

    def __call__(self, figure: Figure) -> int | float:
        run = repr((figure.query, figure.parameters))
        if run not in self._runs:
            self._runs[run] = rows(self._connection, figure.query, **dict(figure.parameters))
        row = next(row for row in self._runs[run] if tuple(row.values())[: len(figure.key)] == figure.key)
        value = row[figure.column]
        assert value == figure.value
        return value if isinstance(value, int) else float(value)


@pytest.fixture(scope="module")
def asked(published: duckdb.DuckDBPyConnection) -> Asked:
    return Asked(published)


def test_every_figure_of_every_form_is_its_querys(
    everything: Summary, asked: Asked, as_docx: bytes, pdf_words: str
) -> None:
    html = Page(render_mail(everything, lambda chart: chart.name))
    alternatives = " ".join(attributes.get("alt") or "" for _, attributes in html.tags)
    opened = Document(io.BytesIO(as_docx))
    described = " ".join(node.get("descr") or "" for node in opened.element.body.iter("{*}docPr"))
    drawn = " ".join(charts.svg(chart) for chart in everything.charts)
    forms = {
        "html": squeezed(html.text + alternatives),
        "text": squeezed(render_text(everything)),
        "docx": squeezed(text_of(opened) + described),
        "pdf": squeezed(pdf_words) + squeezed(alternatives),
    }
    count = 0
    for text, figure in printed_figures((everything.corrects, everything.in_brief, everything.sections)):
        value = asked(figure)
        assert number(value) in text or signed(value) in text
        in_chart = text == number(value) and f">{text}<" in drawn
        for name, form in forms.items():
            assert squeezed(text) in form or in_chart, (name, text)
        count += 1
    assert count > 100


def test_every_figure_of_the_workbook_is_its_querys(everything: Summary, asked: Asked, as_xlsx: bytes) -> None:
    tables = [block for block in blocks(everything) if isinstance(block, Table | Chart)]
    for block, sheet in zip(tables, sheets(as_xlsx)[1:], strict=True):
        if isinstance(block, Chart):
            for at, bar in enumerate(block.bars, 3):
                assert sheet.cells[f"C{at}"] == asked(bar.figure)
            continue
        for at, row in enumerate(block.rows, 3):
            for column, cell in enumerate(row.cells):
                _compare(cell, sheet.cells.get(f"{chr(65 + column)}{at}"), asked)


def _compare(cell: Cell, written: str | float | None, asked: Asked) -> None:
    for figure in cell.figures:
        value = asked(figure)
        if isinstance(written, str):
            assert number(value) in written or signed(value) in written
        else:
            assert written == value


def test_every_bar_has_its_number_in_the_picture(everything: Summary, asked: Asked) -> None:
    for chart in everything.charts:
        picture = charts.svg(chart)
        for bar in chart.bars:
            value = asked(bar.figure)
            assert not value or number(value) in picture
