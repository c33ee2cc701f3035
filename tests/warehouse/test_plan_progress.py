"""The plan's eleven activities: what the press shows of each, and what units reported by hand."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from config.by_hand import ACTIVITIES as FILE
from config.load import write_editable
from tests.conftest import diembao
from warehouse.published import open_published

ENTRIES = """activity_id;month;result;unit;document;dated
I.3;07/2021;Họp với 5 báo;Cục KSTT;Báo cáo 12/BC-KSTT;05/07/2021
I.3;07/2021;Họp với 3 đài;Cục KSTT;Báo cáo 15/BC-KSTT;25/07/2021
I.4;08/2021;Phát hành báo cáo;Cục KSTT;Báo cáo 20/BC-KSTT;02/08/2021
II.2;07/2021;In 10.000 tờ rơi;Bưu điện;Công văn 7/CV;20/07/2021
II.2;09/2021;In 5.000 sổ tay;Bưu điện;Công văn 9/CV;20/09/2021
"""


def _ask(workspace: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(open_published(workspace)) as connection:
        return connection.execute(sql).fetchall()


def test_all_eleven_activities_have_a_state_and_what_no_rule_looks_for_is_no_zero(sample: Path) -> None:
    states = dict(_ask(sample, "SELECT DISTINCT activity_id, state FROM plan_progress"))
    assert len(states) == 11
    unseen = {activity for activity, state in states.items() if state == "not observable in the press"}
    assert unseen == {"I.2", "I.3", "I.4", "III.4"}, "facets.yaml has no rule for these"
    assert {"shown", "not yet shown"} < set(states.values())
    shown = "SELECT DISTINCT activity_id FROM plan_progress WHERE articles > 0 AND outlet_kind <> 'aggregator'"
    assert {activity for activity, state in states.items() if state == "shown"} == {a for (a,) in _ask(sample, shown)}
    assert _ask(sample, "SELECT DISTINCT target, entries FROM plan_progress") == [(None, 0)]


def test_results_of_units_stand_beside_the_articles_of_their_month_and_change_no_count(sample_copy: Path) -> None:
    counts = (
        "SELECT activity_id, month, outlet_kind, articles, stories FROM plan_progress WHERE articles > 0 ORDER BY ALL"
    )
    before = _ask(sample_copy, counts)
    states = "SELECT DISTINCT activity_id, state FROM plan_progress ORDER BY ALL"
    states_before = _ask(sample_copy, states)
    write_editable(sample_copy / "config")
    (sample_copy / "config" / FILE).write_text(ENTRIES, encoding="utf-8-sig")
    assert "0 archive files read" in diembao("process", "--data", str(sample_copy)).stdout
    diembao("publish", "--data", str(sample_copy))
    assert _ask(sample_copy, counts) == before
    assert _ask(sample_copy, states) == states_before
    rows = _ask(
        sample_copy,
        "SELECT activity_id, month, state, any_value(entries), sum(articles) FROM plan_progress WHERE entries > 0"
        " GROUP BY ALL ORDER BY ALL",
    )
    of_july = sum(row[3] for row in before if row[:2] == ("II.2", "2021-07"))
    assert rows == [
        ("I.3", "2021-07", "not observable in the press", 2, 0),
        ("I.4", "2021-08", "not observable in the press", 1, 0),
        ("II.2", "2021-07", "shown", 1, of_july),
        ("II.2", "2021-09", "shown", 1, 0),
    ]
    assert of_july > 0
    places = "SELECT activity_id, position, unit, dated::VARCHAR FROM plan_entries ORDER BY ALL"
    assert _ask(sample_copy, places) == [
        ("I.3", 1, "Cục KSTT", "2021-07-05"),
        ("I.3", 2, "Cục KSTT", "2021-07-25"),
        ("I.4", 1, "Cục KSTT", "2021-08-02"),
        ("II.2", 1, "Bưu điện", "2021-07-20"),
        ("II.2", 2, "Bưu điện", "2021-09-20"),
    ]
