"""Each figure of the summary is its SQL's, is right by hand, and says where nothing is known."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports import wording
from reports.document import Paragraph, Quote, Section, Summary, Table
from reports.monthly import build_monthly
from reports.period import Month
from reports.queries import rows
from reports.render import render_text
from reports.results import outlet_state
from reports.vietnamese import number, signed
from tests.reports.forms import printed_figures
from tests.reports.press import NOW, OUTLETS, PLAN, PORTAL_TITLE, REPORT, Press

JULY = Month(2021, 7)


def build(connection: duckdb.DuckDBPyConnection, month: Month, **options: Any) -> Summary:
    return build_monthly(connection, month, REPORT, PLAN, options.pop("now", NOW), relook_days=7, **options)


def section(summary: Summary, heading: str) -> Section:
    return next(part for part in summary.sections if part.heading == heading)


def table(summary: Summary, start: str) -> Table:
    blocks = (block for part in summary.sections for block in part.blocks)
    return next(block for block in blocks if isinstance(block, Table) and block.title.startswith(start))


def lines(found: Table, block: str | None = None) -> dict[str, list[str]]:
    """The rows below a block heading: name to the texts behind it."""
    result: dict[str, list[str]] = {}
    heading = None
    for row in found.rows:
        if row.kind == "block":
            heading = row.cells[1].text
        elif block is None or heading == block:
            result[row.cells[found.label].text] = [cell.text for cell in row.cells[found.label + 1 :]]
    return result


def texts(part: Section) -> str:
    return "\n".join(block.text for block in part.blocks if isinstance(block, Paragraph))


@pytest.mark.parametrize("month", [JULY, Month(2020, 11), Month(2021, 6), Month(2021, 3), Month(2022, 2)], ids=str)
def test_every_figure_is_what_its_query_says_and_what_is_printed(
    published: duckdb.DuckDBPyConnection, month: Month
) -> None:
    figures = list(printed_figures(build(published, month)))
    assert len(figures) > 20
    runs: dict[str, list[dict[str, Any]]] = {}
    for text, figure in figures:
        run = repr((figure.query, figure.parameters))
        if run not in runs:
            runs[run] = rows(published, figure.query, **dict(figure.parameters))
        found = runs[run]
        row = next(row for row in found if tuple(row.values())[: len(figure.key)] == figure.key)
        assert row[figure.column] == figure.value
        assert figure.value is not None
        value = float(figure.value) if figure.column == "percent" else figure.value
        assert number(value) in text or signed(value) in text


def test_every_number_in_a_column_of_figures_has_its_query(july: Summary) -> None:
    for start, columns in (("Bảng 1", range(3, 8)), ("Bảng 2", range(2, 6)), ("Bảng 3", range(3, 7)), ("Bảng 4", [4])):
        for row in table(july, start).rows:
            if row.kind == "block":
                continue
            for column in columns:
                cell = row.cells[column]
                assert bool(cell.figures) == any(character.isdigit() for character in cell.text), cell


def test_table_1_counts_press_own_channels_and_aggregators_apart(july: Summary) -> None:
    def this_month(block: str) -> list[str]:
        return [cells[1].rstrip("*") for cells in lines(table(july, "Bảng 1"), block).values()]

    press, own, aggregators = (heading for _, heading in wording.GROUPS)
    # Portal: a1 a2 b1 b2 g1, of which b2 is a story of June. Resolution: a2 a3. Together a2 counts once.
    assert this_month(press) == ["5", "3", "2", "2", "6", "4"]
    assert this_month(own) == ["1", "1", "0", "0", "1", "1"]
    assert this_month(aggregators) == ["1", "1", "0", "0", "1", "1"]


def test_table_1_agrees_with_the_published_view(published: duckdb.DuckDBPyConnection, july: Summary) -> None:
    for kind, heading in wording.GROUPS:
        found = lines(table(july, "Bảng 1"), heading)
        for topic, label in (("portal", "Cổng Dịch vụ công quốc gia"), ("nq68", "Nghị quyết số 68/NQ-CP")):
            counted = published.execute(
                "SELECT coalesce(sum(articles), 0)::INT, coalesce(sum(stories), 0)::INT FROM coverage_monthly "
                "WHERE month = '2021-07' AND is_target AND outlet_kind = ? AND topic = ?",
                [kind, topic],
            ).fetchall()[0]
            shown = [found[f"{name}: {label}"][1].rstrip("*") for name in ("Lượt đăng", "Tin, bài không trùng")]
            assert shown == [str(count) for count in counted]


def test_a_month_ends_at_midnight_in_vietnam(published: duckdb.DuckDBPyConnection) -> None:
    # a1 is of 01/07 00:00, z1 of 01/08 00:00; a session in another zone changes nothing.
    published.execute("SET TimeZone = 'America/New_York'")
    listed = table(build(published, JULY), "Danh mục")
    addresses = [row.cells[9].text for row in listed.rows if row.kind == "row"]
    assert "https://alpha.example/a1" in addresses
    assert "https://alpha.example/z1" not in addresses


def test_accumulated_figures_begin_on_01_11_2020(july: Summary) -> None:
    found = lines(table(july, "Bảng 1"), "Báo chí")
    # July's five, June's j1, November's n1; as stories: s1 a2 g1, s-june, n1.
    assert found["Lượt đăng: Cổng Dịch vụ công quốc gia"][-1] == "7"
    assert found["Tin, bài không trùng: Cổng Dịch vụ công quốc gia"][-1] == "5"


def test_change_is_counted_on_outlets_followed_completely_in_both_months(july: Summary) -> None:
    found = lines(table(july, "Bảng 1"), "Báo chí")
    # alpha alone is complete in June and July: 2 against 1, not the 5 against 1 of all the press. quiet announced
    # nothing in June, which is no proof of anything.
    assert found["Lượt đăng: Cổng Dịch vụ công quốc gia"][3] == "+1; +100,0% (tính trên 1 nguồn)"
    assert found["Lượt đăng: Nghị quyết số 68/NQ-CP"][3] == "+2; kỳ trước bằng 0, không tính tỷ lệ (tính trên 1 nguồn)"


def test_a_reprint_of_last_months_story_is_a_change_in_articles_and_not_in_stories(
    published: duckdb.DuckDBPyConnection,
) -> None:
    june = JULY.previous()
    days = {"first": JULY.first, "last": JULY.last, "before_first": june.first, "before_last": june.last}
    (found,) = rows(published, "change", **days, kinds=["press"], topics=["portal"], outlets=["alpha", "beta"])
    # July: a1 a2 b1 b2, of which b2 is June's story; June: j1.
    assert (found["articles"], found["articles_percent"], found["stories"]) == (3, 300.0, 1)


def test_a_month_in_which_nothing_was_collected_is_not_zero(july: Summary) -> None:
    cells = lines(table(july, "Bảng 1"), "Kênh của Chính phủ")["Lượt đăng: Cổng Dịch vụ công quốc gia"]
    assert cells[2] == "chưa có số liệu"
    assert cells[3] == "Không so sánh được: kỳ trước chưa có số liệu."
    assert cells[4] == "chưa có số liệu"


def test_a_count_that_no_complete_outlet_stands_behind_is_marked(july: Summary) -> None:
    assert lines(table(july, "Bảng 1"), "Kênh của Chính phủ")["Lượt đăng: Cổng Dịch vụ công quốc gia"][1] == "1*"
    assert lines(table(july, "Bảng 1"), "Báo chí")["Lượt đăng: Cổng Dịch vụ công quốc gia"][1] == "5"


def test_months_without_data_are_named_beside_the_accumulated_figures(july: Summary) -> None:
    notes = " ".join(note.text for note in table(july, "Bảng 1").notes)
    assert "chưa có số liệu của nhóm Báo chí: từ 12/2020 đến 05/2021." in notes


def test_table_2_keeps_senses_apart_and_the_total_to_the_targets(july: Summary) -> None:
    assert lines(table(july, "Bảng 2"), "Báo chí") == {
        "Cổng Dịch vụ công quốc gia": ["5", "3", "3", "2"],
        "Nghị quyết số 68/NQ-CP": ["2", "2", "1", "1"],
        "- nêu số, ký hiệu": ["1", "1", "1", "0"],
        "- chỉ nêu tên Chương trình": ["1", "1", "0", "1"],
        "Tổng (không tính trùng)": ["6", "4", "4", "2"],
        "Chưa xác định (Cổng Dịch vụ công quốc gia)": ["0", "0", "0", "0"],
        "Chưa xác định (Nghị quyết số 68/NQ-CP)": ["1", "1", "0", "1"],
        "Ngoài phạm vi: Cổng dịch vụ công của bộ, ngành": ["0", "0", "0", "0"],
        "Ngoài phạm vi: Nghị quyết số 68/NQ-CP ngày 01/7/2021": ["1", "1", "0", "1"],
    }


def test_table_3_states_what_is_known_of_each_outlet(july: Summary) -> None:
    found = lines(table(july, "Bảng 3"))
    assert len(found) == len(OUTLETS)
    assert {name: cells[-1] for name, cells in found.items() if cells[-1] != wording.PRESENT} == {
        "Báo Chưa Mở": wording.OUT_OF_REACH,
        "Báo Đồng Xanh": wording.NOT_ENOUGH,
        "Báo Yên Lặng": wording.NOT_FOUND,
    }
    assert found["Báo An Bình"][1:5] == ["3", "0", "333,3", "100,0"]
    # a3 and six others; b1 repeats a1, b2 June's j1.
    assert found["Báo Đất Mới"][1:5] == ["2", "2", "1.000,0", "chưa có số liệu"]
    assert found["Tạp chí Ngành Gỗ"][4] == "50,0"


def test_table_3_is_in_blocks_and_in_the_order_of_the_alphabet(july: Summary) -> None:
    found = table(july, "Bảng 3")
    assert [row.cells[1].text for row in found.rows if row.kind == "block"] == [block[0] for block in wording.BLOCKS]
    assert list(lines(found, "Địa phương")) == ["Báo Chưa Mở", "Báo Đồng Xanh", "Báo Yên Lặng"]
    assert wording.BY_BLOCK in [note.text for note in found.notes]


@pytest.mark.parametrize(
    ("complete", "collected", "state"),
    [(True, 5, wording.NOT_FOUND), (True, 0, wording.NOT_ENOUGH), (False, 5, wording.NOT_ENOUGH)],
)
def test_nothing_found_is_said_only_where_the_collection_proves_it(complete: bool, collected: int, state: str) -> None:
    assert outlet_state(0, collected, {"complete": complete, "out_of_reach": False}) == state


def test_silence_of_an_outlet_is_proven_by_all_three_pages_days_and_sources(tmp_path: Path) -> None:
    press = Press(tmp_path / "silence.duckdb")
    july = [dt.date(2021, 7, number) for number in range(1, 32)]
    nights = {
        "quiet": july,
        "alpha": july,
        "beta": july[:20],
        "gamma": july,
        "delta": july,
        "mix": july[4:],
        "gov": july,
    }
    for outlet, days in nights.items():
        press.article(f"{outlet}-1", outlet, "2021-07-02 09:00")
        for day in days:
            pages = {f"{outlet}-1": "new"} if day.day in (2, 5) else {}
            if outlet == "gamma" and day.day == 3:
                pages = {"lost": "failed"}
            if outlet == "alpha":
                pages[f"page-{day}"] = "new"
            mode = "replay" if outlet == "gov" else "live"
            press.night(outlet, day, pages, feed="refused" if outlet == "delta" else "ok", mode=mode)
    press.con.execute(
        "INSERT INTO fetches SELECT * REPLACE ('https://alpha.example/2' AS url, 'failed' AS outcome) FROM fetches "
        "WHERE outlet_id = 'alpha' AND kind = 'feed'"
    )
    found = lines(table(build(press.con, JULY), "Bảng 3"))
    press.con.close()
    assert {name: cells[-1] for name, cells in found.items()} == {
        "Báo Yên Lặng": wording.NOT_FOUND,
        "Báo An Bình": wording.NOT_ENOUGH,  # pages of every day, but its second feed never answered
        "Báo Đất Mới": wording.NOT_ENOUGH,  # nobody looked after the 20th
        "Tạp chí Ngành Gỗ": wording.NOT_ENOUGH,  # half of its pages are missing
        "Báo Đồng Xanh": wording.OUT_OF_REACH,  # all it has is refused
        "Trang Góp Tin": wording.NOT_FOUND,  # 5 to 31 July and the 2nd, of which a page was found: above 90 percent
        "Báo Chưa Mở": wording.OUT_OF_REACH,
        "Báo Điện tử Chính phủ": wording.NOT_ENOUGH,  # a replayed archive proves the days of its pages alone
    }


def test_a_dead_feed_is_named(july: Summary) -> None:
    silent = table(july, "Kênh RSS")
    assert [[cell.text for cell in row.cells[1:]] for row in silent.rows] == [
        ["Báo Đất Mới", "https://beta.example/rss", "32", "quá thời gian chờ"]
    ]


def test_scope_says_how_much_was_followed_and_how_completely(july: Summary) -> None:
    told = texts(section(july, wording.SCOPE))
    assert "Danh mục theo dõi có 8 nguồn: 6 cơ quan báo chí được theo dõi" in told
    # a1 a2 a3, six of alpha, three of quiet, g1; gamma's other page was lost.
    assert "Mức độ đầy đủ: 92,9% (13/14 trang nguồn công bố)." in told
    assert (
        "Theo dõi đầy đủ: 2 nguồn; có khoảng trống: 2 nguồn; không thu thập trong kỳ: 3 nguồn; "
        "ngoài khả năng theo dõi: 1 nguồn."
    ) in told
    assert "Các nguồn có khoảng trống: Báo Đất Mới; Tạp chí Ngành Gỗ." in told
    assert "Các nguồn không thu thập trong kỳ: Báo Điện tử Chính phủ; Báo Đồng Xanh; Trang Góp Tin." in told


def test_what_a_replayed_archive_does_not_hold_is_no_failure_and_no_proof(tmp_path: Path) -> None:
    press = Press(tmp_path / "replay.duckdb")
    press.article("quiet-1", "quiet", "2021-07-02 09:00")
    for day in range(1, 32):
        pages = {"quiet-1": "new"} if day == 2 else {}
        press.night("quiet", dt.date(2021, 7, day), pages, feed="not_in_archive")
    summary = build(press.con, JULY)
    press.con.close()
    assert table(summary, "Kênh RSS").rows == ()
    assert "Có 1 kênh RSS, sơ đồ trang không có trong tệp lưu trữ" in texts(section(summary, wording.SCOPE))
    assert lines(table(summary, "Bảng 3"))["Báo Yên Lặng"][-1] == wording.NOT_ENOUGH


@pytest.mark.parametrize(("last_page", "state"), [(31, wording.NOT_FOUND), (20, wording.NOT_ENOUGH)])
def test_replayed_archive_covers_the_days_from_its_first_page_to_its_last(
    tmp_path: Path, last_page: int, state: str
) -> None:
    press = Press(tmp_path / "replay.duckdb")
    for day in (1, last_page):
        press.article(f"quiet-{day}", "quiet", f"2021-07-{day:02} 09:00")
    pages = {"quiet-1": "new", f"quiet-{last_page}": "new"}
    press.night("quiet", dt.date(2021, 8, 1), pages, mode="replay")
    summary = build(press.con, JULY)
    press.con.close()
    assert lines(table(summary, "Bảng 3"))["Báo Yên Lặng"][-1] == state


def test_core_outlets_are_not_claimed_until_the_list_is_supplied(july: Summary) -> None:
    assert "cơ quan báo chí nòng cốt theo" not in texts(section(july, wording.SCOPE))
    assert 'báo cáo ghi "cơ quan báo chí được theo dõi"' in texts(section(july, wording.SCOPE))


def test_table_4_has_the_plans_eleven_rows_with_their_states(july: Summary) -> None:
    found = table(july, "Bảng 4")
    rows_4 = {row.cells[0].text: row.cells for row in found.rows if row.kind != "block"}
    assert list(rows_4) == [activity.id for activity in PLAN.activities]
    assert rows_4["II.1"][4].text.splitlines() == [
        wording.SHOWN,
        "- kỳ: báo chí 1, kênh của Chính phủ 0",
        "- lũy kế: báo chí 2, kênh của Chính phủ 0",
    ]
    assert rows_4["I.2"][4].text.startswith(wording.NOT_YET_SHOWN)
    # a3 carries words for I.3, which the press can't show: no number at all.
    assert rows_4["I.3"][4].text == wording.NOT_OBSERVABLE
    assert wording.SEVERAL_ACTIVITIES in [note.text for note in found.notes]


def test_articles_outside_the_plans_months_are_no_progress_of_it(tmp_path: Path) -> None:
    press = Press(tmp_path / "window.duckdb")
    for key, when in (("early", "2020-10-31 23:59"), ("within", "2021-12-31 23:59"), ("late", "2022-01-01 00:00")):
        press.article(key, "alpha", when, mentions=(PORTAL_TITLE,), activities=("II.1",))
    january = build(press.con, Month(2022, 1))
    press.con.close()
    cells = {row.cells[0].text: row.cells for row in table(january, "Bảng 4").rows}["II.1"]
    assert cells[4].text.splitlines() == [
        wording.SHOWN,
        "- kỳ: báo chí 1, kênh của Chính phủ chưa có số liệu (ngoài thời gian thực hiện)",
        "- lũy kế: báo chí 1, kênh của Chính phủ chưa có số liệu",
    ]


def test_the_plans_words_stay_as_they_are(july: Summary) -> None:
    rows_4 = {row.cells[0].text: row.cells for row in table(july, "Bảng 4").rows}
    activity = next(activity for activity in PLAN.activities if activity.id == "II.2")
    assert rows_4["II.2"][1].text == activity.activity
    assert rows_4["II.2"][3].text == "\n".join(f"- {result}" for result in activity.results)


def test_highlights_have_one_sentence_and_the_spread_without_aggregators(july: Summary) -> None:
    quotes = [block for block in section(july, wording.HIGHLIGHTS).blocks if isinstance(block, Quote)]
    # Neither b2, a story of June, nor g1, which mentions the portal in passing, nor c1 on the other resolution.
    links = [quote.headline.link for quote in quotes]
    assert links == [f"https://alpha.example/{key}" for key in ("a1", "a2", "a3")]
    first = quotes[0]
    assert first.headline.text == "Dịch vụ mới"
    assert first.headline.link == "https://alpha.example/a1"
    assert "3 lượt đăng trên 3 nguồn" in first.source.text
    assert first.sentence == "Người dân nộp hồ sơ trên Cổng Dịch vụ công quốc gia."


def test_the_list_has_every_counted_article_once(july: Summary) -> None:
    listed = [row for row in table(july, "Danh mục").rows if row.kind == "row"]
    totals = [
        cells[0]
        for _, heading in wording.GROUPS
        for name, cells in lines(table(july, "Bảng 2"), heading).items()
        if name.startswith("Tổng")
    ]
    assert len(listed) == sum(map(int, totals)) == 8
    assert [row.cells[10].text for row in listed if row.cells[9].text.endswith("/a2")] == ["archive/a2.warc.gz, 100"]
    # The press can't show I.3, whatever words an article has.
    assert [row.cells[7].text for row in listed if row.cells[9].text.endswith("/a3")] == ["III.1"]


def test_an_article_gone_from_its_address_is_told(july: Summary) -> None:
    assert f"{wording.GONE}: 1 lượt đăng." in texts(section(july, wording.LIMITS))


def test_an_empty_month_says_so_everywhere(published: duckdb.DuckDBPyConnection) -> None:
    march = build(published, Month(2021, 3))
    assert march.data_line.endswith("chưa có số liệu)")
    for _, heading in wording.GROUPS:
        for cells in lines(table(march, "Bảng 1"), heading).values():
            assert cells[1] == "chưa có số liệu"
            assert cells[3] == "Không so sánh được: kỳ báo cáo chưa có số liệu."
        assert set(lines(table(march, "Bảng 2"), heading)["Các chủ đề"]) == {"chưa có số liệu"}
    assert {cells[-1] for cells in lines(table(march, "Bảng 3")).values()} == {wording.NOT_ENOUGH, wording.OUT_OF_REACH}
    assert "kỳ: chưa có số liệu" in lines(table(march, "Bảng 4"))[PLAN.activities[0].activity][2]


def test_the_first_month_of_the_plan_has_nothing_before_it(published: duckdb.DuckDBPyConnection) -> None:
    november = build(published, Month(2020, 11))
    cells = lines(table(november, "Bảng 1"), "Báo chí")["Lượt đăng: Cổng Dịch vụ công quốc gia"]
    assert cells[1] == "1*"
    assert cells[2:5] == ["chưa có số liệu", "Không so sánh được: kỳ trước chưa có số liệu.", "chưa có số liệu"]
    assert cells[5] == "1"


def test_before_the_plan_nothing_is_accumulated(published: duckdb.DuckDBPyConnection) -> None:
    october = build(published, Month(2020, 10))
    assert {cells[5] for cells in lines(table(october, "Bảng 1")).values()} == {"–"}


def test_after_december_2021_the_plan_has_ended(published: duckdb.DuckDBPyConnection) -> None:
    assert "đã kết thúc" in texts(section(build(published, Month(2022, 1)), wording.PLAN))
    assert "đã kết thúc" not in texts(section(build(published, Month(2021, 12)), wording.PLAN))


def test_the_letterhead_is_the_one_in_force(published: duckdb.DuckDBPyConnection) -> None:
    later = build(published, JULY, now=dt.datetime(2026, 11, 24, tzinfo=dt.UTC))
    now = build(published, JULY).letterhead
    assert (now.parent, later.letterhead.parent) == ("VĂN PHÒNG CHÍNH PHỦ", "BỘ TƯ PHÁP")


def test_what_was_collected_long_after_is_told_as_retrospective(tmp_path: Path) -> None:
    press = Press(tmp_path / "late.duckdb")
    press.article("a1", "alpha", "2021-07-05 09:00")
    press.con.execute("UPDATE article_heads SET first_seen_at = TIMESTAMPTZ '2026-11-20 09:00:00+07'")
    summary = build(press.con, JULY)
    press.con.close()
    assert summary.data_line.endswith("số liệu hồi cứu)")
    assert wording.retrospective("20/11/2026") in texts(section(summary, wording.LIMITS))


def test_one_late_article_does_not_make_the_month_before_a_zero(tmp_path: Path) -> None:
    """A feed that reaches back a day gives the month before one article: its counts are marked, not believed."""
    press = Press(tmp_path / "one.duckdb")
    press.article("old", "alpha", "2021-06-30 23:00")
    press.article("new", "alpha", "2021-07-01 01:00")
    press.night("alpha", dt.date(2021, 6, 30), {"old": "new"})
    summary = build(press.con, JULY)
    press.con.close()
    cells = lines(table(summary, "Bảng 1"), "Báo chí")["Lượt đăng: Cổng Dịch vụ công quốc gia"]
    assert cells[2] == "0*"
    assert cells[3] == "Không so sánh được: không có nguồn nào được theo dõi đầy đủ ở cả hai kỳ."


def test_definitions_are_printed_word_for_word(july: Summary) -> None:
    told = texts(section(july, wording.DEFINITIONS))
    for entry in REPORT.definitions:
        if "{" not in entry.text:
            assert f"{entry.term}: {entry.text}" in told
    assert "{" not in told


def test_words_that_reports_do_not_use_are_absent(july: Summary) -> None:
    for word in ("thị phần thảo luận", "tiêu cực", "sao chép", "gỡ bài", "im lặng"):
        assert word not in render_text(july).lower()
