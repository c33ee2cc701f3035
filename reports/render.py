"""A summary as HTML for mail and browser, and as plain text that is complete by itself."""

from __future__ import annotations

import textwrap
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.document import Block, Cell, Chart, Paragraph, Quote, Row, Summary, Table

_WIDTH = 100

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


def render_html(summary: Summary) -> str:
    """One HTML page without scripts or outside resources; CSS is in the elements."""
    template = _HTML.get_template("summary.html.j2")
    page = template.render(summary=summary, kind_of=_kind_of, is_number=_is_number)
    return str(_INLINER.inline(page))


def render_text(summary: Summary) -> str:
    """Everything that the HTML says, in lines of at most about 100 characters; addresses stay whole."""
    lines = ["DỮ LIỆU MẪU – KHÔNG PHẢI SỐ LIỆU BÁO CHÍ THẬT", ""] if summary.sample else []
    lines += [
        summary.letterhead.parent,
        summary.letterhead.issuer,
        "DỰ THẢO",
        summary.letterhead.number_line,
        summary.letterhead.place_and_date,
        "",
        summary.kind,
        *_wrapped(summary.title),
        *_wrapped(summary.data_line),
        "",
        f"Kính gửi: {summary.letterhead.addressed_to}",
    ]
    for section in summary.sections:
        lines += ["", "", section.heading, "=" * len(section.heading)]
        for block in section.blocks:
            lines += ["", *_block(block)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _kind_of(block: Block) -> str:
    return type(block).__name__


def _is_number(cell: Cell) -> bool:
    """Whether a figure stands alone in the cell."""
    return len(cell.figures) == 1 and not any(character.isalpha() for character in cell.text)


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
    number = row.cells[0].text
    if row.kind == "block":
        heading = row.cells[1].text
        return ["", *_wrapped(f"[{number}] {heading}" if number else f"[{heading}]")]
    label = row.cells[table.label].text
    lines = _paragraphs(f"{number}. {label}" if number else label)
    for position, cell in enumerate(row.cells):
        if position not in (0, table.label) and cell.text:
            lines += _field(table.columns[position], cell)
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
