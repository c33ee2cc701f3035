"""What all printed forms of a summary share: the fixed words around it, which pages lie on their side, how wide columns
are. Nghị định 30/2020/NĐ-CP, Phụ lục I, says how a document looks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from reports.document import Cell, Letterhead, Row, Section, Summary, Table
from reports.wording import LIST_OF_ARTICLES

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
DRAFT = "DỰ THẢO"
SAMPLE = "DỮ LIỆU MẪU – KHÔNG PHẢI SỐ LIỆU BÁO CHÍ THẬT"
IN_BRIEF = "TÓM TẮT"
COPIES_TO = "Nơi nhận:"

#: From that many columns on a table needs a page that lies (the decree allows it for wide tables).
_WIDE = 7
#: The sizes of letters in tables.
POINTS = (8.5, 10.0, 11.5)
_ANNEX = "Phụ lục"
#: Of a longer word, an address, the column shows so many letters in a line.
_LONGEST_WORD = 14


@dataclass(frozen=True, slots=True)
class Part:
    """Sections on pages of one direction. Annexes follow the signature."""

    wide: bool
    annex: bool
    sections: tuple[Section, ...]


def parts(summary: Summary) -> list[Part]:
    """A section with a wide table is on wide pages as a whole: each turn of the page costs half an empty one."""
    together = groupby(summary.sections, lambda section: (_is_wide(section), is_annex(section)))
    return [Part(wide, annex, tuple(sections)) for (wide, annex), sections in together]


def signed_after(found: list[Part]) -> int:
    """The number of the part below which the signature stands; -1: above all of them."""
    return max((number for number, part in enumerate(found) if not part.annex), default=-1)


def copies(head: Letterhead) -> list[str]:
    """The list below "Nơi nhận:": each on a line of its own that ends with a semicolon, the last with a full stop."""
    ends = [";"] * (len(head.copies_to) - 1) + ["."]
    return [f"- {one.rstrip(';.')}{end}" for one, end in zip(head.copies_to, ends, strict=True)]


def is_annex(section: Section) -> bool:
    return section.heading.startswith(_ANNEX)


def is_list_of_articles(section: Section) -> bool:
    return section.heading == LIST_OF_ARTICLES


def is_number(cell: Cell) -> bool:
    """Whether a figure stands alone in the cell."""
    return len(cell.figures) == 1 and not any(character.isalpha() for character in cell.text)


def points(table: Table) -> float:
    """The size of a table's letters."""
    many = len(table.columns)
    small, middle, large = POINTS
    return small if many >= 10 else middle if many >= _WIDE else large


def shares(table: Table) -> list[float]:
    """The columns' parts of the width, which add up to 1. A column gets its longest word, at most its longest line, and
    between them what makes the rows low."""
    texts = [[heading, *_column(table, position)] for position, heading in enumerate(table.columns)]
    # A heading has three lines at most, or as many as it has words.
    least = [
        max(_longest([text.split() for text in column], _LONGEST_WORD), len(column[0]) / 3) + 2.0 for column in texts
    ]
    longest = [_longest([text.splitlines() for text in column], 500) + 2.0 for column in texts]
    most = [max(pair) for pair in zip(least, longest, strict=True)]
    # The sum of (letters / width)^3 over all cells, which the highest ones rule, is least where widths are as these.
    needs = [sum(_letters(text) ** 3 for text in column) ** 0.25 for column in texts]
    sizes = [(need, low, high) for need, low, high in zip(needs, least, most, strict=True)]
    widths = _fitted(sizes, _letters_in_a_line(table))
    return [width / sum(widths) for width in widths]


def _fitted(sizes: list[tuple[float, float, float]], room: float) -> list[float]:
    """For each (need, least, most) a width between the two: as the needs are, and together the room where they can."""
    low, high = 0.0, room
    for _ in range(40):
        factor = (low + high) / 2
        widths = [min(max(factor * need, least), most) for need, least, most in sizes]
        low, high = (factor, high) if sum(widths) < room else (low, factor)
    return widths


def _letters_in_a_line(table: Table) -> float:
    """Of a page's width in points, 3 pt beside each edge of a cell; a letter is about half as wide as it is high."""
    width = 728 if len(table.columns) >= _WIDE else 468
    return (width - 6 * len(table.columns)) / (0.5 * points(table))


def _letters(text: str) -> int:
    """A line that ends early takes the room of some letters more."""
    return len(text) + 12 * text.count("\n")


def _longest(texts: list[list[str]], limit: int) -> int:
    return max((min(len(part), limit) for parts in texts for part in parts), default=1)


def _is_wide(section: Section) -> bool:
    return any(isinstance(block, Table) and len(block.columns) >= _WIDE for block in section.blocks)


def _column(table: Table, position: int) -> list[str]:
    return [row.cells[position].text for row in table.rows if _has(row, position)]


def _has(row: Row, position: int) -> bool:
    return row.kind != "block" and position < len(row.cells)
