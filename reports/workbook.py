"""A summary as an Excel workbook: all its text on the first sheet, then a sheet a table, and one a chart with what it
draws. Cells are written by what they are, not by what they look like: no text becomes a formula, a link or a number."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterable, Iterator

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports import layout
from reports.document import Block, Cell, Chart, Figure, Paragraph, Quote, Row, Summary, Table
from reports.vietnamese import number

#: What a cell of Excel takes, in UTF-16 units.
_MOST_TEXT = 32_767
_CUT = " […]"
#: The letters of a sheet's whole width, and of its name.
_WIDTH, _FRONT_WIDTH, _NAME = 160, 80, 31
_TALLEST = 409.0
_FIRST = "Báo cáo"
_FONT = "Times New Roman"
_A4 = 9


def xlsx(summary: Summary) -> bytes:
    whole = io.BytesIO()
    literally = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    # Columns are as wide as so many figures of this font.
    default = {"default_format_properties": {"font_name": _FONT, "font_size": 11}}
    with xlsxwriter.Workbook(whole, {"in_memory": True, **literally, **default}) as book:
        made = summary.made_at.replace(tzinfo=None)
        book.set_properties({"title": _fit(summary.title)[:255], "created": made})
        _Writer(book, summary.sample).write(summary)
    return whole.getvalue()


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook, sample: bool) -> None:
        self._book = book
        self._sample = sample
        self._taken: set[str] = set()
        self._formats: dict[str, Format] = {}

    def write(self, summary: Summary) -> None:
        self._front(summary)
        for section in summary.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    self._table(block)
                elif isinstance(block, Chart):
                    self._table(_drawn(block))

    def _front(self, summary: Summary) -> None:
        sheet, row = self._sheet(_FIRST)
        sheet.set_column(0, 0, _FRONT_WIDTH)
        for text, look in _front(summary):
            sheet.set_row(row, _height([(text, _FRONT_WIDTH)]))
            _put(sheet, row, 0, text, self._look(look, wrap=True))
            row += 1

    def _table(self, table: Table) -> None:
        sheet, row = self._sheet(table.title)
        sheet.set_landscape()
        widths = [max(6, round(share * _WIDTH)) for share in layout.shares(table)]
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        self._across(sheet, row, 0, widths, table.title, self._look("bold", wrap=True))
        row += 1
        sheet.set_row(row, _height(zip(table.columns, widths, strict=True)))
        for column, heading in enumerate(table.columns):
            _put(sheet, row, column, heading, self._look("heading", wrap=True))
        sheet.repeat_rows(row)
        sheet.freeze_panes(row + 1, 0)
        for line in table.rows:
            row += 1
            self._row(sheet, row, line, widths)
        below = [("", table.empty)] if not table.rows else []
        for look, text in [*below, *(("italic", note.text) for note in table.notes)]:
            row += 1
            self._across(sheet, row, 0, widths, text, self._look(look, wrap=True))

    def _row(self, sheet: Worksheet, row: int, line: Row, widths: list[int]) -> None:
        look = {"block": "block", "total": "bold", "outside": "italic"}.get(line.kind, "")
        written = self._look(look, border=True, wrap=True)
        if line.kind == "block":
            self._across(sheet, row, 1, widths, line.cells[1].text, written)
            _put(sheet, row, 0, line.cells[0].text, written)
            return
        sheet.set_row(row, _height((cell.text, width) for cell, width in zip(line.cells, widths, strict=True)))
        for column, cell in enumerate(line.cells):
            value, mark = _alone(cell)
            if value is None:
                _put(sheet, row, column, cell.text, written)
            else:
                digits = "#,##0" if isinstance(value, int) else "#,##0.0"
                shape = f'{digits}"{mark}"' if mark else digits
                sheet.write_number(row, column, value, self._look(look, border=True, digits=shape))

    def _across(self, sheet: Worksheet, row: int, first: int, widths: list[int], text: str, look: Format) -> None:
        """One cell from column `first` to the last."""
        if first + 1 < len(widths):
            sheet.merge_range(row, first, row, len(widths) - 1, "", look)
        sheet.set_row(row, _height([(text, sum(widths[first:]))]))
        _put(sheet, row, first, text, look)

    def _sheet(self, title: str) -> tuple[Worksheet, int]:
        """A new sheet, and its first row after the mark of sample data."""
        sheet = self._book.add_worksheet(self._name(title))
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        if self._sample:
            _put(sheet, 0, 0, layout.SAMPLE, self._look("mark"))
        return sheet, int(self._sample)

    def _name(self, title: str) -> str:
        """Unique, of at most 31 letters, without those that Excel refuses in a sheet's name."""
        numbered = re.match(r"(?:Bảng|Biểu đồ) \d+", title)
        named = numbered[0] if numbered else title
        base = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", named).strip(" '")[:_NAME].strip(" '") or "Bảng"
        name, copy = base, 1
        while name.casefold() in self._taken:
            copy += 1
            name = f"{base[: _NAME - 5]} ({copy})"
        self._taken.add(name.casefold())
        return name

    def _look(self, look: str, border: bool = False, wrap: bool = False, digits: str = "") -> Format:
        key = repr((look, border, wrap, digits))
        if key not in self._formats:
            properties = {"font_name": _FONT, "font_size": 11, "valign": "top", **_LOOKS[look]}
            if border or look == "heading":
                properties["border"] = 1
            if digits:
                properties["num_format"] = digits
            self._formats[key] = self._book.add_format({**properties, "text_wrap": wrap})
        return self._formats[key]


_LOOKS: dict[str, dict[str, object]] = {
    "": {},
    "bold": {"bold": True},
    "italic": {"italic": True},
    "heading": {"bold": True, "align": "center", "valign": "vcenter", "bg_color": "#E4E4E4"},
    "block": {"bold": True, "bg_color": "#F2F2F2"},
    "mark": {"bold": True, "bg_color": "#FFD54A"},
}


def _front(summary: Summary) -> Iterator[tuple[str, str]]:
    """Every text outside tables, with its look. A table's name stands where the table is read."""
    head = summary.letterhead
    yield from ((layout.NATION, "bold"), (layout.MOTTO, "bold"), (head.parent, ""), (head.issuer, "bold"))
    yield from ((head.number_line, ""), (head.place_and_date, "italic"), (layout.DRAFT, "bold"))
    yield from ((summary.kind, "bold"), (summary.title, "bold"), (summary.data_line, "italic"))
    yield f"Kính gửi: {head.addressed_to}", ""
    yield from ((paragraph.text, "bold") for paragraph in summary.corrects)
    if summary.in_brief:
        yield layout.IN_BRIEF, "bold"
    yield from ((paragraph.text, "") for paragraph in summary.in_brief)
    signed = False
    for section in summary.sections:
        if layout.is_annex(section) and not signed:
            signed = True
            yield from _signature(summary)
        yield section.heading, "bold"
        for block in section.blocks:
            yield from _told(block)
    if not signed:
        yield from _signature(summary)


def _signature(summary: Summary) -> Iterator[tuple[str, str]]:
    yield from ((line, "bold") for line in summary.letterhead.signer)
    yield layout.COPIES_TO, "italic"
    yield from ((copy, "") for copy in layout.copies(summary.letterhead))


def _told(block: Block) -> Iterator[tuple[str, str]]:
    match block:
        case Paragraph():
            yield block.text, ""
        case Quote():
            yield block.headline.text, "bold"
            yield block.source.text, ""
            if block.sentence:
                yield f"“{block.sentence}”", ""
            if block.headline.link:
                yield block.headline.link, ""
        case Chart():
            yield f"{block.title}: {block.alt.text}", ""
        case Table():
            yield f"{block.title} (xem trang tính riêng)", ""
            yield from ((note.text, "italic") for note in block.notes)


def _drawn(chart: Chart) -> Table:
    """What a chart draws, as a table."""
    rows = tuple(Row((Cell(bar.place), Cell(bar.layer), _counted(bar.figure))) for bar in chart.bars)
    return Table(chart.title, ("Mục", "Loại", chart.unit), rows, notes=(chart.alt,))


def _counted(figure: Figure) -> Cell:
    return Cell(number(None if figure.value is None else _plain(figure.value)), (figure,))


def _alone(cell: Cell) -> tuple[int | float | None, str]:
    """The figure where it is all that the cell says but for an asterisk, and the asterisk; None elsewhere."""
    if len(cell.figures) != 1 or cell.figures[0].value is None:
        return None, ""
    value = _plain(cell.figures[0].value)
    mark = "*" if cell.text.endswith("*") else ""
    return (value, mark) if cell.text == number(value) + mark else (None, "")


def _plain(value: float) -> int | float:
    """Queries give decimals too."""
    return value if isinstance(value, int) else float(value)


def _height(cells: Iterable[tuple[str, int]]) -> float:
    """In points, of a row with these texts in columns so wide: not every program works it out when it opens a file."""
    lines = [sum(_lines(line, width) for line in text.split("\n")) for text, width in cells]
    return min(_TALLEST, 15.0 * max(lines, default=1))


def _lines(line: str, width: int) -> int:
    """A column's width is in figures, which are wider than most letters."""
    if len(line) <= width:
        return 1
    # An address breaks where a program likes, at the worst one line later.
    return len(textwrap.wrap(line, int(1.15 * width))) + any(len(word) > width for word in line.split())


def _put(sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
    sheet.write_string(row, column, _fit(text), look)


def _fit(text: str) -> str:
    """What one cell takes; where it is cut it says so."""
    # XlsxWriter takes such a text for markup of its own making and writes it as it is.
    if text.startswith("<r>") and text.endswith("</r>"):
        text = f"'{text}"
    if len(text.encode("utf-16-le")) // 2 <= _MOST_TEXT:
        return text
    return text.encode("utf-16-le")[: 2 * (_MOST_TEXT - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
