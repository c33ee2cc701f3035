"""The Word document: complete, of named styles, and good to open and to edit."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import zipfile

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from reports import layout
from reports.document import Cell, Paragraph, Quote, Section, Summary, Table
from reports.word import docx
from tests.reports.forms import HOSTILE, blocks, said, squeezed


@pytest.fixture(scope="module")
def opened(as_docx: bytes) -> WordDocument:
    return Document(io.BytesIO(as_docx))


def text_of(document: WordDocument) -> str:
    body = document.element.body
    return "".join("\n" if node.tag == qn("w:p") else node.text or "" for node in body.iter(qn("w:t"), qn("w:p")))


def test_the_document_says_everything(everything: Summary, opened: WordDocument) -> None:
    told = squeezed(text_of(opened))
    for text in said(everything):
        assert squeezed(text) in told, text
    for text in (layout.NATION, layout.MOTTO, layout.DRAFT, *layout.copies(everything.letterhead)):
        assert squeezed(text) in told


def test_hostile_text_is_text(as_docx: bytes, opened: WordDocument) -> None:
    told = text_of(opened)
    for text in HOSTILE:
        assert text in told
    with zipfile.ZipFile(io.BytesIO(as_docx)) as parts:
        fields = parts.read("word/document.xml").decode().count("w:instrText")
    assert fields == 0


def test_what_xml_cant_hold_does_not_lose_the_report(july: Summary) -> None:
    told = (Paragraph("a\x00b\x0b\ud800\ufffe\u202ec\nd"),)
    summary = dataclasses.replace(july, sections=(Section("I", told),))
    document = Document(io.BytesIO(docx(summary, {})))
    assert [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Nội dung cuối"] == [
        "a b  c\nd"
    ]


def test_looks_are_in_styles_alone(opened: WordDocument) -> None:
    for look in ("w:rFonts", "w:sz", "w:jc", "w:b", "w:i", "w:color"):
        assert not list(opened.element.body.iter(qn(look))), look
    used = {paragraph.style.name for paragraph in opened.paragraphs if paragraph.text}
    assert {"Heading 1", "Nội dung", "Trích yếu", "Kính gửi", "Ghi chú", "Phụ lục", "Tên bảng, biểu đồ"} <= used
    assert "Normal" not in used


def test_letters_are_times_new_roman_and_the_language_is_vietnamese(opened: WordDocument) -> None:
    for name in ("Normal", "Heading 1", "Nội dung"):
        assert opened.styles[name].font.name == "Times New Roman"
    assert opened.styles["Normal"].element.rPr.find(qn("w:lang")).get(qn("w:val")) == "vi-VN"
    assert opened.core_properties.language == "vi-VN"


def test_pages_are_a4_the_wide_ones_lie_and_numbers_begin_on_page_2(opened: WordDocument) -> None:
    first, *others = opened.sections
    assert [round(side.mm) for side in (first.page_width, first.page_height)] == [210, 297]
    assert [round(side.mm) for side in (first.left_margin, first.right_margin, first.top_margin)] == [30, 15, 20]
    assert first.different_first_page_header_footer
    assert not any(section.different_first_page_header_footer for section in others)
    assert {section.orientation for section in others} == {WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT}
    assert "PAGE" in first.header._element.xml
    assert all(section.header.is_linked_to_previous for section in others)


def test_tables_are_tables_whose_headers_are_repeated(everything: Summary, opened: WordDocument) -> None:
    given = [block for block in blocks(everything) if isinstance(block, Table)]
    made = [table for table in opened.tables if table.style.name == "Table Grid"]
    assert len(made) == len(given)
    for block, table in zip(given, made, strict=True):
        first = table.rows[0]._tr
        assert first.trPr.find(qn("w:tblHeader")) is not None
        assert [cell.text for cell in table.rows[0].cells] == list(block.columns)
        assert len(table.rows) == 1 + max(1, len(block.rows))
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


def test_pictures_carry_their_words(everything: Summary, opened: WordDocument) -> None:
    found = [node.get("descr") for node in opened.element.body.iter(qn("wp:docPr"))]
    assert found == [chart.alt.text for chart in everything.charts]


def test_links_lead_to_web_addresses(everything: Summary, opened: WordDocument) -> None:
    made = {relation.target_ref for relation in opened.part.rels.values() if relation.is_external}
    cells: list[Cell] = []
    for block in blocks(everything):
        if isinstance(block, Quote):
            cells.append(block.headline)
        elif isinstance(block, Table):
            cells += [cell for row in block.rows for cell in row.cells]
    assert made == {cell.link for cell in cells if cell.link}


def test_sample_data_is_marked(july: Summary) -> None:
    small = dataclasses.replace(july, sections=())
    sample = Document(io.BytesIO(docx(dataclasses.replace(small, sample=True), {})))
    assert sample.paragraphs[0].text == layout.SAMPLE
    assert layout.SAMPLE not in text_of(Document(io.BytesIO(docx(small, {}))))


def test_the_same_summary_gives_the_same_bytes(
    everything: Summary, pictures: dict[str, bytes], as_docx: bytes, opened: WordDocument
) -> None:
    assert docx(everything, pictures) == as_docx
    with zipfile.ZipFile(io.BytesIO(as_docx)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in parts.namelist() if "thumbnail" in name]
    created = opened.core_properties.created
    assert created.replace(tzinfo=dt.UTC) == everything.made_at
