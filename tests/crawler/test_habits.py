"""What a source's past says about tonight."""

from __future__ import annotations

import datetime as dt

from archive.index import SourceLook
from crawler.habits import condition, failing_since, longest_silence, next_ask, read_since

NOW = dt.datetime(2021, 7, 10, 18, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)


def _look(
    days_ago: float, outcome: str = "ok", newest_days_ago: float | None = None, etag: str | None = None
) -> SourceLook:
    newest = NOW - DAY * newest_days_ago if newest_days_ago is not None else None
    return SourceLook(NOW - DAY * days_ago, outcome, None, newest, etag, None)


def test_source_is_read_back_to_two_days_before_its_last_answer() -> None:
    assert read_since([], NOW, WEEK) == NOW - WEEK
    assert read_since([_look(1)], NOW, WEEK) == NOW - 3 * DAY
    assert read_since([_look(9), _look(1, "failed")], NOW, WEEK) == NOW - 11 * DAY
    assert read_since([_look(200)], NOW, WEEK) == NOW - 30 * DAY


def test_source_fails_since_its_first_failure_after_an_answer() -> None:
    assert failing_since([_look(5, "failed"), _look(4), _look(3, "failed"), _look(1, "failed")]) == NOW - 3 * DAY
    assert failing_since([_look(3, "failed"), _look(1)]) is None
    assert failing_since([]) is None


def test_failing_source_is_asked_after_as_long_as_it_has_been_failing() -> None:
    assert next_ask([_look(1)]) is None
    once, twice = next_ask([_look(0, "failed")]), next_ask([_look(4, "failed"), _look(0, "failed")])
    assert once is not None
    assert twice is not None
    assert once <= NOW
    assert NOW + 3.5 * DAY < twice < NOW + 4 * DAY
    long_dead = next_ask([_look(300, "failed"), _look(0, "failed")])
    assert long_dead is not None
    assert long_dead < NOW + 14 * DAY


def test_only_a_last_answer_that_carried_something_to_quote_is_quoted() -> None:
    assert condition([]) is None
    assert condition([_look(1)]) is None
    assert condition([_look(2, etag='"a"'), _look(1, "failed", etag='"b"')]) is None
    found = condition([_look(2, etag='"a"'), _look(1, etag='"b"')])
    assert found is not None
    assert found.etag == '"b"'


def test_silence_is_three_days_until_the_habit_is_known_then_half_as_much_again_as_the_longest() -> None:
    assert longest_silence([_look(1, newest_days_ago=1)]) == 3 * DAY
    weekly = [_look(7 * n, newest_days_ago=7 * n) for n in range(7, 0, -1)]
    assert longest_silence(weekly) == 10.5 * DAY
    hourly = [_look(n / 24, newest_days_ago=n / 24) for n in range(48, 0, -1)]
    assert longest_silence(hourly) == DAY, "a night without news is no silence"
