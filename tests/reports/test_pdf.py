"""The PDF: complete, laid out as decreed, its letters of one font whatever the press prints."""

from __future__ import annotations

import dataclasses
import re
import zlib
from pathlib import Path

import pytest
import typst

from reports import layout
from reports.document import Cell, Paragraph, Row, Section, Summary, Table
from reports.letters import BOX, KNOWN, shown
from reports.pdf import Pdf, pdf
from tests.reports.forms import HOSTILE, pdf_text, said, squeezed

LIBERATION = Path("/usr/share/fonts/truetype/liberation2")
NOWHERE = Path("/nowhere")


def streams(content: bytes) -> bytes:
    """All of the file, unpacked."""
    unpacked = [content]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            unpacked.append(zlib.decompress(packed))
        except zlib.error:
            continue
    return b"\n".join(unpacked)


def short(summary: Summary, *paragraphs: str) -> Summary:
    section = Section("I. PHẦN", tuple(Paragraph(text) for text in paragraphs))
    return dataclasses.replace(summary, sections=(section,), corrects=(), in_brief=())


def test_the_pdf_says_everything(everything: Summary, pdf_words: str) -> None:
    told = squeezed(pdf_words)
    for text in said(everything):
        assert squeezed(shown(text)) in told, text


def test_the_head_and_the_foot_are_as_decreed(pdf_words: str) -> None:
    told = squeezed(pdf_words)
    for text in (layout.NATION, layout.MOTTO, "DỰ THẢO", "Nơi nhận:", "- Như trên;", "- Lưu: VT, KSTT.", "CỤC TRƯỞNG"):
        assert squeezed(text) in told
    assert told.index("VII.KIẾNNGHỊ") < told.index("Nơinhận:") < told.index("PhụlụcI.")


def test_hostile_text_is_text(pdf_words: str) -> None:
    told = squeezed(pdf_words)
    for text in HOSTILE:
        assert squeezed(shown(text)) in told
    assert "\u202e" not in pdf_words


def test_what_the_font_lacks_is_a_box_and_counted(july: Summary, everything: Summary, as_pdf: Pdf) -> None:
    assert shown("tin 😀 vui 中文 ☺️") == f"tin {BOX} vui {BOX}{BOX} {BOX}"
    assert as_pdf.lost == sum(shown(text).count(BOX) for text in HOSTILE) * 6
    assert as_pdf.notes[-1].startswith(f"{as_pdf.lost} characters")
    assert pdf(short(july, "Tiếng Việt")).lost == 0
    assert everything.charts


def test_what_no_font_and_no_xml_can_hold_does_not_lose_the_report(july: Summary) -> None:
    made = pdf(short(july, "a\x00b\x0b\ud800\ufffe\u202ec\nd\u200be"))
    assert made.lost == 2


def test_letters_and_marks_sent_apart_are_put_together() -> None:
    assert shown("Nghi\u0323 quye\u0302\u0301t") == "Nghị quyết"


@pytest.mark.parametrize("font", ["Liberation Serif", "Liberation Sans", "Libertinus Serif"])
def test_every_known_character_is_in_every_font(font: str) -> None:
    if font.startswith("Liberation") and not LIBERATION.is_dir():
        pytest.skip("fonts-liberation2 is not here")
    page = "#set document(title: sys.inputs.told)\n#set text(font: sys.inputs.font, fallback: false)\n"
    page += "#let it = sys.inputs.told\n#it #strong(it) #emph(it) #strong(emph(it))"
    typst.compile(
        page.encode(),
        font_paths=[LIBERATION] if LIBERATION.is_dir() else [],
        ignore_system_fonts=True,
        sys_inputs={"told": "".join(sorted(KNOWN)), "font": font},
        pdf_standards=["a-2a", "ua-1"],
        format="pdf",
    )


def test_without_liberation_typsts_own_font_serves_and_the_result_says_so(everything: Summary) -> None:
    small = short(everything, "Cổng Dịch vụ công quốc gia: Ữ Ặ ễ ₫")
    chart = next(chart for chart in everything.charts if chart.name == "hostile")
    small = dataclasses.replace(small, sections=(*small.sections, Section("II", (chart,))))
    made = pdf(small, NOWHERE)
    assert made.font == "Libertinus Serif"
    assert "fonts-liberation2" in made.notes[0]
    fonts = set(re.findall(rb"/FontName\s*/[A-Z]{6}\+([A-Za-z]+)", streams(made.content)))
    assert fonts == {b"LibertinusSerif"}
    assert "Cổng Dịch vụ công quốc gia: Ữ Ặ ễ ₫" in " ".join(pdf_text(made.content).split())


@pytest.mark.skipif(not LIBERATION.is_dir(), reason="fonts-liberation2 is not here")
def test_all_letters_are_liberations(as_pdf: Pdf) -> None:
    fonts = set(re.findall(rb"/FontName\s*/[A-Z]{6}\+([A-Za-z]+)", streams(as_pdf.content)))
    assert fonts == {b"LiberationSerif", b"LiberationSans"}


def test_the_pdf_is_for_archives_and_screen_readers(everything: Summary, as_pdf: Pdf) -> None:
    inside = streams(as_pdf.content)
    assert b"<pdfaid:part>2</pdfaid:part>" in inside
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in inside
    assert b"<pdfuaid:part>1</pdfuaid:part>" in inside
    assert b"/Lang" in inside
    assert inside.count(b"/S/Figure") + inside.count(b"/S /Figure") >= len(everything.charts)


def test_wide_tables_lie_and_the_rest_stands(as_pdf: Pdf) -> None:
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([0-9.]+) ([0-9.]+)", streams(as_pdf.content))
    shapes = [float(width) < float(height) for width, height in boxes]
    assert shapes[0]
    assert not all(shapes)


def test_sample_data_is_marked(july: Summary) -> None:
    small = short(july, "Nội dung")
    sample = dataclasses.replace(small, sample=True)
    assert pdf_text(pdf(sample).content).startswith(layout.SAMPLE)
    assert "DỮ LIỆU MẪU" not in pdf_text(pdf(small).content)


def test_a_long_address_and_a_long_word_break(july: Summary) -> None:
    address = "https://bao.example/" + "mot-hai-ba/" * 30 + "x" * 300
    path = "archive/2026/11/24/20261124T013000-" + "vnexpress" * 4 + ".warc.gz, 123456"
    row = Row(tuple(Cell(text) for text in (address, path, "y" * 90)))
    table = Table("Bảng", ("A", "B", "C"), (row,))
    summary = short(july, address)
    told = pdf_text(pdf(dataclasses.replace(summary, sections=(*summary.sections, Section("II", (table,))))).content)
    for text in (address, path, "y" * 90):
        assert squeezed(text) in squeezed(told)
    assert "\u200b" not in told


def test_the_same_summary_gives_the_same_bytes(everything: Summary, as_pdf: Pdf) -> None:
    assert pdf(everything).content == as_pdf.content
