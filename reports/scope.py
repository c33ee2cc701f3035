"""Parts I and VI: what the figures stand on, and what they can't say."""

from __future__ import annotations

import datetime as dt

import duckdb

from config.plan import Plan
from config.report import Report
from reports import wording
from reports.document import Cell, Paragraph, Row, Section, Table
from reports.period import Month, parse_month
from reports.queries import Result
from reports.vietnamese import day, number, one_line, percent

#: Articles first seen later than this after the end of their month were collected in retrospect: a nightly run has
#: them within a day, a re-look within a week.
LATE_DAYS = 7


def completeness(connection: duckdb.DuckDBPyConnection, first: dt.date, last: dt.date, report: Report) -> Result:
    """How complete the collection of these days is, by (outlet_id,); (None,) is all outlets together."""
    return Result(
        connection,
        "completeness",
        1,
        first=first,
        last=last,
        complete_from=report.complete_from_percent,
        watched_from=report.watched_days_from_percent,
    )


def limits(connection: duckdb.DuckDBPyConnection, month: Month, topics: list[str]) -> Result:
    return Result(connection, "limits", first=month.first, last=month.last, late_days=LATE_DAYS, topics=topics)


def is_retrospective(found: Result) -> bool:
    """Whether most of the month was collected long after its end."""
    row = found.row()
    return bool(row["collected_late"] * 2 > row["collected"])


def scope_section(
    connection: duckdb.DuckDBPyConnection, month: Month, complete: Result, names: dict[str, str]
) -> Section:
    """Part I."""
    blocks: list[Paragraph | Table] = [
        *_outlets(connection),
        _runs(connection, month),
        *completeness_told(complete, names),
        *_backfilled(connection, month),
        _silent_sources(connection, month),
    ]
    return Section(wording.SCOPE, tuple(blocks))


def _outlets(connection: duckdb.DuckDBPyConnection) -> list[Paragraph]:
    found = Result(connection, "registry")
    columns = ("outlets", "press", "central", "ministry", "local_press", "own", "aggregators")
    figures = tuple(found.figure(column) for column in columns)
    outlets, press, central, ministry, local, own, aggregators = (number(figure.value) for figure in figures)
    text = (
        f"Danh mục theo dõi có {outlets} nguồn: {press} cơ quan báo chí được theo dõi (Trung ương {central}; Bộ, "
        f"ngành, đoàn thể {ministry}; Địa phương {local}); {own} kênh của Chính phủ; {aggregators} trang thông tin "
        "điện tử tổng hợp."
    )
    core = found.figure("core")
    if core.value:
        documents = found.row()["core_documents"]
        named = Paragraph(f"Trong đó {number(core.value)} cơ quan báo chí nòng cốt theo {documents}.", (core,))
    else:
        named = Paragraph(
            "Danh sách cơ quan báo chí nòng cốt (nhiệm vụ I.1) chưa được cung cấp; báo cáo ghi "
            '"cơ quan báo chí được theo dõi".'
        )
    return [Paragraph(text, figures), named]


def _runs(connection: duckdb.DuckDBPyConnection, month: Month) -> Paragraph:
    found = Result(connection, "runs", first=month.first, last=month.last)
    figures = tuple(found.figure(column) for column in ("runs", "runs_ok", "runs_partial", "runs_failed"))
    runs, ok, partial, failed = (number(figure.value) for figure in figures)
    if not figures[0].value:
        return Paragraph(f"Đợt thu thập cho kỳ báo cáo: {wording.NO_DATA}.")
    return Paragraph(
        f"Số liệu của kỳ do {runs} đợt thu thập: {ok} đợt mọi nguồn được hỏi đều trả lời; {partial} đợt có "
        f"nguồn không trả lời; {failed} đợt không nguồn nào trả lời.",
        figures,
    )


def completeness_told(complete: Result, names: dict[str, str]) -> list[Paragraph]:
    """How much of what was announced was collected, and which outlets have gaps."""
    share, collected, announced = (complete.figure(c, None) for c in ("percent", "collected", "announced"))
    if share.value is None:
        first = Paragraph(f"Mức độ đầy đủ: {wording.NO_DATA}.")
    else:
        first = Paragraph(
            f"Mức độ đầy đủ: {percent(share.value)} ({number(collected.value)}/{number(announced.value)} trang nguồn "
            "công bố).",
            (share, collected, announced),
        )
    columns = ("outlets_complete", "outlets_with_gaps", "outlets_not_asked", "outlets_out_of_reach")
    figures = tuple(complete.figure(column, None) for column in columns)
    whole, gaps, not_asked, beyond = (number(figure.value) for figure in figures)
    retrospective = complete.figure("outlets_in_retrospect", None)
    late = f"; thu thập hồi cứu: {number(retrospective.value)} nguồn" if retrospective.value else ""
    paragraphs = [
        first,
        Paragraph(
            f"Theo dõi đầy đủ: {whole} nguồn; có khoảng trống: {gaps} nguồn; không thu thập trong kỳ: {not_asked} "
            f"nguồn{late}; ngoài khả năng theo dõi: {beyond} nguồn.",
            (*figures, retrospective) if late else figures,
        ),
    ]
    for told, kind in (
        ("có khoảng trống", None),
        ("không thu thập trong kỳ", "not_asked"),
        ("thu thập hồi cứu", "in_retrospect"),
    ):
        # `names` is in the order of the alphabet.
        rows = [(name, complete.row(key)) for key, name in names.items()]
        listed = [
            name
            for name, row in rows
            if not (row["complete"] or row["out_of_reach"])
            and (row[kind] if kind else not (row["not_asked"] or row["in_retrospect"]))
        ]
        if listed:
            paragraphs.append(Paragraph(f"Các nguồn {told}: {'; '.join(listed)}."))
    absent = complete.figure("sources_not_in_archive", None)
    if absent.value:
        paragraphs.append(
            Paragraph(
                f"Có {number(absent.value)} kênh RSS, sơ đồ trang không có trong tệp lưu trữ được nạp; đây không phải "
                "lỗi của nguồn; mức độ đầy đủ chỉ tính theo các nguồn có trong tệp.",
                (absent,),
            )
        )
    return paragraphs


def _backfilled(connection: duckdb.DuckDBPyConnection, month: Month) -> list[Paragraph]:
    """What was collected in retrospect, against the sitemaps of the outlets themselves."""
    found = Result(connection, "backfilled", first=month.first, last=month.last)
    columns = ("outlets", "percent", "held", "listed")
    outlets, share, held, listed = figures = tuple(found.figure(column) for column in columns)
    if not listed.value:
        return []
    open_ones = found.figure("outlets_under_way")
    still = f" Việc hồi cứu {number(open_ones.value)} nguồn chưa hoàn thành." if open_ones.value else ""
    text = (
        f"Hồi cứu theo sơ đồ trang của {number(outlets.value)} nguồn: lưu giữ {percent(share.value)} "
        f"({number(held.value)}/{number(listed.value)} tin, bài được sơ đồ trang liệt kê cho kỳ); không gồm tin, bài "
        f"nguồn đã gỡ.{still}"
    )
    return [Paragraph(text, (*figures, open_ones) if still else figures)]


def _silent_sources(connection: duckdb.DuckDBPyConnection, month: Month) -> Table:
    found = Result(connection, "silent_sources", 2, first=month.first, last=month.last)
    rows = []
    for position, key in enumerate(found, 1):
        row, asked = found.row(*key), found.figure("times_asked", *key)
        rows.append(
            Row(
                (
                    Cell(number(position)),
                    Cell(row["name"]),
                    Cell(one_line(row["url"])),
                    Cell(number(asked.value), (asked,)),
                    Cell(wording.failure(one_line(row["last_reason"]))),
                )
            )
        )
    columns = ("TT", "Cơ quan báo chí", "Kênh RSS, sơ đồ trang", "Số lần kiểm tra", "Lý do gần nhất")
    return Table("Kênh RSS, sơ đồ trang không trả lời trong kỳ", columns, tuple(rows), empty="Không có.")


def limits_section(report: Report, found: Result, changed: list[Paragraph]) -> Section:
    """Part VI. `changed`: figures of earlier reports that are others now."""
    notes = [Paragraph(text) for text in (wording.PAID, wording.NOT_TRANSACTIONS)]
    row = found.row()
    if is_retrospective(found):
        first, last = row["first_collected_on"], row["last_collected_on"]
        days = day(first) if first == last else f"{day(first)} đến ngày {day(last)}"
        notes.insert(0, Paragraph(wording.retrospective(days)))
    for column, text in (
        ("dated_by_source", "lượt đăng không ghi thời điểm trên trang, xếp vào kỳ theo thời điểm nguồn công bố"),
        ("dated_by_collection", "lượt đăng không có thời điểm nào, xếp vào kỳ theo thời điểm thu thập"),
        (
            "read_without_layout",
            "lượt đăng được trích xuất bằng phương pháp chung, chưa có mẫu riêng cho nguồn",
        ),
    ):
        figure = found.figure(column)
        if figure.value:
            notes.append(Paragraph(f"Có {number(figure.value)} {text}.", (figure,)))
    withdrawn = found.figure("withdrawn")
    if withdrawn.value:
        notes.append(Paragraph(f"{wording.GONE}: {number(withdrawn.value)} lượt đăng.", (withdrawn,)))
    if changed:
        notes += [Paragraph("Số liệu đã báo cáo ở các kỳ trước nay thay đổi:"), *changed]
    notes.append(Paragraph(wording.remarks(report.remarks_to)))
    return Section(wording.LIMITS, tuple(notes))


def first_day(plan: Plan) -> dt.date:
    """From which day on figures are accumulated: the plan's first."""
    return dt.date.fromisoformat(f"{plan.window.start}-01")


def last_day(plan: Plan) -> dt.date:
    return parse_month(plan.window.end).last


def months_without_data(connection: duckdb.DuckDBPyConnection, month: Month, plan: Plan, kind: str) -> str:
    """The months since the plan began in which nothing of this kind of outlet was collected; '' if there are none."""
    found = Result(connection, "months_without_data", 1, since=first_day(plan), last=month.last, kinds=[kind])
    runs: list[list[tuple[int, str]]] = []
    for (label,) in found:
        index = int(label[3:]) * 12 + int(label[:2])
        if runs and runs[-1][-1][0] == index - 1:
            runs[-1].append((index, label))
        else:
            runs.append([(index, label)])
    return "; ".join(run[0][1] if len(run) == 1 else f"từ {run[0][1]} đến {run[-1][1]}" for run in runs)


def definition_section(report: Report, core_documents: str | None) -> Section:
    """Phụ lục II."""
    document = core_documents or "văn bản chưa được cung cấp"
    lines = [
        Paragraph(f"{entry.term}: {entry.text.replace('{core_document}', document)}") for entry in report.definitions
    ]
    checked = report.precision
    lines.append(
        Paragraph(
            f"Độ chính xác: {number(checked.correct)}/{number(checked.sample)} lượt mẫu đúng, khoảng tin cậy 95%: "
            f"{number(checked.interval[0])}–{percent(checked.interval[1])}."
            if checked
            else f"Độ chính xác: {wording.NO_DATA} (chưa kiểm tra mẫu)."
        )
    )
    return Section(wording.DEFINITIONS, tuple(lines))


def core_documents(connection: duckdb.DuckDBPyConnection) -> str | None:
    documents: str | None = Result(connection, "registry").row()["core_documents"]
    return documents
