"""The press review of a day: its articles on the topics, by story, one sentence of each."""

from __future__ import annotations

import datetime as dt

import duckdb

from config.clock import VIETNAM
from config.report import Report
from reports import scope, wording
from reports.articles import quotes
from reports.counts import Topic, all_topics, coverage, outlet_names
from reports.document import Paragraph, Section, Summary
from reports.frame import behind, closed_at, letterhead
from reports.period import Day
from reports.vietnamese import day as written
from reports.vietnamese import number
from warehouse.settings import SESSION


def build_daily(
    connection: duckdb.DuckDBPyConnection,
    day: Day,
    report: Report,
    now: dt.datetime,
    *,
    sample: bool = False,
    database_digest: str = "",
) -> Summary:
    """The review of `day` as the database stands at `now` (timezone-aware). `sample`: demonstration data."""
    # Days are Vietnam's whatever the caller's session says.
    connection.execute(SESSION)
    topics = all_topics(connection, day)
    made_at = now.astimezone(VIETNAM)
    complete = scope.completeness(connection, day.first, day.last, report)
    collected = coverage(connection, day, ["press", "own"], [topic.id for topic in topics]).row()["collected"]
    standing = "số liệu sơ bộ" if collected else wording.NO_DATA
    return Summary(
        report="daily",
        when=day,
        made_at=made_at,
        sample=sample,
        letterhead=letterhead(report, made_at),
        kind="ĐIỂM BÁO",
        title=f"Về Cổng Dịch vụ công quốc gia và Nghị quyết số 68/NQ-CP ngày 12/5/2020 của Chính phủ, {day.label}",
        data_line=f"(Số liệu ngày {written(day.first)}; {closed_at(made_at)}; {standing})",
        corrects=(),
        in_brief=tuple(_told(connection, day, topic) for topic in topics),
        sections=(
            Section(wording.OF_THE_DAY, tuple(block for t in topics for block in quotes(connection, day, t, None))),
            Section(wording.HOW_COMPLETE, tuple(scope.completeness_told(complete, outlet_names(connection, day)))),
        ),
        behind=behind(connection, day, database_digest),
    )


def _told(connection: duckdb.DuckDBPyConnection, day: Day, topic: Topic) -> Paragraph:
    now, before = (coverage(connection, period, ["press", "own"], [topic.id]) for period in (day, day.previous()))
    if not now.row()["collected"]:
        return Paragraph(f"{topic.label}: {wording.NO_DATA}.")
    articles, stories, earlier = now.figure("articles"), now.figure("stories"), before.figure("articles")
    text = f"{topic.label}: {number(articles.value)} lượt đăng trên báo chí và kênh của Chính phủ"
    text += f" ({number(stories.value)} tin, bài không trùng); ngày trước đó "
    if not before.row()["collected"]:
        return Paragraph(f"{text}{wording.NO_DATA}.", (articles, stories))
    return Paragraph(f"{text}{number(earlier.value)}.", (articles, stories, earlier))
