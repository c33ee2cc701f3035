"""Publication times as Vietnamese pages write them."""

from __future__ import annotations

import datetime as dt
import re

from config.clock import VIETNAM
from pipeline.extract.text import clean

_EARLIEST = 1997  # The first Vietnamese online paper opened in this year.

_DATE_ONLY = len("2021-07-05")
_ISO = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"(?:[T ]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::\d{2}(?:\.\d+)?)?\s*(?P<z>Z|[+-]\d{2}(?::?\d{2})?)?)?"
)
# ASP.NET's default, in metadata only: month first, with seconds and AM or PM (Tuổi Trẻ, Báo Chính phủ).
_AMERICAN = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})\s+(\d{1,2}):(\d{2}):\d{2}\s*([AP]M)$", re.I)
# A year of two digits only where nothing else can be meant: between a day's three parts and a clock.
_SHORT_YEAR = re.compile(r"(?<![\d/.-])(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{2})(?![\d/])")
_DATE = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})\s*(?P<sep>[/.-])\s*(?P<m>\d{1,2})\s*(?P=sep)\s*(?P<y>\d{4})(?!\d)"
    r"|(?P<d2>\d{1,2})\s+[Tt]háng\s+(?P<m2>\d{1,2}),?\s+(?:[Nn]ăm\s+)?(?P<y2>\d{4})"
)
_CLOCK = re.compile(
    r"(?<![\d:])(?P<h>\d{1,2})\s*(?::|h|g|giờ)\s*(?P<mi>\d{2})(?::\d{2})?(?!\d)'?"
    r"\s*(?P<half>AM|PM|SA|CH|sáng|trưa|chiều|tối)?",
    re.I,
)
_ZONE = re.compile(r"(?:GMT|UTC)\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?", re.I)
_WEEKDAY = re.compile(r"\b(?:thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật)\b", re.I)
_AFTERNOON = frozenset({"pm", "ch", "chiều", "tối"})
_MORNING = frozenset({"am", "sa", "sáng"})


def printed(text: str | None) -> dt.datetime | None:
    """A time as a page prints it: day before month, any order of date and clock, Vietnam time unless it
    names a zone.

    A date without a clock is no time to the minute: None.
    """
    text = clean(text)
    date, clock = _DATE.search(text), _CLOCK.search(text)
    short = _SHORT_YEAR.search(text) if date is None and clock else None
    if date is None and short is None:
        return machine(text) if _ISO.search(text) else None
    if clock is None:
        return None
    if date:
        day, month, year = (int(date[name] or date[f"{name}2"]) for name in ("d", "m", "y"))
    elif short:
        day, month, year = int(short["d"]), int(short["m"]), 2000 + int(short["y"])
    zone = _ZONE.search(text)
    return _made(year, month, day, _hour(int(clock["h"]), clock["half"]), int(clock["mi"]), _offset(zone))


def without(text: str) -> str:
    """The text without its dates, clocks and zones."""
    for pattern in (_DATE, _CLOCK, _ZONE, _WEEKDAY):
        text = pattern.sub(" ", text)
    return clean(text).strip(" -–|,()•")


def machine(text: str | None) -> dt.datetime | None:
    """A time as metadata writes it: ISO 8601 or ASP.NET's; Vietnam time unless it names a zone, which it
    keeps."""
    text = clean(text)
    stated = _iso(text)  # which most pages write, and which takes a tenth of the time
    if stated and stated.tzinfo and stated.year >= _EARLIEST and len(text) > _DATE_ONLY:
        return stated.replace(second=0, microsecond=0)
    american = _AMERICAN.match(text)
    if american:
        month, day, year, hour, minute = (int(american[n]) for n in range(1, 6))
        return _made(year, month, day, _hour(hour, american[6]), minute, VIETNAM)
    iso = _ISO.search(text)
    if iso is None:
        return printed(text) if _DATE.search(text) else None
    if iso["h"] is None:
        return None
    zone: dt.tzinfo = VIETNAM
    if iso["z"] == "Z":
        zone = dt.UTC
    elif iso["z"]:
        digits = iso["z"][1:].replace(":", "").ljust(4, "0")
        shift = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        if shift >= dt.timedelta(hours=15):
            return None
        zone = dt.timezone(-shift if iso["z"][0] == "-" else shift)
    return _made(int(iso["y"]), int(iso["m"]), int(iso["d"]), int(iso["h"]), int(iso["mi"]), zone)


def _iso(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _hour(hour: int, half: str | None) -> int:
    """CafeF prints a 24-hour clock with AM or PM behind it ("00:01 AM", "22:19 PM"), others a 12-hour one;
    both read the same this way."""
    mark = (half or "").lower()
    if mark in _AFTERNOON and hour < 12:
        return hour + 12
    if mark in _MORNING and hour == 12:
        return 0
    return hour


def _offset(zone: re.Match[str] | None) -> dt.tzinfo:
    if zone is None or int(zone[2]) > 14:
        return VIETNAM
    shift = dt.timedelta(hours=int(zone[2]), minutes=int(zone[3] or 0))
    return dt.timezone(-shift if zone[1] == "-" else shift)


def _made(year: int, month: int, day: int, hour: int, minute: int, zone: dt.tzinfo) -> dt.datetime | None:
    if year < _EARLIEST:
        return None
    try:
        return dt.datetime(year, month, day, hour, minute, tzinfo=zone)
    except ValueError:
        return None
