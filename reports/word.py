"""A summary as a Word document: the draft that a clerk numbers, dates, completes and has signed. It looks as Nghị định
30/2020/NĐ-CP says; all looks are in named styles, so that a unit can change them in one place."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from typing import cast
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section as WordSection
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from reports import layout
from reports.document import Block, Cell, Chart, Letterhead, Paragraph, Quote, Row, Section, Summary, Table

_FONT = "Times New Roman"
#: A file of the same summary is the same, byte for byte: the first day that a ZIP archive can name.
_NO_DAY = (1980, 1, 1, 0, 0, 0)
_LEFT, _CENTRE, _RIGHT, _BOTH = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)
_TWIPS_OF_MM = 56.7

#: The styles by the names that a clerk sees.
_PARENT, _ISSUER, _NATION, _MOTTO = "Cơ quan chủ quản", "Cơ quan ban hành", "Quốc hiệu", "Tiêu ngữ"
_NUMBER, _PLACE, _DRAFT, _RULE, _RULE_OF_TITLE = "Số, ký hiệu", "Địa danh, ngày", "Dự thảo", "Kẻ ngang", "Kẻ ngang dưới"
_KIND, _TITLE, _DATA, _TO = "Tên loại văn bản", "Trích yếu", "Thời gian số liệu", "Kính gửi"
_BODY, _LAST, _CORRECTS, _IN_BRIEF, _IN_BRIEF_HEADING = (
    "Nội dung",
    "Nội dung cuối",
    "Thay thế báo cáo",
    "Tóm tắt",
    "Tóm tắt: tên",
)
_NAME, _NOTE, _PICTURE, _ANNEX, _SAMPLE = "Tên bảng, biểu đồ", "Ghi chú", "Biểu đồ", "Phụ lục", "Dữ liệu mẫu"
_HEADLINE, _SOURCE, _SENTENCE = "Tiêu đề bài", "Nguồn bài", "Câu trích"
_COPIES_HEADING, _COPIES, _SIGNER, _SIGNATURE = "Nơi nhận", "Nơi nhận: danh sách", "Người ký", "Chỗ ký"
_CELL, _CELL_NUMBER, _CELL_HEADING, _CELL_BLOCK = "Ô bảng", "Ô số", "Ô tên cột", "Ô tên khối"
_LINK, _TOTAL, _OUTSIDE = "Hyperlink", "Strong", "Emphasis"


def docx(summary: Summary, pictures: Mapping[str, bytes]) -> bytes:
    """`pictures`: the PNG of each chart by its name (reports.charts.pictures)."""
    document = Document()
    _prepare(document, summary)
    _Writer(document, pictures).write(summary)
    whole = io.BytesIO()
    document.save(whole)
    return _without_time(whole.getvalue())


class _Writer:
    """Puts a summary's parts into a document one after the other."""

    def __init__(self, document: WordDocument, pictures: Mapping[str, bytes]) -> None:
        self._document = document
        self._pictures = pictures
        self._ids = {style.name: style.style_id for style in document.styles}

    def write(self, summary: Summary) -> None:
        parts = layout.parts(summary)
        signed_after = layout.signed_after(parts)
        self._head(summary)
        if signed_after < 0:
            self._signature(summary.letterhead)
        wide = False
        for number, part in enumerate(parts):
            if part.wide != wide:
                wide = part.wide
                _direct(self._document.add_section(WD_SECTION.NEW_PAGE), wide)
            for section in part.sections:
                self._section(section, wide)
            if number == signed_after:
                self._keep_last_with_next()
                self._signature(summary.letterhead)

    def _head(self, summary: Summary) -> None:
        if summary.sample:
            self._paragraph(layout.SAMPLE, _SAMPLE)
        self._letterhead(summary.letterhead)
        self._paragraph(summary.kind, _KIND)
        self._paragraph(summary.title, _TITLE)
        self._paragraph("", _RULE_OF_TITLE)
        self._paragraph(summary.data_line, _DATA)
        self._paragraph(f"Kính gửi: {summary.letterhead.addressed_to}", _TO)
        for correction in summary.corrects:
            self._paragraph(correction.text, _CORRECTS)
        if summary.in_brief:
            self._paragraph(layout.IN_BRIEF, _IN_BRIEF_HEADING)
        for told in summary.in_brief:
            self._paragraph(told.text, _IN_BRIEF)

    def _letterhead(self, head: Letterhead) -> None:
        left = [(head.parent, _PARENT), (head.issuer, _ISSUER), ("", _RULE)]
        right = [(layout.NATION, _NATION), (layout.MOTTO, _MOTTO)]
        below = [(head.number_line, _NUMBER), (layout.DRAFT, _DRAFT)]
        self._side_by_side(((left, right), (below, [(head.place_and_date, _PLACE)])), (65, 100))

    def _signature(self, head: Letterhead) -> None:
        left = [(layout.COPIES_TO, _COPIES_HEADING), *((copy, _COPIES) for copy in layout.copies(head))]
        right = [*((line, _SIGNER) for line in head.signer), ("", _SIGNATURE)]
        self._side_by_side(((left, right),), (82, 83))

    def _side_by_side(
        self, rows: Iterable[tuple[list[tuple[str, str]], list[tuple[str, str]]]], widths_mm: tuple[int, int]
    ) -> None:
        """Rows of a table without lines: each cell has paragraphs, a text and its style."""
        widths = [round(width * _TWIPS_OF_MM) for width in widths_mm]
        self._add_table([self._row_xml(list(map(self._side, row, widths))) for row in rows], widths, "TableNormal")

    def _side(self, told: list[tuple[str, str]], width: int) -> str:
        return self._cell_xml([self._p(text, style) for text, style in told], width)

    def _keep_last_with_next(self) -> None:
        """No signature stands alone on a page."""
        last = self._document.paragraphs[-1] if self._document.paragraphs else None
        if last is not None and last.style is not None and last.style.name == _BODY:
            last.style = self._document.styles[_LAST]

    def _section(self, section: Section, wide: bool) -> None:
        self._paragraph(section.heading, _ANNEX if layout.is_annex(section) else "Heading 1")
        for block in section.blocks:
            self._block(block, wide)

    def _block(self, block: Block, wide: bool) -> None:
        match block:
            case Paragraph():
                self._paragraph(block.text, _BODY)
            case Quote():
                self._quote(block)
            case Chart():
                self._chart(block)
            case Table():
                self._table(block, wide)

    def _quote(self, quote: Quote) -> None:
        self._add(self._p_of(self._runs(quote.headline, ""), _HEADLINE))
        self._paragraph(quote.source.text, _SOURCE)
        if quote.sentence:
            self._paragraph(f"“{quote.sentence}”", _SENTENCE)

    def _chart(self, chart: Chart) -> None:
        self._paragraph(chart.title, _NAME)
        place = self._document.add_paragraph(style=_PICTURE)
        drawn = place.add_run().add_picture(io.BytesIO(self._pictures[chart.name]), width=Mm(160))
        drawn._inline.docPr.set("name", _clean(chart.title))
        drawn._inline.docPr.set("descr", _clean(chart.alt.text))

    def _table(self, table: Table, wide: bool) -> None:
        self._paragraph(table.title, _NAME)
        whole = (257 if wide else 165) * _TWIPS_OF_MM
        widths = [round(share * whole) for share in layout.shares(table)]
        size = _at_size(layout.points(table))
        heading = [
            self._cell_xml([self._p(column, _CELL_HEADING + size)], width, shade="E4E4E4")
            for column, width in zip(table.columns, widths, strict=True)
        ]
        rows = [self._row_xml(heading, header=True), *(self._row(row, widths, size) for row in table.rows)]
        if not table.rows:
            told = self._p(table.empty, _CELL + size)
            rows.append(self._row_xml([self._cell_xml([told], sum(widths), span=len(widths))]))
        self._add_table(rows, widths, "TableGrid")
        for note in table.notes:
            self._paragraph(note.text, _NOTE)

    def _row(self, row: Row, widths: list[int], size: str) -> str:
        if row.kind == "block":
            told = [self._p(cell.text, _CELL_BLOCK + size) for cell in row.cells]
            return self._row_xml(
                [
                    self._cell_xml(told[:1], widths[0], shade="F2F2F2"),
                    self._cell_xml(told[1:], sum(widths[1:]), span=len(widths) - 1, shade="F2F2F2"),
                ]
            )
        character = {"total": _TOTAL, "outside": _OUTSIDE}.get(row.kind, "")
        cells = []
        for cell, width in zip(row.cells, widths, strict=True):
            style = (_CELL_NUMBER if layout.is_number(cell) else _CELL) + size
            cells.append(self._cell_xml([self._p_of(self._runs(cell, character), style)], width))
        return self._row_xml(cells)

    def _paragraph(self, text: str, style: str) -> None:
        self._add(self._p(text, style))

    # Text is written as XML: python-docx takes seconds for an annex of a thousand rows.

    def _add(self, xml: str) -> BaseOxmlElement:
        element = _element(xml)
        self._document.element.body.insert_element_before(element, "w:sectPr")
        return element

    def _add_table(self, rows: list[str], widths: list[int], style: str) -> None:
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        margins = "".join(f'<w:{side} w:w="60" w:type="dxa"/>' for side in ("left", "right"))
        table = self._add(
            f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
            f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid></w:tbl>"
        )
        # One at a time: moving a tree into another document takes time by the square of its size.
        for row in rows:
            table.append(_element(row))

    def _row_xml(self, cells: list[str], header: bool = False) -> str:
        """A row stays on one page; a header is repeated on each."""
        repeated = "<w:tblHeader/>" if header else ""
        return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"

    def _cell_xml(self, paragraphs: list[str], width: int, span: int = 1, shade: str | None = None) -> str:
        spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
        shaded = f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else ""
        properties = f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spanned}{shaded}</w:tcPr>'
        return f"<w:tc>{properties}{''.join(paragraphs)}</w:tc>"

    def _p(self, text: str, style: str) -> str:
        return self._p_of(_run(text), style)

    def _p_of(self, runs: str, style: str) -> str:
        return f"<w:p><w:pPr><w:pStyle w:val={quoteattr(self._id(style))}/></w:pPr>{runs}</w:p>"

    def _runs(self, cell: Cell, character: str) -> str:
        if cell.link is None:
            return _run(cell.text, self._id(character) if character else "")
        relation = self._document.part.relate_to(cell.link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        return f'<w:hyperlink r:id="{relation}" w:history="1">{_run(cell.text, self._id(_LINK))}</w:hyperlink>'

    def _id(self, style: str) -> str:
        return str(self._ids[style])


def _element(xml: str) -> BaseOxmlElement:
    (element,) = parse_xml(f"<w:body {nsdecls('w', 'r')}>{xml}</w:body>")
    return cast(BaseOxmlElement, element)


def _run(text: str, character: str = "") -> str:
    look = f"<w:rPr><w:rStyle w:val={quoteattr(character)}/></w:rPr>" if character else ""
    lines = [f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in _clean(text).split("\n")]
    return f"<w:r>{look}{'<w:br/>'.join(lines)}</w:r>"


def _clean(text: str) -> str:
    """Without what XML can't hold and what changes the direction of writing; line ends stay."""
    kept = (" " if unicodedata.category(ch) in ("Cc", "Cs") and ch != "\n" else ch for ch in text)
    return "".join(ch for ch in kept if unicodedata.category(ch) != "Cf" and ch not in "\ufffe\uffff")


def _prepare(document: WordDocument, summary: Summary) -> None:
    """Page, header, styles and properties, and nothing left of the sample that python-docx begins with."""
    package = document.part.package
    for key in [key for key, relation in package.rels.items() if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del package.rels[key]
    _properties(document, summary)
    _styles(document)
    first = document.sections[0]
    _direct(first, wide=False)
    # No number on page 1.
    first.different_first_page_header_footer = True
    number = first.header.paragraphs[0]
    number.style = document.styles["Header"]
    for mark, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = number.add_run()
        inner = f'<w:fldChar {nsdecls("w")} w:fldCharType="{mark}"/>' if mark else ""
        run._r.append(parse_xml(inner or f"<w:instrText {nsdecls('w')}>{text}</w:instrText>"))


def _properties(document: WordDocument, summary: Summary) -> None:
    properties = document.core_properties
    made = summary.made_at.astimezone(dt.UTC).replace(tzinfo=None)
    properties.author = properties.last_modified_by = _clean(summary.letterhead.issuer)[:255]
    # Word's properties take 255 characters.
    properties.title = _clean(summary.title)[:255]
    properties.comments = layout.SAMPLE if summary.sample else ""
    properties.language = "vi-VN"
    properties.created = properties.modified = made
    properties.revision = 1


def _direct(section: WordSection, wide: bool) -> None:
    """A4, standing or lying; the bound edge is the left of the one and the top of the other."""
    width, height = (297, 210) if wide else (210, 297)
    top, bottom, left, right = (30, 15, 20, 20) if wide else (20, 20, 30, 15)
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.header_distance = Mm(20 if wide else 10)
    section.different_first_page_header_footer = False


def _styles(document: WordDocument) -> None:
    normal = document.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)  # noqa: S101 - of the template
    _look(normal, size=13)
    language = parse_xml(f'<w:lang {nsdecls("w")} w:val="vi-VN" w:eastAsia="vi-VN"/>')
    normal.element.get_or_add_rPr().append(language)
    for lang in document.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), "vi-VN")
    _look(document.styles["Header"], align=_CENTRE)
    _look(document.styles["Heading 1"], bold=True, before=12, after=6)
    annex = _look(_new(document, _ANNEX, "Heading 1"), align=_CENTRE, bold=True, after=6)
    annex.paragraph_format.page_break_before = True
    _head_styles(document)
    _text_styles(document)
    _table_styles(document)
    link = document.styles.add_style(_LINK, WD_STYLE_TYPE.CHARACTER)
    link.font.underline = True
    link.font.color.rgb = RGBColor(0x0B, 0x4A, 0x8F)


def _head_styles(document: WordDocument) -> None:
    _look(_new(document, _PARENT), size=12, align=_CENTRE)
    _look(_new(document, _ISSUER), size=12, align=_CENTRE, bold=True)
    _look(_new(document, _NATION), size=12, align=_CENTRE, bold=True)
    _rule(_look(_new(document, _MOTTO), size=13, align=_CENTRE, bold=True, sides=20), "bottom")
    _rule(_look(_new(document, _RULE), size=4, after=4, sides=19), "bottom")
    _rule(_look(_new(document, _RULE_OF_TITLE), size=4, after=8, sides=62), "bottom")
    _look(_new(document, _NUMBER), align=_CENTRE)
    _look(_new(document, _PLACE), align=_CENTRE, italic=True)
    _rule(_look(_new(document, _DRAFT), align=_CENTRE, bold=True, before=6, sides=16), *_BOX)
    _look(_new(document, _KIND), size=14, align=_CENTRE, bold=True, before=12)
    _look(_new(document, _TITLE), align=_CENTRE, bold=True, before=4)
    _look(_new(document, _DATA), align=_CENTRE, italic=True, after=6)
    _look(_new(document, _TO), align=_CENTRE, after=10)
    _rule(_look(_new(document, _SAMPLE), align=_CENTRE, bold=True, after=10), *_BOX, fill="FFD54A")
    _look(_new(document, _COPIES_HEADING), size=12, bold=True, italic=True, before=18)
    _look(_new(document, _COPIES), size=11)
    _look(_new(document, _SIGNER), align=_CENTRE, bold=True, before=18)
    # Room for the signature.
    _look(_new(document, _SIGNATURE), align=_CENTRE, bold=True, before=85)


def _text_styles(document: WordDocument) -> None:
    body = _look(_new(document, _BODY), align=_BOTH, after=6)
    body.paragraph_format.first_line_indent = Mm(10)
    last = _new(document, _LAST, _BODY)
    last.paragraph_format.keep_with_next = True
    _rule(_look(_new(document, _CORRECTS), align=_BOTH, bold=True, after=6), *_BOX, eighths=12)
    _rule(_look(_new(document, _IN_BRIEF_HEADING), bold=True, before=6), *_BOX, fill="F5F5F5")
    _rule(_look(_new(document, _IN_BRIEF), align=_BOTH), *_BOX, fill="F5F5F5")
    name = _look(_new(document, _NAME), bold=True, before=10, after=4)
    name.paragraph_format.keep_with_next = True
    _look(_new(document, _NOTE), size=11, italic=True, after=2)
    _look(_new(document, _PICTURE), align=_CENTRE, after=8)
    for named, size, bold, after in ((_HEADLINE, 13, True, 0), (_SOURCE, 12, False, 0), (_SENTENCE, 13, False, 8)):
        style = _look(_new(document, named), size=size, bold=bold, align=_BOTH, after=after)
        style.paragraph_format.left_indent = Mm(10)
        style.paragraph_format.keep_with_next = named != _SENTENCE


def _table_styles(document: WordDocument) -> None:
    for size in layout.POINTS:
        at = _at_size(size)
        _look(_new(document, _CELL + at), size=size, before=1, after=1)
        _look(_new(document, _CELL_NUMBER + at), size=size, align=_RIGHT, before=1, after=1)
        _look(_new(document, _CELL_HEADING + at), size=size, align=_CENTRE, bold=True, before=1, after=1)
        block = _look(_new(document, _CELL_BLOCK + at), size=size, bold=True, before=1, after=1)
        block.paragraph_format.keep_with_next = True


def _at_size(points: float) -> str:
    return f" {points:g}".replace(".", ",")


def _new(document: WordDocument, name: str, base: str = "Normal") -> ParagraphStyle:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(style, ParagraphStyle)  # noqa: S101 - that is what was asked for
    style.base_style = document.styles[base]
    style.quick_style = True
    return style


def _look(
    style: ParagraphStyle,
    size: float | None = None,
    align: WD_ALIGN_PARAGRAPH | None = None,
    bold: bool = False,
    italic: bool = False,
    before: float = 0,
    after: float = 0,
    sides: float = 0,
) -> ParagraphStyle:
    """Black Times New Roman; sizes and distances in points, `sides` in millimetres left out at both."""
    style.font.name = _FONT
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in [key for key in fonts.attrib if "Theme" in key]:
        del fonts.attrib[key]
    for script in ("w:cs", "w:eastAsia"):
        fonts.set(qn(script), _FONT)
    style.font.size = Pt(size or 13)
    style.font.bold, style.font.italic = bold, italic
    style.font.color.rgb = RGBColor(0, 0, 0)
    shape = style.paragraph_format
    shape.alignment = align or _LEFT
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    shape.line_spacing = 1.0
    shape.left_indent = shape.right_indent = Mm(sides)
    return style


_BOX = ("top", "left", "bottom", "right")


def _rule(style: ParagraphStyle, *sides: str, fill: str = "FFFFFF", eighths: int = 6) -> None:
    """A line at these sides of the paragraph, so many eighths of a point wide, and a ground."""
    lines = "".join(f'<w:{side} w:val="single" w:sz="{eighths}" w:space="3" w:color="000000"/>' for side in sides)
    borders = parse_xml(f"<w:pBdr {nsdecls('w')}>{lines}</w:pBdr>")
    ground = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{fill}"/>')
    properties = style.element.get_or_add_pPr()
    # Where the schema has them: before the distances.
    spacing = properties.find(qn("w:spacing"))
    spacing.addprevious(borders)
    spacing.addprevious(ground)


def _without_time(document: bytes) -> bytes:
    """The same parts in the same order, all of one day: python-docx writes the clock into the file."""
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as given, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            part = zipfile.ZipInfo(name, _NO_DAY)
            part.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(part, given.read(name))
    return whole.getvalue()
