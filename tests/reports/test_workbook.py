"""The workbook: complete, figures are numbers, and text is text."""

from __future__ import annotations

import dataclasses

import pytest

from reports import layout
from reports.document import Chart, Paragraph, Section, Summary, Table
from reports.vietnamese import number
from reports.workbook import xlsx
from tests.reports.forms import HOSTILE, Sheet, blocks, said, sheets, squeezed


@pytest.fixture(scope="module")
def book(as_xlsx: bytes) -> list[Sheet]:
    return sheets(as_xlsx)


def texts(book: list[Sheet]) -> list[str]:
    return [value for sheet in book for value in sheet.cells.values() if isinstance(value, str)]


def test_the_workbook_says_everything(everything: Summary, book: list[Sheet]) -> None:
    told = squeezed("\n".join(texts(book)))
    numbers = {value for sheet in book for value in sheet.cells.values() if isinstance(value, float)}
    figures = {number(int(value) if value.is_integer() else value) for value in numbers}
    figures |= {number(value) for value in numbers} | {f"{figure}*" for figure in figures}
    for text in said(everything):
        assert squeezed(text) in told or text in figures, text
    for chart in everything.charts:
        assert squeezed(chart.alt.text) in told


def test_there_is_a_sheet_a_table_and_a_chart_and_one_for_the_text(everything: Summary, book: list[Sheet]) -> None:
    names = [sheet.name for sheet in book]
    tables = [block for block in blocks(everything) if isinstance(block, Table | Chart)]
    assert names[0] == "Báo cáo"
    assert len(names) == 1 + len(tables)
    assert {"Bảng 1", "Bảng 4", "Biểu đồ 1"} <= set(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)
    assert len({name.casefold() for name in names}) == len(names)


def test_sheets_of_one_title_have_two_names(july: Summary) -> None:
    table = Table("Bảng: 'rất/dài' " + "x" * 40, ("A",), ())
    book = sheets(xlsx(dataclasses.replace(july, sections=(Section("I", (table, table)),))))
    assert len({sheet.name for sheet in book}) == 3


def test_a_figure_alone_in_its_cell_is_a_number_and_all_else_is_text(everything: Summary, book: list[Sheet]) -> None:
    tables = [block for block in blocks(everything) if isinstance(block, Table | Chart)]
    numbers = 0
    for block, sheet in zip(tables, book[1:], strict=True):
        if not isinstance(block, Table):
            continue
        for at, row in enumerate(block.rows, 3):
            for column, cell in enumerate(row.cells):
                written = sheet.cells.get(f"{chr(65 + column)}{at}", "")
                if isinstance(written, float):
                    (figure,) = cell.figures
                    assert written == float(figure.value or 0)
                    numbers += 1
                else:
                    assert written in (cell.text, f"'{cell.text}")
                    assert not (cell.figures and cell.text.rstrip("*").replace(".", "").isdigit())
    assert numbers > 50


def test_nothing_is_a_formula_or_a_link(as_xlsx: bytes, book: list[Sheet]) -> None:
    for text in HOSTILE:
        assert text in texts(book) or f"'{text}" in texts(book)
    for sheet in book:
        assert "<f>" not in sheet.xml
        assert "hyperlink" not in sheet.xml.lower()
    assert b"externalLink" not in as_xlsx


def test_headers_stay_in_sight(book: list[Sheet]) -> None:
    assert all('state="frozen"' in sheet.xml for sheet in book[1:])


def test_a_text_too_long_for_a_cell_says_that_it_is_cut(july: Summary) -> None:
    told = (Paragraph("ữ" * 40_000),)
    book = sheets(xlsx(dataclasses.replace(july, sections=(Section("I", told),))))
    assert max((text for text in texts(book)), key=len).endswith("ữ […]")


def test_sample_data_is_marked_on_every_sheet(july: Summary, book: list[Sheet]) -> None:
    sample = sheets(xlsx(dataclasses.replace(july, sample=True)))
    assert all(sheet.cells["A1"] == layout.SAMPLE for sheet in sample)
    assert layout.SAMPLE not in texts(book)


def test_the_same_summary_gives_the_same_bytes(everything: Summary, as_xlsx: bytes) -> None:
    assert xlsx(everything) == as_xlsx
