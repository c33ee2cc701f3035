"""What is due: by the ledger, whatever the clock and the timer do."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from config.clock import VIETNAM
from config.load import PACKAGED, load_config
from config.schedule import Schedule
from schedules.due import Task, due, open_nights, upcoming
from schedules.ledger import Job, Line, State


def when(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def line(job: Job, target: str, state: State, at: str, *nights: str) -> Line:
    return Line(job, target, state, when(at), nights=tuple(dt.date.fromisoformat(night) for night in nights))


def night(day: str, state: State, at: str) -> Line:
    """One night; done, it covers itself."""
    return line("nightly", day, state, at, *([day] if state == "done" else []))


@pytest.fixture(scope="module")
def packaged() -> Schedule:
    return load_config(PACKAGED).schedule


BEGIN = line("schedule", "2027-03-10", "begun", "2027-03-10 10:00")
HEALTHY = [line("health", f"2027-03-{day}", "done", f"2027-03-{day} 07:01") for day in range(10, 32)]


def jobs(schedule: Schedule, now: str, *lines: Line) -> list[str]:
    return [
        f"{task.job} {task.target}" for task in due([*lines, *HEALTHY], schedule, when(now)) if task.job != "health"
    ]


def test_nothing_is_due_before_the_first_start_nor_on_the_day_of_it(packaged: Schedule) -> None:
    assert due([], packaged, when("2027-03-10 10:00")) == []
    assert due([BEGIN], packaged, when("2027-03-10 23:59")) == []


def test_night_is_due_from_its_minute_on_and_names_the_day(packaged: Schedule) -> None:
    assert jobs(packaged, "2027-03-11 01:29", BEGIN) == []
    assert jobs(packaged, "2027-03-11 01:30", BEGIN) == ["nightly 2027-03-11"]
    assert Task("nightly", "2027-03-11").command == ("nightly",)


def test_missed_nights_are_one_crawl_that_covers_all_of_them(packaged: Schedule) -> None:
    done = night("2027-03-11", "done", "2027-03-11 02:10")
    assert jobs(packaged, "2027-03-15 09:00", BEGIN, done) == ["nightly 2027-03-15"]
    covered = open_nights([BEGIN, done], packaged, when("2027-03-15 09:00"))
    assert [day.day for day in covered] == [12, 13, 14, 15]


def test_failed_night_is_tried_again_after_a_quarter_of_an_hour_three_times_in_all(packaged: Schedule) -> None:
    failed = [night("2027-03-11", "failed", f"2027-03-11 0{hour}:00") for hour in (2, 3, 4)]
    assert jobs(packaged, "2027-03-11 02:14", BEGIN, *failed[:1]) == []
    assert jobs(packaged, "2027-03-11 02:15", BEGIN, *failed[:1]) == ["nightly 2027-03-11"]
    assert jobs(packaged, "2027-03-11 05:00", BEGIN, *failed) == []
    assert jobs(packaged, "2027-03-12 01:30", BEGIN, *failed) == ["nightly 2027-03-12"]
    assert len(open_nights([BEGIN, *failed], packaged, when("2027-03-12 01:30"))) == 2, "the next crawl covers it"


def test_night_that_was_told_to_stop_is_due_at_once_however_often(packaged: Schedule) -> None:
    stopped = [night("2027-03-11", state, f"2027-03-11 02:{n:02}") for n in range(10) for state in ("begun", "stopped")]  # type: ignore[arg-type]
    assert jobs(packaged, "2027-03-11 02:20", BEGIN, *stopped) == ["nightly 2027-03-11"]


def test_night_that_kills_the_machine_each_time_is_given_up_till_the_next(packaged: Schedule) -> None:
    cut = [night("2027-03-11", "begun", f"2027-03-11 02:0{n}") for n in range(3)]
    assert jobs(packaged, "2027-03-11 02:20", BEGIN, *cut[:2]) == ["nightly 2027-03-11"]
    assert jobs(packaged, "2027-03-11 02:20", BEGIN, *cut) == []


@pytest.mark.parametrize(
    ("cut", "before", "time", "month"),
    [
        ("calendar", "2027-04-03 07:59", "2027-04-03 08:00", "2027-03"),
        ("15-14", "2027-03-17 07:59", "2027-03-17 08:00", "2027-03"),
    ],
)
def test_month_goes_out_days_after_its_end_in_both_cuts(
    packaged: Schedule, cut: Any, before: str, time: str, month: str
) -> None:
    schedule = packaged.model_copy(update={"period": cut})

    def months(now: str) -> list[str]:
        return [task.target for task in due([BEGIN], schedule, when(now)) if task.job == "monthly"]

    assert months(before) == []
    assert months(time) == [month]
    assert Task("monthly", month).command == ("monthly", month, "--send")


def test_missed_months_come_in_order_from_the_one_in_which_the_ledger_begins(packaged: Schedule) -> None:
    done = night("2027-06-04", "done", "2027-06-04 02:00")
    sent = line("monthly", "2027-04", "done", "2027-05-03 08:01")
    assert jobs(packaged, "2027-06-04 09:00", BEGIN, done, sent) == ["monthly 2027-03", "monthly 2027-05"]


def test_month_that_could_not_be_mailed_is_tried_every_hour(packaged: Schedule) -> None:
    done = night("2027-04-03", "done", "2027-04-03 02:00")
    failed = line("monthly", "2027-03", "failed", "2027-04-03 08:01")
    assert jobs(packaged, "2027-04-03 09:00", BEGIN, done, failed) == []
    assert jobs(packaged, "2027-04-03 09:01", BEGIN, done, failed) == ["monthly 2027-03"]


def test_only_the_newest_day_is_reviewed_and_the_newest_morning_looked_at(packaged: Schedule) -> None:
    schedule = packaged.model_copy(update={"daily_at": "07:30"})
    done = night("2027-03-15", "done", "2027-03-15 02:00")
    assert due([BEGIN, done], schedule, when("2027-03-15 09:00")) == [
        Task("daily", "2027-03-14"),
        Task("health", "2027-03-15"),
    ]
    assert Task("daily", "2027-03-14").command == ("daily", "2027-03-14", "--send")


def test_clock_that_is_set_back_does_nothing_twice(packaged: Schedule) -> None:
    done = [night("2027-03-11", "done", "2027-03-11 02:10"), night("2027-03-12", "done", "2027-03-12 02:10")]
    for now in ("2027-03-12 01:30", "2027-03-12 01:00", "2027-03-11 12:00"):
        assert jobs(packaged, now, BEGIN, *done) == []


def test_clock_that_was_years_ahead_for_a_moment_puts_nothing_to_sleep(packaged: Schedule) -> None:
    """It covered all nights till 2031, and its lines count for nothing until then."""
    ahead = [
        line("nightly", "2031-01-01", "done", "2031-01-01 02:00", "2027-03-11", "2027-03-12", "2031-01-01"),
        line("monthly", "2027-03", "done", "2031-01-01 08:00"),
    ]
    assert jobs(packaged, "2027-03-11 01:30", BEGIN, *ahead) == ["nightly 2027-03-11"]
    assert "monthly 2027-03" in jobs(packaged, "2027-04-03 08:00", BEGIN, *ahead)


def test_clock_of_1970_does_nothing_and_begins_nothing(packaged: Schedule) -> None:
    assert due([BEGIN], packaged, when("1970-01-01 07:30")) == []
    begun = line("schedule", "1970-01-01", "begun", "1970-01-01 07:00")
    assert due([begun], packaged, when("2027-03-11 01:30")) == [], "or the months of 57 years would go out"


def test_failure_after_the_clock_was_set_back_keeps_nobody_waiting(packaged: Schedule) -> None:
    failed = night("2027-03-11", "failed", "2027-03-11 02:30")
    assert jobs(packaged, "2027-03-11 01:45", BEGIN, failed) == ["nightly 2027-03-11"]


def test_what_comes_next(packaged: Schedule) -> None:
    schedule = packaged.model_copy(update={"daily_at": "07:30", "period": "15-14"})
    assert upcoming(schedule, when("2027-03-17 07:59")) == {
        "nightly": when("2027-03-18 01:30"),
        "health": when("2027-03-18 07:00"),
        "monthly": when("2027-03-17 08:00"),
        "daily": when("2027-03-18 07:30"),
    }
    assert upcoming(schedule, when("2027-03-17 08:00"))["monthly"] == when("2027-04-17 08:00")
