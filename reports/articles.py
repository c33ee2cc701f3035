"""Part IV and Phụ lục I: the stories worth reading, and every article that was counted."""

from __future__ import annotations

import datetime as dt

import duckdb

from config.clock import VIETNAM
from config.report import Report
from reports import wording
from reports.counts import Topic
from reports.document import Cell, Paragraph, Quote, Row, Section, Table
from reports.period import Month, Period
from reports.queries import Result
from reports.vietnamese import day, moment, number, one_line, web_address

#: A quotation is one sentence. What the segmenter takes for one may be a whole list; no more than this is printed.
_LONGEST_QUOTE = 500
_NO_TITLE = "(không có tiêu đề)"


def highlights_section(
    connection: duckdb.DuckDBPyConnection, month: Month, report: Report, topics: list[Topic]
) -> Section:
    blocks = [block for topic in topics for block in quotes(connection, month, topic, report.highlights)]
    return Section(wording.HIGHLIGHTS, tuple(blocks))


def quotes(
    connection: duckdb.DuckDBPyConnection, period: Period, topic: Topic, many: int | None
) -> list[Paragraph | Quote]:
    """The stories of a topic that begin in the period, most widely carried first: `many` of those that have it as nội
    dung chính, or, where it is None, all."""
    found = Result(
        connection,
        "highlights",
        1,
        first=period.first,
        last=period.last,
        topic=topic.id,
        many=many,
        passing=many is None,
    )
    told = [_quote(found, key) for (key,) in found]
    none = "không có nội dung nổi bật" if many else "không có tin, bài"
    first = f"{topic.label}:" if told else f"{topic.label}: {none} trong số liệu thu thập được."
    return [Paragraph(first), *told]


def _quote(found: Result, key: str) -> Quote:
    row, articles, outlets = found.row(key), found.figure("articles", key), found.figure("outlets", key)
    source = f"{one_line(row['outlet_name'])}, {moment(row['counted_at'])}; {number(articles.value)} lượt đăng trên "
    source += f"{number(outlets.value)} nguồn (không gồm trang thông tin điện tử tổng hợp)"
    return Quote(
        Cell(one_line(row["title"]) or _NO_TITLE, link=web_address(row["url"])),
        Paragraph(source, (articles, outlets)),
        quoted(row["sentence"]),
    )


def list_section(connection: duckdb.DuckDBPyConnection, month: Month, topics: list[Topic]) -> Section:
    found = Result(
        connection,
        "articles",
        1,
        first=month.first,
        last=month.last,
        topics=[topic.id for topic in topics],
    )
    labels = {topic.id: topic.label for topic in topics}
    headings = dict(wording.GROUPS)
    rows: list[Row] = []
    kind = None
    for position, (key,) in enumerate(found, 1):
        row = found.row(key)
        if row["kind"] != kind:
            kind = row["kind"]
            rows.append(Row((Cell(""), Cell(headings[kind])), "block"))
        title = one_line(row["title"] or "") or _NO_TITLE
        if row["withdrawn_at"]:
            title += f" [{wording.GONE}]"
        link = web_address(row["url"])
        rows.append(
            Row(
                (
                    Cell(number(position)),
                    Cell(_when(row["counted_at"], row["dated_by"])),
                    Cell(one_line(row["outlet_name"])),
                    Cell(title),
                    Cell("; ".join(labels[topic] for topic in row["topics"])),
                    Cell("Nội dung chính" if row["focus"] else "Nhắc đến"),
                    Cell(quoted(row["sentence"]) or "–"),
                    Cell(", ".join(row["activities"]) or "–"),
                    Cell("x" if row["reprint"] else ""),
                    Cell(link or "(địa chỉ không hợp lệ)", link=link),
                    Cell(f"{row['archive_file']}, {row['archive_offset']}"),
                )
            )
        )
    return Section(
        wording.LIST_OF_ARTICLES,
        (
            Table(
                "Danh mục tin, bài",
                wording.COLUMNS_LIST,
                tuple(rows),
                empty="Không có tin, bài trong số liệu thu thập được.",
                label=3,
            ),
        ),
    )


def difficulties_section(connection: duckdb.DuckDBPyConnection, month: Month) -> Section:
    """Part V, as people wrote it down (config/difficulties.csv)."""
    found = Result(connection, "difficulties", 1, first=month.first, last=month.last)
    held = [row for key in found if (row := found.row(*key))["article_id"]]
    rows = tuple(
        Row(
            (
                Cell(number(position)),
                Cell(one_line(row["difficulty"])),
                Cell(f"{one_line(row['outlet_name'])}, {day(row['counted_at'].astimezone(VIETNAM))}"),
                Cell(quoted(row["sentence"]) or "–", link=web_address(row["url"])),
                Cell(one_line(row["agency"])),
                Cell(one_line(row["reply"]) or "chưa có thông tin"),
            )
        )
        for position, row in enumerate(held, 1)
    )
    lost = [key for key in found if not found.row(*key)["article_id"]]
    told = f"Có {number(len(lost))} nội dung đã ghi mà tin, bài dẫn chiếu chưa có trong dữ liệu thu thập."
    notes = [Paragraph(told)] if lost else []
    empty = "Chưa có nội dung nào được người có trách nhiệm xác nhận trong kỳ."
    table = Table("Khó khăn, vướng mắc", wording.COLUMNS_V, rows, notes=tuple(notes), empty=empty)
    return Section(wording.DIFFICULTIES, (table,))


def quoted(sentence: str | None) -> str | None:
    """At most one sentence, on one line."""
    if not sentence:
        return None
    line = one_line(sentence)
    return line if len(line) <= _LONGEST_QUOTE else line[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + " […]"


def _when(counted_at: dt.datetime, dated_by: str) -> str:
    told = moment(counted_at)
    return told if dated_by == "page" else f"{told} (không theo trang)"
