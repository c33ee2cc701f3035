"""The charts of part II, as data."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from reports import wording
from reports.counts import Topic
from reports.document import Bar, Chart, Paragraph
from reports.period import Month
from reports.queries import Result
from reports.totals import ALL, Lines
from reports.vietnamese import number

_UNIT = "Lượt đăng"
#: Mark of days of which nothing was collected.
_GAP = "*"
#: In charts the kinds of outlets stand under short names.
_KINDS = (("press", "Báo chí"), ("own", "Kênh của Chính phủ"), ("aggregator", "Trang thông tin điện tử tổng hợp"))


def charts(connection: duckdb.DuckDBPyConnection, month: Month, topics: list[Topic], lines: Lines) -> list[Chart]:
    """By day, by kind of outlet, by field of service, by sense; those that have nothing to show are left out."""
    drawn = [
        _days(connection, month),
        _kinds(topics, lines),
        _services(connection, month),
        _senses(connection, month),
    ]
    return [chart for chart in drawn if any(bar.figure.value for bar in chart.bars)]


def _days(connection: duckdb.DuckDBPyConnection, month: Month) -> Chart:
    found = Result(connection, "days", 1, first=month.first, last=month.last)
    gaps = [f"{day:%d/%m}" for (day,) in found if not found.row(day)["known"]]
    bars = [
        Bar(f"{day:%d/%m}{'' if found.row(day)['known'] else _GAP}", "Báo chí", found.figure("articles", day))
        for (day,) in found
    ]
    most = max((bar.figure for bar in bars), key=lambda figure: figure.value or 0)
    text = f"ngày cao nhất {number(most.value)} lượt đăng"
    text += f"; ngày chưa có số liệu: {', '.join(gaps)}." if gaps else "; ngày nào cũng có số liệu thu thập."
    title = "Biểu đồ 1. Lượt đăng của báo chí theo ngày, nêu ít nhất một chủ đề"
    title += f" ({_GAP} {wording.NO_DATA})" if gaps else ""
    return Chart("ngay", title, Paragraph(text, (most,)), _UNIT, tuple(bars))


def _kinds(topics: list[Topic], lines: Lines) -> Chart:
    """A bar of no length would say that there was nothing; where nothing was collected, its name says so."""
    bars: list[Bar] = []
    known: list[Bar] = []
    unknown: list[str] = []
    for kind, name in _KINDS:
        is_known = lines[kind, ALL].now.row()["collected"]
        place = name if is_known else f"{name} ({wording.NO_DATA})"
        of_kind = [Bar(place, topic.label, lines[kind, topic.id].now.figure("articles")) for topic in topics]
        bars += of_kind
        known += of_kind if is_known else []
        unknown += [] if is_known else [place]
    title = "Biểu đồ 2. Lượt đăng theo nhóm nguồn và chủ đề"
    return Chart("nhom", title, _told(known, unknown), _UNIT, tuple(bars), sideways=True)


def _services(connection: duckdb.DuckDBPyConnection, month: Month) -> Chart:
    found = Result(connection, "services", 1, first=month.first, last=month.last, topic=wording.PORTAL)
    bars = [
        Bar(found.row(key)["value_label"], "Báo chí", figure)
        for (key,) in found
        if (figure := found.figure("articles", key)).value
    ]
    title = "Biểu đồ 3. Lượt đăng của báo chí về Cổng Dịch vụ công quốc gia theo lĩnh vực (một tin, bài có thể thuộc"
    return Chart("linh-vuc", f"{title} nhiều lĩnh vực)", _told(bars), _UNIT, tuple(bars), sideways=True)


def _senses(connection: duckdb.DuckDBPyConnection, month: Month) -> Chart:
    found = Result(connection, "senses", 2, first=month.first, last=month.last, kinds=["press"])
    bars = []
    for key in found:
        row, figure = found.row(*key), found.figure("articles", *key)
        layer = "Trong phạm vi" if row["is_target"] else "Chưa xác định" if row["undecided"] else "Ngoài phạm vi"
        place = f"{row['sense_label']} ({row['topic_label']})" if row["undecided"] else row["sense_label"]
        if figure.value:
            bars.append(Bar(place, layer, figure))
    title = "Biểu đồ 4. Lượt đăng của báo chí theo đối tượng được nêu tên"
    return Chart("doi-tuong", title, _told(bars), _UNIT, tuple(bars), sideways=True)


def _told(bars: list[Bar], unknown: Sequence[str] = ()) -> Paragraph:
    """What the bars show, in words, and what nothing is known of. A layer is named where there are several."""
    several = len({bar.layer for bar in bars}) > 1
    parts = [f"{bar.place}{f' ({bar.layer})' if several else ''}: {number(bar.figure.value)}" for bar in bars]
    return Paragraph("; ".join([*parts, *unknown]) + ".", tuple(bar.figure for bar in bars))
