"""Part II: the counts, by group of outlets, topic and outlet."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from config.plan import Plan
from config.report import Report
from reports import wording
from reports.document import Cell, Figure, Paragraph, Row, Section, Table
from reports.period import Month
from reports.queries import Result
from reports.scope import completeness, first_day, months_without_data
from reports.vietnamese import number, one_line, percent, signed

#: Mark of figures that no completely followed outlet stands behind.
_INCOMPLETE = "*"
MEASURES = (("articles", "Lượt đăng", "lượt"), ("stories", "Tin, bài không trùng", "tin, bài"))


@dataclass(frozen=True, slots=True)
class Topic:
    """A watched topic: key and Vietnamese name."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Periods:
    """The month of the report, its completeness, and that of the times it is set against."""

    month: Month
    now: Result
    before: Result
    last_year: Result
    so_far: Result


def all_topics(connection: duckdb.DuckDBPyConnection, month: Month) -> list[Topic]:
    """The topics in the order of the tables."""
    senses = Result(connection, "senses", 2, first=month.first, last=month.last, kinds=["press"])
    labels = {topic: senses.row(topic, sense)["topic_label"] for topic, sense in senses}
    return [Topic(topic, label) for topic, label in labels.items()]


def results_section(
    connection: duckdb.DuckDBPyConnection,
    month: Month,
    report: Report,
    plan: Plan,
    topics: list[Topic],
    complete: Result,
) -> Section:
    before, last_year = month.previous(), month.same_last_year()
    periods = Periods(
        month,
        complete,
        completeness(connection, before.first, before.last, report),
        completeness(connection, last_year.first, last_year.last, report),
        completeness(connection, min(first_day(plan), month.first), month.last, report),
    )
    return Section(
        wording.RESULTS,
        (
            *_in_a_minute(connection, month, topics),
            _table_1(connection, periods, plan, topics),
            _table_2(connection, month, topics, complete),
            _table_3(connection, month, topics, complete),
        ),
    )


def coverage(connection: duckdb.DuckDBPyConnection, month: Month, kinds: list[str], topics: list[str]) -> Result:
    return Result(connection, "coverage", first=month.first, last=month.last, kinds=kinds, topics=topics, outlets=None)


def _in_a_minute(connection: duckdb.DuckDBPyConnection, month: Month, topics: list[Topic]) -> list[Paragraph]:
    paragraphs = []
    for kind, heading in wording.GROUPS:
        parts, figures = [], []
        for topic in topics:
            found = coverage(connection, month, [kind], [topic.id])
            if not found.row()["collected"]:
                continue
            articles, stories = found.figure("articles"), found.figure("stories")
            figures += [articles, stories]
            parts.append(
                f"{topic.label}: {number(articles.value)} lượt đăng, {number(stories.value)} tin, bài không trùng"
            )
        paragraphs.append(Paragraph(f"{heading}: {'; '.join(parts) or wording.NO_DATA}.", tuple(figures)))
    return paragraphs


def _table_1(connection: duckdb.DuckDBPyConnection, periods: Periods, plan: Plan, topics: list[Topic]) -> Table:
    rows: list[Row] = []
    lines = [([topic.id], topic.label) for topic in topics]
    lines.append(([topic.id for topic in topics], "Tổng (không tính trùng)"))
    registry = _registry(connection, periods.month, [topic.id for topic in topics])
    for letter, (kind, heading) in zip("ABC", wording.GROUPS, strict=True):
        rows.append(Row((Cell(letter), Cell(heading)), "block"))
        of_kind = [key for (key,) in registry if registry.row(key)["kind"] == kind]
        compared = sorted(
            key for key in of_kind if periods.now.row(key)["complete"] and periods.before.row(key)["complete"]
        )
        position = 0
        for ids, label in lines:
            values = _Line(connection, periods, plan, kind, ids, compared, of_kind)
            for column, name, unit in MEASURES:
                position += 1
                cells = (Cell(number(position)), Cell(f"{name}: {label}"), Cell(unit), *values.cells(column))
                rows.append(Row(cells, "total" if len(ids) > 1 else "row"))
    shares = [
        (name, result.figure("percent", None))
        for name, result in (
            ("kỳ báo cáo", periods.now),
            ("kỳ trước", periods.before),
            ("cùng kỳ năm trước", periods.last_year),
            ("lũy kế", periods.so_far),
        )
    ]
    gaps = [
        Paragraph(f"Lũy kế không gồm các tháng chưa có số liệu của nhóm {heading}: {months}.")
        for kind, heading in wording.GROUPS
        if (months := months_without_data(connection, periods.month, plan, kind))
    ]
    told = "; ".join(f"{name} {_share(figure)}" for name, figure in shares)
    return Table(
        "Bảng 1. Số liệu chung",
        wording.COLUMNS_1,
        tuple(rows),
        notes=(
            Paragraph(
                f"Mức độ đầy đủ của các kỳ: {told}.",
                tuple(figure for _, figure in shares if figure.value is not None),
            ),
            Paragraph(f"{_INCOMPLETE} Không có nguồn nào của nhóm được theo dõi đầy đủ trong kỳ."),
            *gaps,
            Paragraph(
                "Tăng/giảm chỉ tính trên các nguồn theo dõi đầy đủ ở cả hai kỳ, nên có thể khác hiệu số của hai cột."
            ),
            Paragraph("Tin, bài không trùng của ba nhóm không cộng được với nhau."),
        ),
    )


class _Line:
    """The figures of one row of Bảng 1 for a group of outlets and its topics."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        periods: Periods,
        plan: Plan,
        kind: str,
        topics: list[str],
        compared: list[str],
        of_kind: list[str],
    ) -> None:
        """`of_kind`: all outlets of the group; `compared`: those complete in both periods."""
        month = periods.month
        self._periods = periods
        self._of_kind = of_kind
        self.now = coverage(connection, month, [kind], topics)
        self.before = coverage(connection, month.previous(), [kind], topics)
        self.last_year = coverage(connection, month.same_last_year(), [kind], topics)
        since = first_day(plan)
        # Before the plan there is nothing to accumulate.
        self.so_far = (
            Result(
                connection,
                "coverage",
                first=since,
                last=month.last,
                kinds=[kind],
                topics=topics,
                outlets=None,
            )
            if month.last >= since
            else None
        )
        self.change = (
            Result(
                connection,
                "change",
                first=month.first,
                last=month.last,
                before_first=month.previous().first,
                before_last=month.previous().last,
                topics=topics,
                outlets=compared,
            )
            if compared
            else None
        )

    def cells(self, column: str) -> tuple[Cell, ...]:
        return (
            self._marked(_counted(self.now, column), self._periods.now),
            self._marked(_counted(self.before, column), self._periods.before),
            self._change(column),
            self._marked(_counted(self.last_year, column), self._periods.last_year),
            _counted(self.so_far, column) if self.so_far else Cell("–"),
        )

    def _marked(self, cell: Cell, complete: Result) -> Cell:
        """A count that no outlet's complete month stands behind says so: it may be low by any amount."""
        if not cell.figures or any(complete.row(key)["complete"] for key in self._of_kind):
            return cell
        return Cell(cell.text + _INCOMPLETE, cell.figures)

    def _change(self, column: str) -> Cell:
        if not self.now.row()["collected"]:
            return Cell(wording.not_comparable(f"kỳ báo cáo {wording.NO_DATA}"))
        if not self.before.row()["collected"]:
            return Cell(wording.not_comparable(f"kỳ trước {wording.NO_DATA}"))
        if self.change is None:
            return Cell(wording.not_comparable("không có nguồn nào được theo dõi đầy đủ ở cả hai kỳ"))
        change, share, outlets = (self.change.figure(c) for c in (column, f"{column}_percent", "outlets"))
        by = f"{signed(share.value)}%" if share.value is not None else "kỳ trước bằng 0, không tính tỷ lệ"
        text = f"{signed(change.value or 0)}; {by} (tính trên {number(outlets.value)} nguồn)"
        figures = (change, share, outlets) if share.value is not None else (change, outlets)
        return Cell(text, figures)


def _share(figure: Figure) -> str:
    return wording.NO_DATA if figure.value is None else percent(figure.value)


def _counted(found: Result, column: str) -> Cell:
    """A count, or that there is no evidence to count in: nothing at all was collected."""
    if not found.row()["collected"]:
        return Cell(wording.NO_DATA)
    figure = found.figure(column)
    return Cell(number(figure.value), (figure,))


def _table_2(connection: duckdb.DuckDBPyConnection, month: Month, topics: list[Topic], complete: Result) -> Table:
    share = complete.figure("percent", None)
    rows: list[Row] = []
    for letter, (kind, heading) in zip("ABC", wording.GROUPS, strict=True):
        rows.append(Row((Cell(letter), Cell(heading)), "block"))
        total = coverage(connection, month, [kind], [topic.id for topic in topics])
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
            Paragraph(f"Mức độ đầy đủ của kỳ báo cáo: {_share(share)}.", (share,) if share.value is not None else ()),
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
        topic, sense = key
        row = senses.row(*key)
        if row["is_target"]:
            position += 1
            rows.append(Row((Cell(number(position)), Cell(labels[topic]), *cells(senses, key))))
            if topic == wording.RESOLUTION:
                by_number = (Cell(""), Cell("- nêu số, ký hiệu"), *cells(senses, key, "numbered_"))
                by_words = (Cell(""), Cell("- chỉ nêu tên Chương trình"), *cells(senses, key, "phrased_"))
                rows += [Row(by_number), Row(by_words)]
        elif sense in wording.UNDECIDED:
            label = f"Chưa xác định ({labels[topic]})"
            undecided.append(Row((Cell(""), Cell(label), *cells(senses, key)), "outside"))
        else:
            label = f"Ngoài phạm vi: {row['sense_label']}"
            outside.append(Row((Cell(""), Cell(label), *cells(senses, key)), "outside"))
    rows.append(Row((Cell(""), Cell("Tổng (không tính trùng)"), *cells(total, ())), "total"))
    return rows + undecided + outside


def _registry(connection: duckdb.DuckDBPyConnection, month: Month, topics: list[str]) -> Result:
    return Result(connection, "outlets", 1, first=month.first, last=month.last, topics=topics)


def outlet_names(connection: duckdb.DuckDBPyConnection, month: Month) -> dict[str, str]:
    found = _registry(connection, month, [])
    return {key: found.row(key)["name"] for (key,) in found}


def _table_3(connection: duckdb.DuckDBPyConnection, month: Month, topics: list[Topic], complete: Result) -> Table:
    found = _registry(connection, month, [topic.id for topic in topics])
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
    share = complete.figure("percent", key)
    told = Cell(wording.NO_DATA) if share.value is None else Cell(number(float(share.value)), (share,))
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
