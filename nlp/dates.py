"""Dates as Vietnamese and English texts write them beside a document's number."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if name[3:] else name for name in _MONTHS)
_DATE = re.compile(
    r"(?<![\d/.-])(?P<d>\d{1,2}) ?(?P<sep>[/.-]) ?(?P<m>\d{1,2})(?: ?(?P=sep) ?(?P<y>(?:19|20)\d\d))?(?![\d/%]|[.,]\d)"
    r"|(?<!\d)(?P<d2>\d{1,2}) tháng (?P<m2>\d{1,2})(?:,? năm (?P<y2>\d{4}))?(?!\d)"
    rf"|\b(?P<en>{_MONTH})\.? (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y3>\d{{4}}))?(?!\d)"
    rf"|(?<!\d)(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ -](?P<en2>{_MONTH})\.?(?:,?[ -](?P<y4>\d{{4}}))?(?!\d)"
)


@dataclass(frozen=True, slots=True)
class CitedDate:
    """A date as written, at start:end; `year` is None where none is written."""

    day: int
    month: int
    year: int | None
    start: int
    end: int


def dates(text: str, start: int, end: int) -> list[CitedDate]:
    """The dates in text[start:end] (lower case), in order; what is no date of the calendar is left out."""
    found = []
    for match in _DATE.finditer(text, start, end):
        part = match.groupdict()
        name = part["en"] or part["en2"]
        day = int(part["d"] or part["d2"] or part["d3"] or part["d4"])
        month = _month(name) if name else int(part["m"] or part["m2"])
        year = part["y"] or part["y2"] or part["y3"] or part["y4"]
        if 1 <= day <= 31 and 1 <= month <= 12:
            found.append(CitedDate(day, month, int(year) if year else None, match.start(), match.end()))
    return found


def _month(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))
