"""Bảng 1: the month beside the month before, the year before, and all since the plan began."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb

from config.plan import Plan
from config.report import Report
from reports import wording
from reports.counts import Topic, coverage, outlets
from reports.document import Cell, Figure, Paragraph, Row, Table
from reports.period import Month
from reports.queries import Result
from reports.scope import completeness, first_day, months_without_data
from reports.vietnamese import number, percent, signed

#: Mark of figures that no completely followed outlet stands behind.
_INCOMPLETE = "*"
#: All topics together, an article that names several counted once.
ALL = "all"
_MEASURES = (("articles", "Lượt đăng", "lượt"), ("stories", "Tin, bài không trùng", "tin, bài"))


@dataclass(frozen=True, slots=True)
class Periods:
    """The month of the report, its completeness, and that of the times it is set against."""

    month: Month
    now: Result
    before: Result
    last_year: Result
    so_far: Result


def periods_of(connection: duckdb.DuckDBPyConnection, month: Month, report: Report, plan: Plan) -> Periods:
    def complete(first: dt.date, last: dt.date) -> Result:
        return completeness(connection, first, last, report)

    before, last_year = month.previous(), month.same_last_year()
    return Periods(
        month,
        complete(month.first, month.last),
        complete(before.first, before.last),
        complete(last_year.first, last_year.last),
        complete(min(first_day(plan), month.first), month.last),
    )


class Line:
    """The figures of one row of Bảng 1 for a group of outlets and its topics."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        periods: Periods,
        plan: Plan,
        kind: str,
        topics: list[str],
        of_kind: list[str],
    ) -> None:
        """`of_kind`: all outlets of the group; those complete in both periods are compared."""
        month = periods.month
        compared = sorted(
            key for key in of_kind if periods.now.row(key)["complete"] and periods.before.row(key)["complete"]
        )
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
                kinds=[kind],
                topics=topics,
                outlets=compared,
            )
            if compared
            else None
        )

    @property
    def collected_so_far(self) -> bool:
        """Whether anything at all was collected of these outlets since the plan began."""
        return bool(self.so_far and self.so_far.row()["collected"])

    @property
    def why_not_comparable(self) -> str | None:
        """Why period and period before can't be set against each other; None where they can."""
        if not self.now.row()["collected"]:
            return f"kỳ báo cáo {wording.NO_DATA}"
        if not self.before.row()["collected"]:
            return f"kỳ trước {wording.NO_DATA}"
        if self.change is None:
            return "không có nguồn nào được theo dõi đầy đủ ở cả hai kỳ"
        return None

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
        if self.change is None or self.why_not_comparable:
            return Cell(wording.not_comparable(str(self.why_not_comparable)))
        change, rate, followed = (self.change.figure(c) for c in (column, f"{column}_percent", "outlets"))
        by = f"{signed(rate.value)}%" if rate.value is not None else "kỳ trước bằng 0, không tính tỷ lệ"
        text = f"{signed(change.value or 0)}; {by} (tính trên {number(followed.value)} nguồn)"
        figures = (change, rate, followed) if rate.value is not None else (change, followed)
        return Cell(text, figures)


#: By kind of outlets and topic, or ALL.
Lines = dict[tuple[str, str], Line]


def lines_of(connection: duckdb.DuckDBPyConnection, periods: Periods, plan: Plan, topics: list[Topic]) -> Lines:
    """The figures of each kind of outlets on each topic and on all together (ALL), by kind and topic."""
    registry = outlets(connection, periods.month, [topic.id for topic in topics])
    chosen = {topic.id: [topic.id] for topic in topics} | {ALL: [topic.id for topic in topics]}
    return {
        (kind, name): Line(
            connection,
            periods,
            plan,
            kind,
            ids,
            [key for (key,) in registry if registry.row(key)["kind"] == kind],
        )
        for kind, _ in wording.GROUPS
        for name, ids in chosen.items()
    }


def table_1(
    connection: duckdb.DuckDBPyConnection, periods: Periods, plan: Plan, topics: list[Topic], lines: Lines
) -> Table:
    rows: list[Row] = []
    labels = {topic.id: topic.label for topic in topics} | {ALL: "Tổng (không tính trùng)"}
    for letter, (kind, heading) in zip("ABC", wording.GROUPS, strict=True):
        rows.append(Row((Cell(letter), Cell(heading)), "block"))
        position = 0
        for name, label in labels.items():
            for column, measure, unit in _MEASURES:
                position += 1
                values = lines[kind, name].cells(column)
                cells = (Cell(number(position)), Cell(f"{measure}: {label}"), Cell(unit), *values)
                rows.append(Row(cells, "total" if name == ALL else "row"))
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
    told = "; ".join(f"{name} {share(figure)}" for name, figure in shares)
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


def share(figure: Figure) -> str:
    """A share in percent, or that there is none."""
    return wording.NO_DATA if figure.value is None else percent(figure.value)


def _counted(found: Result, column: str) -> Cell:
    """A count, or that there is no evidence to count in: nothing at all was collected."""
    if not found.row()["collected"]:
        return Cell(wording.NO_DATA)
    figure = found.figure(column)
    return Cell(number(figure.value), (figure,))
