"""The months that summaries are about."""

from __future__ import annotations

import datetime as dt

import pytest

from reports.period import Month, parse_month


def test_a_month_has_its_first_and_last_day() -> None:
    assert (parse_month("2021-07").first, parse_month("2021-07").last) == (dt.date(2021, 7, 1), dt.date(2021, 7, 31))
    assert parse_month("2024-02").last == dt.date(2024, 2, 29)


def test_the_month_before_january_is_december() -> None:
    assert parse_month("2021-01").previous() == Month(2020, 12)
    assert parse_month("2021-07").previous() == Month(2021, 6)


def test_the_same_month_last_year() -> None:
    assert str(parse_month("2021-07").same_last_year()) == "2020-07"


def test_a_month_is_named_in_vietnamese() -> None:
    assert parse_month("2021-07").label == "tháng 7 năm 2021"


@pytest.mark.parametrize(
    "text",
    ["2021-13", "2021-00", "7/2021", "2021-7", "202107", "", "2021-07-01", "0001-01", "２０２１-07", "2021-07\n"],
)
def test_what_is_no_month_is_refused_and_told_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="2021-07") as caught:
        parse_month(text)
    assert text in str(caught.value)
