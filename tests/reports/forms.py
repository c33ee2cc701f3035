"""A summary with everything that one can hold, hostile text among it, and what can be read in each of its forms."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from pypdf import PdfReader

from reports.document import Bar, Block, Cell, Chart, Figure, Paragraph, Quote, Row, Section, Summary, Table
from reports.vietnamese import number, one_line

#: As the press might print them, and as builders of summaries take them in.
HOSTILE = tuple(
    one_line(text)
    for text in (
        "<script>alert('x')</script>",
        '=HYPERLINK("http://x.example")',
        "Tiêu đề\r\nBcc: x@y.example",
        "phải \u202eqq\u200f trái",
        "tin 😀 vui 中文",
        "#let x = 1 $y$ @z *đậm* _nghiêng_",
        "{datum.x} ${x} {{ y }} {% z %}",
        "<r>đầu</r>",
        "- Như trên; &amp; &lt; ]]> \\u0041",
        "+84 24 080 43162",
    )
)
FORMULA = HOSTILE[1]


def with_everything(summary: Summary) -> Summary:
    """The summary with charts of figures of its own, a correction, words in brief and a section of hostile text."""
    counted = next(block for block in blocks(summary) if isinstance(block, Table) and block.title.startswith("Bảng 3"))
    bars = tuple(
        Bar(row.cells[1].text, layer, row.cells[column].figures[0])
        for row in counted.rows
        if row.kind == "row" and row.cells[3].figures
        for column, layer in ((3, "Lượt đăng"), (4, "Trong đó: đăng lại"))
    )
    alt = Paragraph(f"Nhiều nhất: {number(bars[0].figure.value)} lượt", (bars[0].figure,))
    lying = Chart("by-outlet", "Biểu đồ 1. Số lượt theo cơ quan báo chí", alt, "lượt", bars, sideways=True)
    standing = Chart("standing", "Biểu đồ 2. Số lượt", alt, "lượt", bars[:4])
    empty = Chart("empty", "Biểu đồ 3. Không có gì", Paragraph("Chưa có số liệu để vẽ."), "lượt", ())
    named = tuple(Bar(text, f"lớp {text}", bars[0].figure) for text in HOSTILE)
    hostile_chart = Chart("hostile", HOSTILE[0], Paragraph(HOSTILE[0]), HOSTILE[6], named, sideways=True)
    rows = tuple(Row((Cell(str(at)), Cell(text), Cell(text))) for at, text in enumerate(HOSTILE, 1))
    hostile: list[Block] = [Table(FORMULA, ("TT", *HOSTILE[:2]), rows, notes=(Paragraph(HOSTILE[3]),)), hostile_chart]
    for text in HOSTILE:
        linked = Cell(text, link="https://bao.example/?a=1&b=%22x%22")
        hostile += [Paragraph(text), Quote(linked, Paragraph(text), text)]
    sections = [
        *summary.sections[:-2],
        Section("Thử ký tự", tuple(hostile)),
        *summary.sections[-2:],
    ]
    second = dataclasses.replace(sections[1], blocks=(lying, standing, empty, *sections[1].blocks))
    return dataclasses.replace(
        summary,
        sections=(sections[0], second, *sections[2:]),
        corrects=(Paragraph("Báo cáo này thay thế báo cáo gửi ngày 03/8/2021."),),
        in_brief=(Paragraph(f"Tóm lại: {alt.text}.", alt.figures), Paragraph("Tóm lại điều thứ hai.")),
    )


def blocks(summary: Summary) -> Iterator[Block]:
    return (block for section in summary.sections for block in section.blocks)


def said(summary: Summary) -> Iterator[str]:
    """Every text of a summary, but for what charts say in the picture."""
    head = summary.letterhead
    yield from (head.parent, head.issuer, head.number_line, head.place_and_date, head.addressed_to, *head.signer)
    yield from (one.rstrip(".") for one in head.copies_to)
    yield from (summary.kind, summary.title, summary.data_line)
    yield from (told.text for told in (*summary.corrects, *summary.in_brief))
    for section in summary.sections:
        yield section.heading
        for block in section.blocks:
            yield from _said(block)


def _said(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield block.text
        case Table():
            yield from (block.title, *block.columns, *(note.text for note in block.notes))
            yield from (cell.text for row in block.rows for cell in row.cells)
            if not block.rows:
                yield block.empty
        case Quote():
            yield from (block.headline.text, block.source.text, block.sentence or "")
        case Chart():
            yield block.title


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def pdf_text(content: bytes) -> str:
    """In the order in which it was set, so that the lines of a cell stay together."""
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    # A page begins with its number.
    return "".join(re.sub(r"^\d+\n", "", page) for page in pages)


_EXCEL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclasses.dataclass(frozen=True)
class Sheet:
    name: str
    cells: dict[str, str | float]
    xml: str


def sheets(content: bytes) -> list[Sheet]:
    """What the cells of a workbook hold, by the names of the sheets."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        strings = [
            "".join(text.text or "" for text in item.iter(f"{_EXCEL}t"))
            for item in ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))  # noqa: S314 - made here
        ]
        book = ElementTree.fromstring(parts.read("xl/workbook.xml"))  # noqa: S314 - made here
        names = [sheet.attrib["name"] for sheet in book.iter(f"{_EXCEL}sheet")]
        found = []
        for at, name in enumerate(names, 1):
            xml = parts.read(f"xl/worksheets/sheet{at}.xml").decode()
            cells: dict[str, str | float] = {}
            for cell in ElementTree.fromstring(xml).iter(f"{_EXCEL}c"):  # noqa: S314 - made here
                value = cell.findtext(f"{_EXCEL}v")
                if value is not None:
                    cells[cell.attrib["r"]] = strings[int(value)] if cell.get("t") == "s" else float(value)
            found.append(Sheet(name, cells, xml))
        return found


def printed_figures(value: Any) -> Iterator[tuple[str, Figure]]:
    """Every figure of a summary with the text it is printed in; a bar's is its number."""
    if isinstance(value, Cell | Paragraph):
        for figure in value.figures:
            yield value.text, figure
    elif isinstance(value, Bar):
        yield number(_plain(value.figure.value)), value.figure
    elif isinstance(value, tuple):
        for item in value:
            yield from printed_figures(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from printed_figures(getattr(value, field.name))


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else float(value)
