"""The times that reports are about: months, cut in two ways, and days."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass, replace

from config.schedule import Cut


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month's whole days in Asia/Ho_Chi_Minh: those of the calendar, or, as state agencies report, from the 15th of
    the month before to the 14th (Nghị định 09/2019/NĐ-CP)."""

    year: int
    month: int
    cut: Cut = "calendar"

    @property
    def first(self) -> dt.date:
        if self.cut == "calendar":
            return dt.date(self.year, self.month, 1)
        before = self.previous()
        return dt.date(before.year, before.month, 15)

    @property
    def last(self) -> dt.date:
        if self.cut == "calendar":
            return dt.date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])
        return dt.date(self.year, self.month, 14)

    @property
    def label(self) -> str:
        """As a Vietnamese sentence names it: "tháng 7 năm 2021"."""
        return f"tháng {self.month} năm {self.year}"

    def previous(self) -> Month:
        return replace(self, month=self.month - 1) if self.month > 1 else replace(self, year=self.year - 1, month=12)

    def next(self) -> Month:
        return replace(self, month=self.month + 1) if self.month < 12 else replace(self, year=self.year + 1, month=1)

    def same_last_year(self) -> Month:
        return replace(self, year=self.year - 1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """One day in Asia/Ho_Chi_Minh."""

    day: dt.date

    @property
    def first(self) -> dt.date:
        return self.day

    @property
    def last(self) -> dt.date:
        return self.day

    @property
    def label(self) -> str:
        """As a Vietnamese sentence names it: "ngày 05/7/2021"; only months 1 and 2 have a nought before them
        (Nghị định 30/2020/NĐ-CP, Phụ lục I)."""
        month = f"{self.day.month:02}" if self.day.month < 3 else str(self.day.month)
        return f"ngày {self.day.day:02}/{month}/{self.day.year}"

    def previous(self) -> Day:
        return Day(self.day - dt.timedelta(days=1))

    def same_last_year(self) -> Day:
        """The 29th of February is set against the 28th."""
        leap = (self.day.month, self.day.day) == (2, 29)
        return Day(self.day.replace(year=self.day.year - 1, day=28 if leap else self.day.day))

    def __str__(self) -> str:
        return self.day.isoformat()


Period = Month | Day


def parse_month(text: str, cut: Cut = "calendar") -> Month:
    """Reads "2021-07". Raises ValueError, whose message says what is wrong and how a month is written."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
    if not match:
        raise ValueError(f"'{text}' is not a month; write it as YYYY-MM, for example 2021-07")
    year, month = int(match[1]), int(match[2])
    if not 1 <= month <= 12:
        raise ValueError(f"'{text}' is not a month: there is no month {match[2]}; write 01 to 12, for example 2021-07")
    # One year and a month earlier must be a date too (same_last_year), and Python has no year 0.
    if year < 3:
        raise ValueError(f"'{text}' is not a month that can be reported on; write for example 2021-07")
    return Month(year, month, cut)


def parse_day(text: str) -> Day:
    """Reads "2021-07-05". Raises ValueError, whose message says how a day is written."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a day; write it as YYYY-MM-DD, for example 2021-07-05") from None
    if day.year < 3:
        raise ValueError(f"'{text}' is not a day that can be reported on; write for example 2021-07-05")
    return Day(day)


def last_ended(day: dt.date, cut: Cut) -> Month:
    """The newest month that is over on `day`, which is a day of Asia/Ho_Chi_Minh."""
    month = Month(day.year, day.month, cut).next()
    while month.last >= day:
        month = month.previous()
    return month
