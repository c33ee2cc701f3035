"""Part III: the plan's eleven activities, and what the press shows of each. Coverage is not completion."""

from __future__ import annotations

from typing import Any

import duckdb

from config.plan import Plan
from reports import wording
from reports.document import Cell, Paragraph, Row, Section, Table
from reports.period import Month
from reports.queries import Result, rows
from reports.scope import first_day, last_day
from reports.totals import ALL, Lines
from reports.vietnamese import day, number, one_line

#: What stands where the unit in charge hasn't written anything yet.
_FROM_THE_UNIT = "chưa có"


def plan_section(connection: duckdb.DuckDBPyConnection, month: Month, plan: Plan, lines: Lines) -> Section:
    of_all = {kind: lines[kind, ALL] for kind in ("press", "own")}
    collected = any(line.now.row()["collected"] for line in of_all.values())
    held = {kind: line.collected_so_far for kind, line in of_all.items()}
    since = first_day(plan)
    found = Result(connection, "plan", 1, first=month.first, last=month.last, since=since)
    reported: dict[str, list[dict[str, Any]]] = {}
    for entry in rows(connection, "plan_entries", month=str(month)):
        reported.setdefault(entry["activity_id"], []).append(entry)
    table_rows: list[Row] = []
    group = None
    for (key,) in found:
        row = found.row(key)
        if row["group_title"] != group:
            group = row["group_title"]
            table_rows.append(Row((Cell(key.partition(".")[0]), Cell(group)), "block"))
        cells = (
            Cell(key),
            Cell(row["activity"]),
            Cell(_joined(row["leads"])),
            Cell(_joined(row["results"]) or "–"),
            _shown(found, key, month, plan, collected, held),
            Cell("chưa đặt" if row["target"] is None else row["target"]),
            *_reported(reported.get(key, [])),
        )
        table_rows.append(Row(cells))
    table = Table(
        "Bảng 4. Thông tin trên báo chí theo nhiệm vụ của Kế hoạch",
        wording.COLUMNS_4,
        tuple(table_rows),
        notes=(
            Paragraph(wording.SEVERAL_ACTIVITIES),
            Paragraph("Có hay chưa có thông tin trên báo chí; số lượt đăng không phải mức độ hoàn thành."),
            Paragraph(
                "Lũy kế trong thời gian thực hiện của từng nhiệm vụ; kênh của Chính phủ ghi riêng; không gồm trang "
                "thông tin điện tử tổng hợp."
            ),
            Paragraph(
                "Phải có tài liệu của đơn vị đối với kết quả không thể hiện trên báo chí (danh sách, tờ rơi, sổ tay, "
                "phiếu khảo sát, tin nhắn, loa truyền thanh)."
            ),
        ),
    )
    return Section(wording.PLAN, (*_time(month, plan), table, *_outcomes(connection, month)))


def _time(month: Month, plan: Plan) -> list[Paragraph]:
    start, end = _month(plan.window.start), _month(plan.window.end)
    if month.first > last_day(plan):
        return [
            Paragraph(
                f"Kế hoạch đã kết thúc vào tháng {end}. Số liệu của kỳ báo cáo chỉ để tham khảo, không tính vào kết "
                "quả thực hiện Kế hoạch."
            )
        ]
    if month.last < first_day(plan):
        return [Paragraph(f"Kế hoạch bắt đầu từ tháng {start}; kỳ báo cáo ở trước thời gian thực hiện.")]
    return [Paragraph(f"Thời gian thực hiện Kế hoạch: từ tháng {start} đến tháng {end}.")]


def _shown(found: Result, key: str, month: Month, plan: Plan, collected: bool, held: dict[str, bool]) -> Cell:
    """`collected`: whether anything at all was, in the month; `held`: of this kind of outlet, since the plan began."""
    if found.row(key)["observable"] == "no":
        return Cell(wording.NOT_OBSERVABLE)
    press, own, press_so_far, own_so_far = (
        found.figure(column, key) for column in ("press", "own", "press_so_far", "own_so_far")
    )
    if not any(held.values()):
        return Cell(wording.NO_DATA[0].upper() + wording.NO_DATA[1:])
    state = wording.SHOWN if press_so_far.value or own_so_far.value else wording.NOT_YET_SHOWN
    told = {
        kind: number(figure.value) if held[kind] else wording.NO_DATA
        for kind, figure in (("press", press_so_far), ("own", own_so_far))
    }
    so_far = f"lũy kế: báo chí {told['press']}, kênh của Chính phủ {told['own']}"
    counted = tuple(figure for kind, figure in (("press", press_so_far), ("own", own_so_far)) if held[kind])
    if not collected:
        return Cell(f"{state}\n- kỳ: {wording.NO_DATA}\n- {so_far}", counted)
    of_own = number(own.value) if held["own"] else wording.NO_DATA
    of_month = f"kỳ: báo chí {number(press.value)}, kênh của Chính phủ {of_own}"
    if month.last < first_day(plan) or month.first > last_day(plan):
        of_month += " (ngoài thời gian thực hiện)"
    return Cell(f"{state}\n- {of_month}\n- {so_far}", (press, *((own,) if held["own"] else ()), *counted))


def _reported(entries: list[dict[str, Any]]) -> tuple[Cell, Cell]:
    """Kết quả do đơn vị báo cáo and Văn bản căn cứ, a line for each entry."""
    if not entries:
        return Cell(_FROM_THE_UNIT), Cell(_FROM_THE_UNIT)
    results = [
        f"{_month(entry['month'])}: {one_line(entry['result'])} ({one_line(entry['unit'])})" for entry in entries
    ]
    return Cell(_joined(results)), Cell(_joined([_document(entry) for entry in entries]))


def _outcomes(connection: duckdb.DuckDBPyConnection, month: Month) -> list[Table]:
    found = rows(connection, "outcomes", month=str(month))
    lines = tuple(
        Row(
            (
                Cell(number(position)),
                Cell(one_line(row["indicator"])),
                Cell(one_line(row["value"])),
                Cell(_month(row["month"])),
                Cell(one_line(row["unit"])),
                Cell(_document(row)),
            )
        )
        for position, row in enumerate(found, 1)
    )
    told = Paragraph("Số liệu do đơn vị báo cáo, không do hệ thống theo dõi báo chí thu thập.")
    return [Table("Bảng 5. Kết quả đầu ra do đơn vị báo cáo", wording.COLUMNS_5, lines, (told,))] if found else []


def _document(entry: dict[str, Any]) -> str:
    return f"{one_line(entry['document'])} ngày {day(entry['dated'])}"


def _joined(parts: list[str]) -> str:
    """One a line where there are several: the plan's words stay as they are."""
    return parts[0] if len(parts) == 1 else "\n".join(f"- {part}" for part in parts)


def _month(text: str) -> str:
    return f"{text[5:]}/{text[:4]}"
