"""What a summary is made of, before it is HTML or text: every text, and every figure with the query it comes from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from reports.period import Period


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and where it comes from: `column` of the row of reports/sql/`query`.sql (run with `parameters`) whose
    first columns are `key`. `value` is None where the query gives none."""

    value: int | float | None
    query: str
    parameters: tuple[tuple[str, Any], ...]
    key: tuple[Any, ...]
    column: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, the figures printed in it, and a web address where it is a link."""

    text: str
    figures: tuple[Figure, ...] = ()
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row. A `block` row is a heading over the rows below it and has two cells: TT and heading."""

    cells: tuple[Cell, ...]
    kind: Literal["row", "block", "total", "outside"] = "row"


@dataclass(frozen=True, slots=True)
class Table:
    """`label` is the row's name column (from 0), which plain text puts first."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[Paragraph, ...] = ()
    empty: str = "Không có."
    label: int = 1


@dataclass(frozen=True, slots=True)
class Quote:
    """A story worth reading: headline (a link where the address allows it), where and when, one sentence of it."""

    headline: Cell
    source: Paragraph
    sentence: str | None


@dataclass(frozen=True, slots=True)
class Bar:
    """What one bar, or one layer of a stacked bar, shows: its place on the axis, the name of its layer, the count."""

    place: str
    layer: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart. `name` is a word for file names and addresses inside a mail; `alt` says in words what the picture
    shows, for those who don't see it. Layers of one place are stacked. `sideways`: the bars lie, for long names."""

    name: str
    title: str
    alt: Paragraph
    unit: str
    bars: tuple[Bar, ...]
    sideways: bool = False


Block = Paragraph | Table | Quote | Chart


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """What a summary stands on: the `rules` that read the archive (their fingerprints), the last decision and the last
    crawl that the database knows, its SHA-256, and the `articles` that the figures count, by topic and sense (rows of
    reports/sql/counted_articles.sql)."""

    rules: str
    decided_until: dt.datetime | None
    collected_until: dt.datetime | None
    database_digest: str
    articles: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Around the text of a document (Nghị định 30/2020/NĐ-CP): who issues it, to whom, who signs, who gets a copy.
    Number, day and signature are left open."""

    parent: str
    issuer: str
    number_line: str
    place_and_date: str
    addressed_to: str
    signer: tuple[str, ...]
    copies_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A report: the monthly summary, or the press review of a day. `in_brief` stands above everything; `corrects` says
    that the report replaces one that was sent, and what changed. `sample` marks figures that come from demonstration
    archives."""

    report: Literal["monthly", "daily"]
    when: Period
    made_at: dt.datetime
    sample: bool
    letterhead: Letterhead
    kind: str
    title: str
    data_line: str
    corrects: tuple[Paragraph, ...]
    in_brief: tuple[Paragraph, ...]
    sections: tuple[Section, ...]
    behind: Behind

    @property
    def period(self) -> str:
        return str(self.when)

    @property
    def charts(self) -> tuple[Chart, ...]:
        return tuple(block for section in self.sections for block in section.blocks if isinstance(block, Chart))
