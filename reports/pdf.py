"""A summary as PDF: A4 as Nghị định 30/2020/NĐ-CP has it, tagged, fit for archives (PDF/A-2a) and for screen readers
(PDF/UA-1). Typst sets it from templates/summary.typ."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typst

from reports import charts, layout
from reports.document import Block, Cell, Chart, Paragraph, Quote, Row, Section, Summary, Table
from reports.letters import BOX, shown
from reports.vietnamese import number

_TEMPLATE = Path(__file__).parent / "templates" / "summary.typ"
#: Debian's fonts-liberation2: all letters of Vietnamese, the widths of Times New Roman. Never fonts-liberation, which
#: lacks 93 of them.
_LIBERATION = Path("/usr/share/fonts/truetype/liberation2")
#: Of a cell with more letters than this the row may go over to the next page, which it might not fit into.
_UNBROKEN = 1500


#: Tells the template that a line may end here; it isn't printed (shown() takes such characters out of the text itself).
_MAY_BREAK = "\u200b"
#: What is longer than the 14 letters that each column has room for (reports.layout) may break.
_LONG_RUN = re.compile(r"[^\s\u200b/?&=.,;:_-]{12}(?=[^\s/?&=.,;:_-]{3})")
#: A place in the archive: its strokes and dots before figures would hold it together.
_LONG_PATH = re.compile(r"(?<!\S)(?!https?:)\S+/\S{12,}")


@dataclass(frozen=True, slots=True)
class Pdf:
    """`font` is the one that all text is set in; `lost` counts characters that it hasn't, printed as boxes."""

    content: bytes
    font: str
    lost: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever runs the report should know of the PDF."""
        found = []
        if self.font != _FONT:
            found.append(f"set in {self.font}: {_LIBERATION} is not there (Debian package fonts-liberation2)")
        if self.lost:
            found.append(f"{self.lost} characters that {self.font} lacks are printed as {BOX}")
        return tuple(found)


_FONT, _EMBEDDED = "Liberation Serif", "Libertinus Serif"


def pdf(summary: Summary, fonts: Path = _LIBERATION) -> Pdf:
    """`fonts`: the folder of Liberation; where it isn't there, the font that Typst carries is used."""
    liberation = any(fonts.glob("LiberationSerif-*.ttf"))
    font = _FONT if liberation else _EMBEDDED
    told = _Told()
    document = _document(summary, told)
    content: bytes = typst.compile(
        _TEMPLATE,
        # The system's fonts would mix in, the old Liberation without Vietnamese among them.
        ignore_system_fonts=True,
        font_paths=[fonts] if liberation else [],
        sys_inputs={"summary": json.dumps(document, ensure_ascii=False), "font": font},
        pdf_standards=["a-2a", "ua-1"],
        format="pdf",
    )
    return Pdf(content, font, told.lost)


class _Told:
    """Makes text printable and counts what it loses."""

    def __init__(self) -> None:
        self.lost = 0

    def __call__(self, text: str) -> str:
        printed = shown(text)
        self.lost += printed.count(BOX) - text.count(BOX)
        # An address is left to Typst, which knows where one breaks, but for what is too long in it.
        return _LONG_PATH.sub(_after_strokes, _LONG_RUN.sub(rf"\g<0>{_MAY_BREAK}", printed))


def _after_strokes(path: re.Match[str]) -> str:
    return re.sub(r"[/._-]", rf"\g<0>{_MAY_BREAK}", path[0])


def _document(summary: Summary, told: _Told) -> dict[str, Any]:
    parts = layout.parts(summary)
    head, made = summary.letterhead, summary.made_at
    return {
        "mark": layout.SAMPLE if summary.sample else None,
        "made": {unit: getattr(made, unit) for unit in ("year", "month", "day", "hour", "minute", "second")},
        "letterhead": {
            "nation": layout.NATION,
            "motto": layout.MOTTO,
            "draft": layout.DRAFT,
            "parent": told(head.parent),
            "issuer": told(head.issuer),
            "number_line": told(head.number_line),
            "place_and_date": told(head.place_and_date),
            "addressed_to": f"Kính gửi: {told(head.addressed_to)}",
            "signer": [told(line) for line in head.signer],
            "copies_heading": layout.COPIES_TO,
            "copies_to": [told(line) for line in layout.copies(head)],
        },
        "kind": told(summary.kind),
        "title": told(summary.title),
        "data_line": told(summary.data_line),
        "corrects": [told(paragraph.text) for paragraph in summary.corrects],
        "in_brief_heading": layout.IN_BRIEF,
        "in_brief": [told(paragraph.text) for paragraph in summary.in_brief],
        "parts": [
            {
                "wide": part.wide,
                "sections": [_section(section, told) for section in part.sections],
            }
            for part in parts
        ],
        "signed_after": layout.signed_after(parts),
        # Last: by then everything is counted.
        "lost_note": _lost_note(told.lost),
    }


def _lost_note(lost: int) -> str | None:
    return f"Ký hiệu {BOX} thay cho ký tự không có trong phông chữ ({number(lost)} ký tự)." if lost else None


def _section(section: Section, told: _Told) -> dict[str, Any]:
    return {
        "heading": told(section.heading),
        "annex": layout.is_annex(section),
        "blocks": [_block(block, told) for block in section.blocks],
    }


def _block(block: Block, told: _Told) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {"kind": "paragraph", "text": told(block.text)}
        case Quote():
            sentence = None if block.sentence is None else told(block.sentence)
            headline = _cell(block.headline, "row", told)
            return {"kind": "quote", "headline": headline, "source": told(block.source.text), "sentence": sentence}
        case Chart():
            picture = {"title": told(block.title), "alt": told(block.alt.text), "svg": charts.svg(block)}
            return {"kind": "chart", **picture}
        case Table():
            return _table(block, told)


def _table(table: Table, told: _Told) -> dict[str, Any]:
    followed = [*table.rows[1:], None]
    return {
        "kind": "table",
        "title": told(table.title),
        "columns": [told(column) for column in table.columns],
        "shares": layout.shares(table),
        "points": layout.points(table),
        "rows": [_row(row, after, told) for row, after in zip(table.rows, followed, strict=False)],
        "notes": [told(note.text) for note in table.notes],
        "empty": told(table.empty),
    }


def _row(row: Row, after: Row | None, told: _Told) -> dict[str, Any]:
    leads = after is not None and after.kind == "row"
    return {"kind": row.kind, "leads": leads, "cells": [_cell(cell, row.kind, told) for cell in row.cells]}


def _cell(cell: Cell, look: str, told: _Told) -> dict[str, Any]:
    return {
        "text": told(cell.text),
        "link": cell.link,
        "look": look,
        "number": layout.is_number(cell),
        "breakable": len(cell.text) > _UNBROKEN,
    }
