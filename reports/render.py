"""A summary as HTML for mail and browser, and as plain text that is complete by itself."""

from __future__ import annotations

import base64
import bisect
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports import charts, layout
from reports.document import Block, Cell, Chart, Paragraph, Quote, Row, Section, Summary, Table
from reports.vietnamese import number

_WIDTH = 100
#: Gmail shows 102 KB of a page and hides the rest behind a link.
_MOST_BYTES = 100_000

# Titles come from the press and are hostile until escaped: HTML always escapes. The text template doesn't: there
# what could harm is taken out where it enters (reports.vietnamese.one_line).
_HTML = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# Mail programs drop <style>; rules for print and small screens can't be inlined and stay.
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def render_html(summary: Summary, pictures: Mapping[str, bytes]) -> str:
    """One HTML page without scripts, for a browser: CSS is in its elements, the pictures (PNG by chart name) in it."""

    def within(chart: Chart) -> str:
        return f"data:image/png;base64,{base64.b64encode(pictures[chart.name]).decode()}"

    return _page(summary, within)


def render_mail(summary: Summary, address: Callable[[Chart], str]) -> str:
    """The same page for a mail; `address` says where the picture of a chart is ("cid:…").

    A page that a mail program would cut shows as many rows of Phụ lục I as fit, and says so; nothing else is left out.
    """
    page = _page(summary, address)
    articles = _listed(summary)
    if len(page.encode()) <= _MOST_BYTES or not articles:
        return page
    # The longest list that fits.
    kept = bisect.bisect_right(
        range(articles), _MOST_BYTES, key=lambda count: len(_page(_shortened(summary, count), address).encode())
    )
    return _page(_shortened(summary, max(0, kept - 1)), address)


def render_text(summary: Summary) -> str:
    """Everything that the HTML says, in lines of at most about 100 characters; addresses stay whole."""
    head = summary.letterhead
    lines = [layout.SAMPLE, ""] if summary.sample else []
    for told in summary.corrects:
        lines += [*_wrapped(told.text), ""]
    if summary.in_brief:
        lines += [layout.IN_BRIEF, *(line for told in summary.in_brief for line in _wrapped(told.text)), ""]
    lines += [
        head.parent,
        head.issuer,
        layout.NATION,
        layout.MOTTO,
        layout.DRAFT,
        head.number_line,
        head.place_and_date,
        "",
        summary.kind,
        *_wrapped(summary.title),
        *_wrapped(summary.data_line),
        "",
        f"Kính gửi: {head.addressed_to}",
    ]
    sections, after = _around_signature(summary)
    for section in sections:
        lines += _section(section)
    lines += ["", "", *head.signer, "", layout.COPIES_TO, *layout.copies(head)]
    for section in after:
        lines += _section(section)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _section(section: Section) -> list[str]:
    lines = ["", "", section.heading, "=" * len(section.heading)]
    for block in section.blocks:
        lines += ["", *_block(block)]
    return lines


def _page(summary: Summary, picture: Callable[[Chart], str]) -> str:
    template = _HTML.get_template("summary.html.j2")
    page = template.render(
        summary=summary,
        layout=layout,
        around_signature=_around_signature(summary),
        kind_of=_kind_of,
        open=_left_open,
        picture=picture,
        size=charts.size,
    )
    return str(_INLINER.inline(page))


def _around_signature(summary: Summary) -> tuple[list[Section], list[Section]]:
    """The sections above the signature, and the annexes below it."""
    above = [section for section in summary.sections if not layout.is_annex(section)]
    return above, [section for section in summary.sections if layout.is_annex(section)]


def _listed(summary: Summary) -> int:
    """How many articles Phụ lục I lists."""
    tables = (block for section in summary.sections if layout.is_list_of_articles(section) for block in section.blocks)
    return sum(row.kind == "row" for block in tables if isinstance(block, Table) for row in block.rows)


def _shortened(summary: Summary, count: int) -> Summary:
    sections = [
        replace(section, blocks=tuple(part for block in section.blocks for part in _first_rows(block, count)))
        if layout.is_list_of_articles(section)
        else section
        for section in summary.sections
    ]
    return replace(summary, sections=tuple(sections))


def _first_rows(block: Block, count: int) -> list[Block]:
    if not isinstance(block, Table):
        return [block]
    numbered = [number for number, row in enumerate(block.rows, 1) if row.kind == "row"]
    until = numbered[count - 1] if 0 < count <= len(numbered) else 0
    shares = f"{number(count)} trong số {number(len(numbered))} lượt đăng"
    told = f"Thư này chỉ nêu {shares}; danh mục đầy đủ ở phần văn bản của thư và ở bản DOCX, PDF, XLSX của báo cáo."
    return [Paragraph(told), replace(block, rows=block.rows[:until])] if count else [Paragraph(told)]


def _left_open(text: str) -> str:
    """Room for what is written by hand, which HTML would fold into one space."""
    return re.sub(" {2,}", lambda room: "\u00a0" * len(room[0]), text)


def _kind_of(block: Block) -> str:
    return type(block).__name__


def _block(block: Block) -> list[str]:
    if isinstance(block, Paragraph):
        return _wrapped(block.text)
    if isinstance(block, Quote):
        sentence = _wrapped(f'"{block.sentence}"', "  ") if block.sentence else []
        address = [f"  {block.headline.link}"] if block.headline.link else []
        return [*_wrapped(f"- {block.headline.text}", ""), *_wrapped(block.source.text, "  "), *sentence, *address]
    if isinstance(block, Chart):
        return _wrapped(f"[Biểu đồ] {block.title}: {block.alt.text}")
    lines = [block.title, "-" * len(block.title)]
    for row in block.rows:
        lines += _row(row, block)
    if not block.rows:
        lines.append(block.empty)
    return lines + [line for note in block.notes for line in _wrapped(f"Ghi chú: {note.text}")]


def _row(row: Row, table: Table) -> list[str]:
    position = row.cells[0].text
    if row.kind == "block":
        heading = row.cells[1].text
        return ["", *_wrapped(f"[{position}] {heading}" if position else f"[{heading}]")]
    label = row.cells[table.label].text
    lines = _paragraphs(f"{position}. {label}" if position else label)
    for column, cell in enumerate(row.cells):
        if column not in (0, table.label) and cell.text:
            lines += _field(table.columns[column], cell)
    return lines


def _field(column: str, cell: Cell) -> list[str]:
    if cell.link == cell.text:
        return [f"    {column}: {cell.text}"]
    # A list begins on a line of its own.
    shown = _paragraphs(f"{column}:\n{cell.text}" if "\n" in cell.text else f"{column}: {cell.text}", "    ")
    return [*shown, f"    {cell.link}"] if cell.link else shown


def _paragraphs(text: str, indent: str = "") -> list[str]:
    return [line for part in text.splitlines() for line in _wrapped(part, indent)]


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
