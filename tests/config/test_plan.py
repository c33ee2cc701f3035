"""plan.yaml holds the eleven activities of Decision 815/QĐ-VPCP in the plan's own words."""

from __future__ import annotations

import datetime as dt
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.errors import ConfigError
from config.plan import Plan
from config.yaml_file import read_model

PLAN = Path(__file__).parents[2] / "config" / "plan.yaml"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_model(PLAN, Plan)


def refusal(tmp_path: Path, data: dict[str, Any]) -> str:
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read_model(path, Plan)
    return str(raised.value)


def as_written() -> dict[str, Any]:
    data = yaml.safe_load(PLAN.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def test_it_is_the_decision_of_4_november_2020_for_14_months(plan: Plan) -> None:
    assert (plan.document.number, plan.document.date) == ("815/QĐ-VPCP", dt.date(2020, 11, 4))
    assert (plan.window.start, plan.window.end) == ("2020-11", "2021-12")
    assert {(activity.start, activity.end) for activity in plan.activities} == {("2020-11", "2021-12")}


def test_it_has_eleven_activities_in_three_groups(plan: Plan) -> None:
    assert [activity.id for activity in plan.activities] == [
        "I.1", "I.2", "I.3", "I.4", "II.1", "II.2", "II.3", "III.1", "III.2", "III.3", "III.4",
    ]  # fmt: skip
    assert all(activity.group in plan.groups for activity in plan.activities)


def test_results_are_the_plans_and_only_i_3_has_none(plan: Plan) -> None:
    assert {activity.id: len(activity.results) for activity in plan.activities} == {
        "I.1": 2, "I.2": 1, "I.3": 0, "I.4": 2, "II.1": 4, "II.2": 6, "II.3": 2,
        "III.1": 3, "III.2": 1, "III.3": 3, "III.4": 2,
    }  # fmt: skip


def test_no_target_is_set_because_the_plan_sets_none(plan: Plan) -> None:
    assert [activity.target for activity in plan.activities] == [None] * 11


def test_what_the_press_can_show_is_said_of_each_activity(plan: Plan) -> None:
    by_degree = {
        degree: [activity.id for activity in plan.activities if activity.observable == degree]
        for degree in ("full", "partly", "no")
    }
    assert by_degree == {
        "full": ["II.1", "II.2", "III.1", "III.2", "III.3"],
        "partly": ["I.1", "I.2", "I.4", "II.3", "III.4"],
        "no": ["I.3"],
    }


def test_groups_two_and_three_watch_one_topic_each(plan: Plan) -> None:
    assert {activity.group: tuple(activity.topics) for activity in plan.activities} == {
        "I": ("portal", "nq68"),
        "II": ("portal",),
        "III": ("nq68",),
    }


def test_scanning_errors_are_put_right_and_text_is_nfc() -> None:
    text = "\n".join(line for line in PLAN.read_text(encoding="utf-8").splitlines() if "#" not in line)
    assert unicodedata.is_normalized("NFC", text)
    assert text.count("nòng cốt") == 4
    for misread in ("nông cốt", "quyền hỏi đáp", "mỗi số", "Công Thông tin"):
        assert misread not in text


@pytest.mark.parametrize(
    ("position", "changed", "words"),
    [
        (0, {"id": "IV.1"}, "activities.0.id: Input should be 'I.1', 'I.2'"),
        (1, {"id": "I.1"}, "activity I.1 is given twice; keep one"),
        (2, {"observable": "maybe"}, "activities.2.observable: Input should be 'full', 'partly' or 'no'"),
        (3, {"end": "2020-10"}, "activities.3.end: ends before it starts (2020-11); exchange the two"),
        (4, {"start": "11/2020"}, "activities.4.start: String should match pattern"),
        (5, {"target": 0}, "activities.5.target: Input should be greater than or equal to 1"),
        (6, {"topics": []}, "activities.6.topics: List should have at least 1 item"),
    ],
)
def test_a_wrong_activity_is_refused(tmp_path: Path, position: int, changed: dict[str, Any], words: str) -> None:
    data = as_written()
    data["activities"][position] |= changed
    assert words in refusal(tmp_path, data)


def test_a_missing_activity_is_refused_because_its_row_would_vanish_from_the_report(tmp_path: Path) -> None:
    data = as_written()
    del data["activities"][-1]
    assert "activity III.4 is missing; the plan has eleven, add it" in refusal(tmp_path, data)


def test_a_missing_group_title_is_refused(tmp_path: Path) -> None:
    data = as_written()
    del data["groups"]["II"]
    assert "groups: no title for group II; add it" in refusal(tmp_path, data)
