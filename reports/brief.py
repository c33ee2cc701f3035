"""What stands above everything: the period in one paragraph, each figure beside what it compares with."""

from __future__ import annotations

import duckdb

from config.plan import Plan
from reports import wording
from reports.counts import Topic
from reports.document import Figure, Paragraph
from reports.period import Month
from reports.queries import Result
from reports.scope import first_day
from reports.totals import ALL, Line, Lines, Periods, share
from reports.vietnamese import number


def in_brief(
    connection: duckdb.DuckDBPyConnection, periods: Periods, plan: Plan, topics: list[Topic], lines: Lines
) -> tuple[Paragraph, ...]:
    month = periods.month
    parts = [_topic(topic, lines["press", topic.id], lines["own", topic.id]) for topic in topics]
    parts += [_outside(connection, month), _plan(connection, month, plan, lines), _completeness(periods)]
    told = [part for part in parts if part.text]
    text = " ".join(part.text for part in told)
    return (Paragraph(text, tuple(figure for part in told for figure in part.figures)),)


def _topic(topic: Topic, press: Line, own: Line) -> Paragraph:
    if not press.now.row()["collected"]:
        return Paragraph(f"{topic.label}: báo chí {wording.NO_DATA} trong kỳ báo cáo.")
    articles, stories = press.now.figure("articles"), press.now.figure("stories")
    figures: list[Figure] = [articles, stories]
    text = f"{topic.label}: báo chí có {number(articles.value)} lượt đăng"
    text += f" ({number(stories.value)} tin, bài không trùng); "
    compared, of_them = _against_before(press)
    text += f"{compared}; cùng kỳ năm trước "
    figures += of_them
    if press.last_year.row()["collected"]:
        last_year = press.last_year.figure("articles")
        text += f"{number(last_year.value)} lượt đăng"
        figures.append(last_year)
    else:
        text += wording.NO_DATA
    if own.now.row()["collected"]:
        of_own = own.now.figure("articles")
        text += f"; kênh của Chính phủ có {number(of_own.value)} lượt đăng (kỳ trước: "
        figures.append(of_own)
        if own.before.row()["collected"]:
            earlier = own.before.figure("articles")
            text += f"{number(earlier.value)})"
            figures.append(earlier)
        else:
            text += f"{wording.NO_DATA})"
    return Paragraph(f"{text}.", tuple(figures))


def _against_before(line: Line) -> tuple[str, tuple[Figure, ...]]:
    if line.change is None or line.why_not_comparable:
        return f"không so sánh được với kỳ trước do {line.why_not_comparable}", ()
    columns = ("articles", "articles_before", "articles_now", "outlets")
    change, before, now, followed = (line.change.figure(column) for column in columns)
    moved = change.value or 0
    how = f"không thay đổi ({number(now.value)} lượt đăng)"
    if moved:
        # Of these sources alone, which are fewer than those of the total that stands before it.
        verb, to = ("tăng", "lên") if moved > 0 else ("giảm", "xuống")
        how = f"{verb} {number(abs(moved))} lượt đăng (từ {number(before.value)} {to} {number(now.value)})"
    text = f"so với kỳ trước {how}, tính trên {number(followed.value)} nguồn theo dõi đầy đủ ở cả hai kỳ"
    return text, (change, before, now, followed) if moved else (now, followed)


def _outside(connection: duckdb.DuckDBPyConnection, month: Month) -> Paragraph:
    """Other resolutions of the same number, which readers may take for ours."""
    before = month.previous()
    now, then = (
        Result(connection, "senses", 2, first=period.first, last=period.last, kinds=["press"])
        for period in (month, before)
    )
    parts, figures = [], []
    for key in now:
        row, articles = now.row(*key), now.figure("articles", *key)
        if key[0] == wording.RESOLUTION and articles.value and not (row["is_target"] or row["undecided"]):
            earlier = then.figure("articles", *key)
            parts.append(
                f"{row['sense_label']}: {number(articles.value)} lượt đăng (kỳ trước: {number(earlier.value)})"
            )
            figures += [articles, earlier]
    return Paragraph(
        f"Ngoài phạm vi, không cộng vào các số trên – {'; '.join(parts)}." if parts else "", tuple(figures)
    )


def _plan(connection: duckdb.DuckDBPyConnection, month: Month, plan: Plan, lines: Lines) -> Paragraph:
    since = first_day(plan)
    if not any(lines[kind, ALL].collected_so_far for kind in ("press", "own")):
        return Paragraph("")
    before = month.previous()
    now, then = (
        Result(connection, "plan", 1, first=period.first, last=period.last, since=since) for period in (month, before)
    )
    key = next(iter(now))
    shown, observable, earlier = (
        now.figure("shown_activities", *key),
        now.figure("observable_activities", *key),
        then.figure("shown_activities", *key),
    )
    text = (
        f"Tính từ khi bắt đầu Kế hoạch, {number(shown.value)}/{number(observable.value)} nhiệm vụ theo dõi được qua "
        f"báo chí đã có thông tin trên báo chí, kênh của Chính phủ (đến hết kỳ trước: {number(earlier.value)})."
    )
    return Paragraph(text, (shown, observable, earlier))


def _completeness(periods: Periods) -> Paragraph:
    """The share alone would be 100 % of a month of which two days were watched."""
    shares = [of.figure("percent", None) for of in (periods.now, periods.before)]
    outlets = [of.figure("outlets_complete", None) for of in (periods.now, periods.before)]
    text = (
        f"Mức độ đầy đủ của số liệu: {share(shares[0])} (kỳ trước: {share(shares[1])}); theo dõi đầy đủ "
        f"{number(outlets[0].value)} nguồn (kỳ trước: {number(outlets[1].value)})."
    )
    return Paragraph(text, (*(figure for figure in shares if figure.value is not None), *outlets))
