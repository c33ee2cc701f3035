"""Part II: the counts, by group of outlets, topic and outlet."""

from __future__ import annotations

import duckdb

from config.plan import Plan
from reports import wording
from reports.counts import Topic, outlets
from reports.document import Cell, Paragraph, Row, Section, Table
from reports.drawn import charts
from reports.period import Month
from reports.queries import Result
from reports.totals import ALL, Lines, Periods, share, table_1
from reports.vietnamese import number, one_line


def results_section(
    connection: duckdb.DuckDBPyConnection, periods: Periods, plan: Plan, topics: list[Topic], lines: Lines
) -> Section:
    month, complete = periods.month, periods.now
    return Section(
        wording.RESULTS,
        (
            table_1(connection, periods, plan, topics, lines),
            _table_2(connection, month, topics, complete, lines),
            _table_3(connection, month, topics, complete),
            *charts(connection, month, topics, lines),
        ),
    )


def _table_2(
    connection: duckdb.DuckDBPyConnection, month: Month, topics: list[Topic], complete: Result, lines: Lines
) -> Table:
    whole = complete.figure("percent", None)
    rows: list[Row] = []
    for letter, (kind, heading) in zip("ABC", wording.GROUPS, strict=True):
        rows.append(Row((Cell(letter), Cell(heading)), "block"))
        total = lines[kind, ALL].now
        if total.row()["collected"]:
            rows.extend(_rows_2(connection, month, kind, topics, total))
        else:
            rows.append(Row((Cell(""), Cell("Các chủ đề"), *(Cell(wording.NO_DATA) for _ in range(4)))))
    return Table(
        "Bảng 2. Số liệu theo chủ đề",
        wording.COLUMNS_2,
        tuple(rows),
        notes=(
            Paragraph("Chưa xác định và Ngoài phạm vi không cộng vào tổng."),
            Paragraph(f"Mức độ đầy đủ của kỳ báo cáo: {share(whole)}.", (whole,) if whole.value is not None else ()),
        ),
    )


def _rows_2(
    connection: duckdb.DuckDBPyConnection, month: Month, kind: str, topics: list[Topic], total: Result
) -> list[Row]:
    senses = Result(connection, "senses", 2, first=month.first, last=month.last, kinds=[kind])
    counts = ("articles", "stories", "focus_articles", "passing_articles")

    def cells(found: Result, key: tuple[str, ...], prefix: str = "") -> tuple[Cell, ...]:
        figures = (found.figure(prefix + column, *key) for column in counts)
        return tuple(Cell(number(figure.value), (figure,)) for figure in figures)

    rows: list[Row] = []
    undecided: list[Row] = []
    outside: list[Row] = []
    labels = {topic.id: topic.label for topic in topics}
    position = 0
    for key in senses:
        topic, _ = key
        row = senses.row(*key)
        if row["is_target"]:
            position += 1
            rows.append(Row((Cell(number(position)), Cell(labels[topic]), *cells(senses, key))))
            if topic == wording.RESOLUTION:
                by_number = (Cell(""), Cell("- nêu số, ký hiệu"), *cells(senses, key, "numbered_"))
                by_words = (Cell(""), Cell("- chỉ nêu tên Chương trình"), *cells(senses, key, "phrased_"))
                rows += [Row(by_number), Row(by_words)]
        elif row["undecided"]:
            label = f"Chưa xác định ({labels[topic]})"
            undecided.append(Row((Cell(""), Cell(label), *cells(senses, key)), "outside"))
        else:
            label = f"Ngoài phạm vi: {row['sense_label']}"
            outside.append(Row((Cell(""), Cell(label), *cells(senses, key)), "outside"))
    rows.append(Row((Cell(""), Cell("Tổng (không tính trùng)"), *cells(total, ())), "total"))
    return rows + undecided + outside


def _table_3(connection: duckdb.DuckDBPyConnection, month: Month, topics: list[Topic], complete: Result) -> Table:
    found = outlets(connection, month, [topic.id for topic in topics])
    rows: list[Row] = []
    for letter, (heading, kind, tier) in zip("ABCDE", wording.BLOCKS, strict=True):
        rows.append(Row((Cell(letter), Cell(heading)), "block"))
        keys = [key for (key,) in found if found.row(key)["kind"] == kind and tier in (None, found.row(key)["tier"])]
        rows.extend(_row_3(position, key, found, complete) for position, key in enumerate(keys, 1))
        if not keys:
            rows.append(Row((Cell(""), Cell("Không có trong danh mục"), *(Cell("–") for _ in range(6)))))
    return Table(
        "Bảng 3. Số liệu theo cơ quan báo chí",
        wording.COLUMNS_3,
        tuple(rows),
        notes=(
            Paragraph(wording.BY_BLOCK),
            Paragraph(
                "Trên 1.000 tin, bài: số lượt đăng nêu ít nhất một chủ đề trên 1.000 tin, bài thu thập từ cùng nguồn, "
                "cùng kỳ; không phải tỷ lệ người đọc."
            ),
        ),
    )


def _row_3(position: int, key: str, found: Result, complete: Result) -> Row:
    row = found.row(key)
    counts = [found.figure(column, key) for column in ("articles", "reprints", "per_1000")]
    if row["collected"]:
        cells = [Cell(number(figure.value), (figure,)) for figure in counts]
    else:
        cells = [Cell(wording.NO_DATA) for _ in counts]
    part = complete.figure("percent", key)
    told = Cell(wording.NO_DATA) if part.value is None else Cell(number(float(part.value)), (part,))
    state = outlet_state(row["articles"], row["collected"], complete.row(key))
    return Row(
        (
            Cell(number(position)),
            Cell(one_line(row["name"])),
            Cell(one_line(row["governing_body"])),
            *cells,
            told,
            Cell(state),
        )
    )


def outlet_state(articles: int, collected: int, complete: dict[str, object]) -> str:
    """Tình trạng: that nothing was found is said only where the collection proves it."""
    if articles:
        return wording.PRESENT
    if complete["out_of_reach"]:
        return wording.OUT_OF_REACH
    if complete["complete"] and collected:
        return wording.NOT_FOUND
    return wording.NOT_ENOUGH
