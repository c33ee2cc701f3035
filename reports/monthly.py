"""The monthly summary: every figure and text of it, from the published database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb

from config.clock import VIETNAM
from config.plan import Plan
from config.report import Report
from reports import articles, plan, results, scope, wording
from reports.brief import in_brief
from reports.changed import Sent, changes, day_range
from reports.counts import all_topics, outlet_names
from reports.document import Paragraph, Section, Summary
from reports.frame import behind, closed_at, letterhead
from reports.period import Month
from reports.queries import Result
from reports.totals import lines_of, periods_of
from reports.vietnamese import day, moment
from warehouse.settings import SESSION

__all__ = ["Summary", "build_monthly"]


def build_monthly(
    connection: duckdb.DuckDBPyConnection,
    month: Month,
    report: Report,
    plan_document: Plan,
    now: dt.datetime,
    *,
    relook_days: int,
    sample: bool = False,
    database_digest: str = "",
    sent: Sequence[Sent] = (),
    corrects: Sent | None = None,
) -> Summary:
    """The summary of `month` as the database stands at `now` (timezone-aware). `relook_days`: for so long articles are
    looked at again; `sample`: demonstration data; `sent`: what was sent of all periods; `corrects`: the report of
    this month that it replaces."""
    # Days and months are Vietnam's whatever the caller's session says.
    connection.execute(SESSION)
    topics = all_topics(connection, month)
    ids = [topic.id for topic in topics]
    periods = periods_of(connection, month, report, plan_document)
    lines = lines_of(connection, periods, plan_document, topics)
    limits = scope.limits(connection, month, ids)
    made_at = now.astimezone(VIETNAM)
    told_by = behind(connection, month, database_digest)
    earlier = [entry for entry in sent if entry["last"] < month.first.isoformat()]
    sections = (
        scope.scope_section(connection, month, periods.now, outlet_names(connection, month)),
        results.results_section(connection, periods, plan_document, topics, lines),
        plan.plan_section(connection, month, plan_document, lines),
        articles.highlights_section(connection, month, report, topics),
        articles.difficulties_section(connection, month),
        scope.limits_section(report, limits, changes(connection, earlier, topics, told_by.rules)),
        Section(wording.PROPOSALS, (Paragraph("(Đơn vị tự viết.)"),)),
        articles.list_section(connection, month, topics),
        scope.definition_section(report, scope.core_documents(connection)),
    )
    return Summary(
        report="monthly",
        when=month,
        made_at=made_at,
        sample=sample,
        letterhead=letterhead(report, made_at),
        kind="BÁO CÁO",
        title=f"{wording.SUBJECT} {month.label}",
        data_line=(
            f"(Số liệu từ ngày {day(month.first)} đến hết ngày {day(month.last)}; {closed_at(made_at)}; "
            f"{_standing(limits, periods.now, month, made_at, relook_days)})"
        ),
        corrects=_corrects(corrects, month, changes(connection, [corrects], topics, told_by.rules)) if corrects else (),
        in_brief=in_brief(connection, periods, plan_document, topics, lines),
        sections=sections,
        behind=told_by,
    )


def _corrects(replaced: Sent, month: Month, found: list[Paragraph]) -> tuple[Paragraph, ...]:
    reported_at = dt.datetime.fromisoformat(replaced["reported_at"])
    first = Paragraph(f"ĐÍNH CHÍNH: báo cáo này thay thế báo cáo cùng kỳ đã gửi lúc {moment(reported_at)}.")
    if (replaced["first"], replaced["last"]) != (month.first.isoformat(), month.last.isoformat()):
        days = f"báo cáo đã gửi {day_range(replaced)}, báo cáo này từ {day(month.first)} đến {day(month.last)}"
        return first, Paragraph(f"Kỳ số liệu thay đổi: {days}; số liệu hai báo cáo không so sánh được.")
    return (first, *(found or [Paragraph("Số lượt đăng và số tin, bài không trùng theo chủ đề không thay đổi.")]))


def _standing(limits: Result, complete: Result, month: Month, made_at: dt.datetime, relook_days: int) -> str:
    """How final the figures are: official where the last re-look is over and an outlet was followed completely."""
    if not limits.row()["collected"]:
        return wording.NO_DATA
    if scope.is_retrospective(limits):
        return "số liệu hồi cứu"
    if made_at.date() <= month.last:
        return "số liệu sơ bộ, kỳ báo cáo chưa kết thúc"
    # The last articles of the month are looked at again for so long, in the night after.
    is_over = made_at.date() > month.last + dt.timedelta(days=relook_days + 1)
    return "số liệu chính thức" if is_over and complete.row(None)["outlets_complete"] else "số liệu sơ bộ"
