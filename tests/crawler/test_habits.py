"""What a source's past says about tonight."""

from __future__ import annotations

import datetime as dt

from archive.index import SourceLook
from crawler.habits import condition, failing_since, next_ask, read_since, silent_since

NOW = dt.datetime(2021, 7, 10, 18, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)


def _look(
    days_ago: float,
    outcome: str = "ok",
    newest_days_ago: float | None = None,
    etag: str | None = None,
    unknown: int | None = None,
    reason: str | None = None,
) -> SourceLook:
    newest = NOW - DAY * newest_days_ago if newest_days_ago is not None else None
    return SourceLook(NOW - DAY * days_ago, outcome, reason, newest, unknown, etag, None)


def test_source_is_read_back_to_two_days_before_its_last_answer() -> None:
    assert read_since([], NOW, WEEK) == NOW - WEEK
    assert read_since([_look(1)], NOW, WEEK) == NOW - 3 * DAY
    assert read_since([_look(9), _look(1, "failed")], NOW, WEEK) == NOW - 11 * DAY
    assert read_since([_look(200)], NOW, WEEK) == NOW - 30 * DAY


def test_answer_that_was_not_read_whole_does_not_move_the_window() -> None:
    looks = [_look(5), _look(2, reason="truncated"), _look(1, reason="not_modified")]
    assert read_since(looks[:2], NOW, WEEK) == NOW - 7 * DAY
    assert read_since(looks, NOW, WEEK) == NOW - 3 * DAY


def test_source_fails_since_its_first_failure_after_an_answer() -> None:
    assert failing_since([_look(5, "failed"), _look(4), _look(3, "failed"), _look(1, "failed")]) == NOW - 3 * DAY
    assert failing_since([_look(3, "failed"), _look(1)]) is None
    assert failing_since([]) is None


def test_failing_source_is_asked_after_as_long_as_it_has_been_failing() -> None:
    assert next_ask([_look(1)], alone=False) is None
    once = next_ask([_look(0, "failed")], alone=False)
    twice = next_ask([_look(4, "failed"), _look(0, "failed")], alone=False)
    assert once is not None
    assert twice is not None
    assert once <= NOW
    assert NOW + 3.5 * DAY < twice < NOW + 4 * DAY
    dead = [_look(300, "failed"), _look(0, "failed")]
    waits = [again - NOW for alone in (False, True) if (again := next_ask(dead, alone=alone))]
    assert 13 * DAY < waits[0] < 14 * DAY
    assert DAY < waits[1] < 2 * DAY, "the outlet's only source is asked every other night"


def test_only_a_last_answer_that_carried_something_to_quote_is_quoted() -> None:
    assert condition([]) is None
    assert condition([_look(1)]) is None
    assert condition([_look(2, etag='"a"'), _look(1, "failed", etag='"b"')]) is None
    found = condition([_look(2, etag='"a"'), _look(1, etag='"b"')])
    assert found is not None
    assert found.etag == '"b"'


def _told(*newest_days_ago: float) -> list[SourceLook]:
    return [_look(days, newest_days_ago=days) for days in newest_days_ago]


def test_silence_of_three_days_is_odd_until_the_habit_is_known() -> None:
    assert silent_since(_told(2.9), None, NOW) is None
    assert silent_since(_told(3.1), None, NOW) == NOW - 3.1 * DAY
    assert silent_since(_told(9), NOW - DAY, NOW) is None, "tonight's newest item counts"


def test_silence_is_odd_when_it_is_half_as_long_again_as_nine_of_ten_were() -> None:
    weekly = _told(*(7 * n + 10 for n in range(8, -1, -1)))
    assert silent_since(weekly, None, NOW) is None
    assert silent_since(weekly, None, NOW + DAY) is not None
    hourly = _told(*(n / 24 for n in range(48, 0, -1)))
    assert silent_since(hourly, None, NOW + 0.9 * DAY) is None, "a night without news is no silence"


def test_one_odd_night_does_not_switch_the_alarm_off() -> None:
    looks = [*_told(*range(30, 20, -1)), _look(20, newest_days_ago=4000), *_told(*range(19, 9, -1))]
    assert silent_since(looks, None, NOW) == NOW - 10 * DAY


def test_feed_whose_times_tell_nothing_is_silent_when_it_brings_no_unknown_article() -> None:
    daily = [_look(days, unknown=3) for days in range(15, 5, -1)]
    assert silent_since([*daily, *(_look(days, unknown=0) for days in range(5, 0, -1))], NOW, NOW) == NOW - 6 * DAY
    assert silent_since(daily[:-5], None, NOW - 10 * DAY) is None
