"""What stands around the counts: the paragraph on top, charts, what people wrote down, what was told before."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pytest

from reports.daily import build_daily
from reports.document import Paragraph, Quote, Summary, Table
from reports.frozen import figures
from reports.period import Day, Month
from tests.reports.press import NOW, REPORT
from tests.reports.test_monthly import build, lines, section, table, texts

JULY, AUGUST = Month(2021, 7), Month(2021, 8)


def sent(summary: Summary, **changes: Any) -> dict[str, Any]:
    """The journal's line of a summary that was sent, with what was otherwise then."""
    return {
        "report": "monthly",
        "period": summary.period,
        "first": summary.when.first.isoformat(),
        "last": summary.when.last.isoformat(),
        "reported_at": "2021-08-04T08:00:00+07:00",
        "figures": figures(summary),
        "articles": list(summary.behind.articles),
        "rules": summary.behind.rules,
        "decided_until": None,
        "collected_until": None,
    } | changes


def test_results_of_units_stand_in_the_plan_board_with_their_document(july: Summary) -> None:
    row = next(row for row in table(july, "Bảng 4").rows if row.cells[0].text == "II.1")
    assert [cell.text for cell in row.cells[-2:]] == [
        "07/2021: In 5.000 tờ rơi (Sở Thử)",
        "Báo cáo 1/BC-ST ngày 30/07/2021",
    ]


def test_of_an_outcome_the_newest_value_up_to_the_month_is_told(july: Summary) -> None:
    (row,) = lines(table(july, "Bảng 5")).values()
    assert row == ["1.000.000", "07/2021", "Cục Thử", "Báo cáo 4/BC-CT ngày 01/08/2021"]


def test_difficulties_of_the_month_are_told_with_who_answers_and_what(july: Summary) -> None:
    found = table(july, "Khó khăn")
    sentence = "Người dân nộp hồ sơ trên Cổng Dịch vụ công quốc gia."
    assert [tuple(cell.text for cell in row.cells) for row in found.rows] == [
        ("1", "Không đăng nhập được", "Báo An Bình, 01/07/2021", sentence, "Bộ Thử", "chưa có thông tin"),
        ("2", "Hồ sơ trả chậm", "Báo Đất Mới, 01/07/2021", sentence, "Sở Thử", "Đã trả lời ngày 20/7/2021"),
    ]
    assert [note.text for note in found.notes] == [
        "Có 1 nội dung đã ghi mà tin, bài dẫn chiếu chưa có trong dữ liệu thu thập."
    ]


def test_the_paragraph_on_top_sets_each_count_beside_another(july: Summary) -> None:
    (brief,) = july.in_brief
    assert (
        "Cổng Dịch vụ công quốc gia: báo chí có 5 lượt đăng (3 tin, bài không trùng); so với kỳ trước tăng 1 lượt đăng "
        "(từ 1 lên 2), tính trên 1 nguồn theo dõi đầy đủ ở cả hai kỳ; cùng kỳ năm trước chưa có số liệu; kênh "
        "của Chính phủ có 1 lượt đăng (kỳ trước: chưa có số liệu)."
    ) in brief.text
    other = "Nghị quyết số 68/NQ-CP ngày 01/7/2021: 1 lượt đăng (kỳ trước: 0)"
    assert f"Ngoài phạm vi, không cộng vào các số trên – {other}." in brief.text
    assert "theo dõi đầy đủ 2 nguồn (kỳ trước: 1)" in brief.text


def test_the_paragraph_on_top_of_an_empty_month_counts_nothing(published: duckdb.DuckDBPyConnection) -> None:
    (brief,) = build(published, Month(2021, 3)).in_brief
    assert "báo chí chưa có số liệu trong kỳ báo cáo" in brief.text
    assert "lượt đăng" not in brief.text


def test_charts_show_days_without_data_and_kinds_without_articles_as_such(
    july: Summary, published: duckdb.DuckDBPyConnection
) -> None:
    days, kinds, senses = july.charts
    assert (len(days.bars), sum(bar.figure.value or 0 for bar in days.bars)) == (31, 6)
    assert not [bar.place for bar in days.bars if bar.place.endswith("*")]
    november = build(published, Month(2020, 11)).charts[0]
    assert {bar.place for bar in november.bars} >= {"19/11*", "20/11"}
    assert {bar.place for bar in kinds.bars} == {
        "Báo chí",
        "Kênh của Chính phủ",
        "Trang thông tin điện tử tổng hợp",
    }
    assert {bar.layer for bar in senses.bars} == {"Trong phạm vi", "Ngoài phạm vi", "Chưa xác định"}
    assert not build(published, Month(2021, 3)).charts
    june = build(published, Month(2021, 6)).charts[1]
    assert "Kênh của Chính phủ (chưa có số liệu)" in {bar.place for bar in june.bars}


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (dt.datetime(2021, 7, 20, tzinfo=dt.UTC), "số liệu sơ bộ, kỳ báo cáo chưa kết thúc)"),
        (dt.datetime(2021, 8, 8, tzinfo=dt.UTC), "số liệu sơ bộ)"),
        (dt.datetime(2021, 8, 9, tzinfo=dt.UTC), "số liệu chính thức)"),
    ],
)
def test_figures_are_final_once_the_last_look_at_the_months_pages_is_over(
    published: duckdb.DuckDBPyConnection, now: dt.datetime, told: str
) -> None:
    assert build(published, JULY, now=now).data_line.endswith(told)


def test_a_month_from_the_15th_to_the_14th_counts_its_own_days(published: duckdb.DuckDBPyConnection) -> None:
    summary = build(published, Month(2021, 7, "15-14"))
    assert summary.data_line.startswith("(Số liệu từ ngày 15/06/2021 đến hết ngày 14/07/2021;")
    # June's j2 (30/6) is in it, July's a3 (31/7) is not; June's j1 (10/6) is of the month before.
    assert figures(summary)["coverage[press][nq68].articles"] == 2
    assert figures(summary)["coverage@before[press][portal].articles"] == 1
    board = section(summary, "III. THỰC HIỆN KẾ HOẠCH BAN HÀNH KÈM THEO QUYẾT ĐỊNH SỐ 815/QĐ-VPCP")
    assert "từ tháng 11/2020 đến tháng 12/2021" in texts(board)
    late = build(published, Month(2022, 1, "15-14"))
    assert "Kế hoạch đã kết thúc" not in texts(section(late, board.heading))
    assert "Kế hoạch đã kết thúc" in texts(section(build(published, Month(2022, 2, "15-14")), board.heading))


def test_what_was_told_of_earlier_months_and_is_otherwise_now_is_told_with_the_reason(
    published: duckdb.DuckDBPyConnection, july: Summary
) -> None:
    then = sent(july, articles=[a for a in july.behind.articles if a["article_id"] != "g1"])
    then["figures"] |= {"coverage[press][portal].articles": 4, "coverage[press][portal].stories": 2}
    limits = texts(section(build(published, AUGUST, sent=[then]), "VI. HẠN CHẾ CỦA SỐ LIỆU"))
    where = "Kỳ từ 01/07/2021 đến 31/07/2021, Báo chí, Cổng Dịch vụ công quốc gia"
    assert (
        f"{where}, lượt đăng: Số đã báo cáo 4; nay 5; lý do: thời điểm đăng được xác định lại, chuyển kỳ (+1)."
        in limits
    )
    assert f"{where}, tin, bài không trùng: Số đã báo cáo 2; nay 3; lý do: lượt đăng thay đổi (+1)." in limits
    unchanged = texts(section(build(published, AUGUST, sent=[sent(july)]), "VI. HẠN CHẾ CỦA SỐ LIỆU"))
    assert "Số đã báo cáo" not in unchanged


def test_a_correction_says_what_it_replaces_and_what_changed(
    published: duckdb.DuckDBPyConnection, july: Summary
) -> None:
    then = sent(july, articles=[a for a in july.behind.articles if a["article_id"] != "g1"])
    then["figures"] |= {"coverage[press][portal].articles": 4}
    first, *changed = build(published, JULY, corrects=then).corrects
    assert first.text == "ĐÍNH CHÍNH: báo cáo này thay thế báo cáo cùng kỳ đã gửi lúc 04/08/2021, 08:00."
    assert "Số đã báo cáo 4; nay 5" in changed[0].text
    assert build(published, JULY).corrects == ()


def test_a_correction_of_other_days_says_so_and_compares_nothing(
    published: duckdb.DuckDBPyConnection, july: Summary
) -> None:
    _, told = build(published, Month(2021, 7, "15-14"), corrects=sent(july)).corrects
    assert "báo cáo đã gửi từ 01/07/2021 đến 31/07/2021, báo cáo này từ 15/06/2021 đến 14/07/2021" in told.text


def test_figures_that_no_outlet_was_followed_for_are_never_official(published: duckdb.DuckDBPyConnection) -> None:
    assert build(published, Month(2020, 11), now=NOW).data_line.endswith("số liệu sơ bộ)")


def test_the_review_of_a_day_has_its_stories_with_a_sentence_each(published: duckdb.DuckDBPyConnection) -> None:
    review = build_daily(published, Day(dt.date(2021, 7, 1)), REPORT, NOW)
    assert (review.kind, review.report, review.period) == ("ĐIỂM BÁO", "daily", "2021-07-01")
    assert review.in_brief[0].text == (
        "Cổng Dịch vụ công quốc gia: 3 lượt đăng trên báo chí và kênh của Chính phủ (1 tin, bài không trùng); "
        "ngày trước đó 0."
    )
    blocks = review.sections[0].blocks
    (quote,) = (block for block in blocks if isinstance(block, Quote))
    assert (quote.headline.text, quote.sentence) == (
        "Dịch vụ mới",
        "Người dân nộp hồ sơ trên Cổng Dịch vụ công quốc gia.",
    )
    assert not [block for block in blocks if isinstance(block, Table)]
    assert [block.text for block in blocks if isinstance(block, Paragraph)][1].startswith("Nghị quyết số 68/NQ-CP")


def test_a_day_without_data_says_so(published: duckdb.DuckDBPyConnection) -> None:
    review = build_daily(published, Day(dt.date(2021, 3, 1)), REPORT, NOW)
    assert review.data_line.endswith("chưa có số liệu)")
    assert {part.text.partition(": ")[2] for part in review.in_brief} == {"chưa có số liệu."}
