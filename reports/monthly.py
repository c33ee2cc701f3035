"""The monthly summary: every figure and text of it, from the published database."""

from __future__ import annotations

import datetime as dt

import duckdb

from config.clock import VIETNAM
from config.plan import Plan
from config.report import Issuer, Report
from reports import articles, plan, results, scope, wording
from reports.counts import all_topics, coverage, outlet_names
from reports.document import Behind, Letterhead, Paragraph, Section, Summary
from reports.period import Month
from reports.queries import Result, rows
from reports.vietnamese import day
from warehouse.settings import SESSION

__all__ = ["Summary", "build_monthly"]


def build_monthly(
    connection: duckdb.DuckDBPyConnection,
    month: Month,
    report: Report,
    plan_document: Plan,
    now: dt.datetime,
    sample: bool = False,
    database_digest: str = "",
) -> Summary:
    """The summary of `month` as the database stands at `now` (timezone-aware). `sample`: demonstration data."""
    # Days and months are Vietnam's whatever the caller's session says.
    connection.execute(SESSION)
    topics = all_topics(connection, month)
    ids = [topic.id for topic in topics]
    complete = scope.completeness(connection, month.first, month.last, report)
    limits = scope.limits(connection, month, ids)
    press_and_own = coverage(connection, month, ["press", "own"], ids).row()["collected"]
    made_at = now.astimezone(VIETNAM)
    sections = (
        scope.scope_section(connection, month, complete, outlet_names(connection, month)),
        results.results_section(connection, month, report, plan_document, topics, complete),
        plan.plan_section(connection, month, plan_document, press_and_own),
        articles.highlights_section(connection, month, report, topics),
        articles.difficulties_section(),
        scope.limits_section(report, limits),
        Section(wording.PROPOSALS, (Paragraph("(Đơn vị tự viết.)"),)),
        articles.list_section(connection, month, topics),
        scope.definition_section(report, scope.core_documents(connection)),
    )
    return Summary(
        report="monthly",
        when=month,
        made_at=made_at,
        sample=sample,
        letterhead=letterhead(report.issuer(made_at.date()), made_at),
        kind="BÁO CÁO",
        title=f"{wording.SUBJECT} {month.label}",
        data_line=(
            f"(Số liệu từ ngày {day(month.first)} đến hết ngày {day(month.last)}; chốt lúc {made_at:%H} giờ "
            f"{made_at:%M} ngày {day(made_at)}; {_standing(limits, month, made_at)})"
        ),
        corrects=(),
        in_brief=(),
        sections=sections,
        behind=_behind(connection, month, database_digest),
    )


def letterhead(issuer: Issuer, made_at: dt.datetime) -> Letterhead:
    return Letterhead(
        parent=issuer.parent,
        issuer=issuer.name,
        number_line=f"Số:     /BC-{issuer.symbol}",
        place_and_date=f"{issuer.place}, ngày     tháng     năm {made_at.year}",
        addressed_to=issuer.addressed_to,
        signer=tuple(issuer.signer),
        copies_to=tuple(issuer.copies_to),
    )


def _behind(connection: duckdb.DuckDBPyConnection, month: Month, database_digest: str) -> Behind:
    (standing,) = rows(connection, "standing")
    counted = rows(connection, "counted_articles", first=month.first, last=month.last)
    return Behind(**standing, database_digest=database_digest, articles=tuple(counted))


def _standing(limits: Result, month: Month, made_at: dt.datetime) -> str:
    """How final the figures are; "chính thức" is for a person to say."""
    if not limits.row()["collected"]:
        return wording.NO_DATA
    if scope.is_retrospective(limits):
        return "số liệu hồi cứu"
    return "số liệu sơ bộ" + (", kỳ báo cáo chưa kết thúc" if made_at.date() <= month.last else "")
