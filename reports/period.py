"""The months that summaries are about."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month in Vietnam; its days are whole days in Asia/Ho_Chi_Minh."""

    year: int
    month: int

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, self.month, 1)

    @property
    def last(self) -> dt.date:
        return dt.date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def label(self) -> str:
        """As a Vietnamese sentence names it: "tháng 7 năm 2021"."""
        return f"tháng {self.month} năm {self.year}"

    def previous(self) -> Month:
        return Month(self.year, self.month - 1) if self.month > 1 else Month(self.year - 1, 12)

    def same_last_year(self) -> Month:
        return Month(self.year - 1, self.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


def parse_month(text: str) -> Month:
    """Reads "2021-07". Raises ValueError, whose message says what is wrong and how a month is written."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
    if not match:
        raise ValueError(f"'{text}' is not a month; write it as YYYY-MM, for example 2021-07")
    year, month = int(match[1]), int(match[2])
    if not 1 <= month <= 12:
        raise ValueError(f"'{text}' is not a month: there is no month {match[2]}; write 01 to 12, for example 2021-07")
    # One year earlier must be a date too (same_last_year), and Python has no year 0.
    if year < 2:
        raise ValueError(f"'{text}' is not a month that can be reported on; write for example 2021-07")
    return Month(year, month)
