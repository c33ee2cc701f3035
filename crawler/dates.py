"""The times that feeds and sitemaps write.

Our own reading, because libraries lose or falsify them: of 7,136 feed items of 2026 feedparser loses 37 %,
and fastfeedparser is silently wrong on 69 %.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from config.clock import VIETNAM

#: Viet Nam went on line in November 1997; an earlier "time" is a program's zero (0001-01-01, 1970-01-01).
YEARS = range(1997, 2100)

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS_VI = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")

#: Letters without width: editors leave them in titles (Tuổi Trẻ 2015, VOV 2026) and in times.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>|&lt;!\[CDATA\[|\]\]&gt;", re.IGNORECASE)

_WEEKDAY = r"(?:(?P<weekday>[^\W\d_]+(?: [^\W\d_]+)?)(?:\.?, ?| ))?"
_UTC_OFFSET = r"[+-]\d{1,2}(?::?\d{2})?"
_ZONE = rf"(?:Z|(?:GMT|UTC?|ICT)(?: ?{_UTC_OFFSET})?|{_UTC_OFFSET})"
_TIME = (
    r"(?:(?:T|,? (?:- )?)(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r" ?(?P<half>[AP]M|SA|CH)?"
    rf"(?: ?(?P<zone>{_ZONE}|\({_ZONE}\))(?: \([A-Z ]+\))?)?)?"
)
_SHAPES = [
    re.compile(_WEEKDAY + date + _TIME, re.IGNORECASE)
    for date in (
        r"(?P<year>\d{4})(?P<sep>[-/])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})[ -](?P<month>[A-Z]{3,9})\.?[ -](?P<year>\d{4}|\d{2})",
        r"(?P<month>[A-Z]{3,9})\.? (?P<day>\d{1,2}), ?(?P<year>\d{4})",
        r"(?P<first>\d{1,2})(?P<sep>[-/.])(?P<second_number>\d{1,2})(?P=sep)(?P<year>\d{4})",
    )
]
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?")


def parse_feed_date(text: str) -> dt.datetime | None:
    """The moment that `text` names, in Asia/Ho_Chi_Minh; None where it names none, or more than one.

    A time without zone is Vietnam's; a date alone is its midnight. An order of day and month that nothing
    decides is not guessed: the weekday decides, or AM/PM (en-US servers write m/d) and SA/CH (vi-VN: d/m),
    or a number above 12.
    """
    cleaned = _cleaned(text)
    match = next(filter(None, (shape.fullmatch(cleaned) for shape in _SHAPES)), None)
    if match is None:
        return None
    found = match.groupdict()
    date = _date(found)
    zone = _zone(found["zone"])
    if date is None or zone is None or date.year not in YEARS:
        return None
    try:
        moment = dt.datetime.combine(date, _time(found), zone)
    except ValueError:
        return None
    return moment.astimezone(VIETNAM)


def _cleaned(text: str) -> str:
    visible = INVISIBLE.sub("", _CDATA.sub(" ", unicodedata.normalize("NFC", text)))
    return " ".join(visible.split())  # str.split() also takes U+00A0 and U+202F


def _date(found: dict[str, str | None]) -> dt.date | None:
    written_year = found["year"] or ""
    year = int(written_year)
    weekday = _weekday(found["weekday"])
    if found["weekday"] and weekday is None:
        return None
    if "first" in found:
        return _slash_date(found, year, weekday)
    if len(written_year) == 2:
        year += 2000 if year < 50 else 1900  # RFC 2822 section 4.3
    # A month by name, or the year in front, leaves nothing to decide: a wrong weekday is the feed's slip.
    return _valid(year, _month(found["month"] or ""), int(found["day"] or 0))


def _slash_date(found: dict[str, str | None], year: int, weekday: int | None) -> dt.date | None:
    first, second = int(found["first"] or 0), int(found["second_number"] or 0)
    day_first, month_first = _valid(year, second, first), _valid(year, first, second)
    half = (found["half"] or "").upper()
    if weekday is None and half in ("AM", "PM"):
        return month_first
    if weekday is None and half in ("SA", "CH"):
        return day_first
    readings = {date for date in (day_first, month_first) if date and weekday in (None, date.weekday())}
    return readings.pop() if len(readings) == 1 else None


def _valid(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _month(word: str) -> int:
    """1 to 12, or 0 for what is no month."""
    return int(word) if word.isdigit() else _position(word, MONTHS) + 1


def _weekday(word: str | None) -> int | None:
    if word is None:
        return None
    word = word.lower()
    number = WEEKDAYS_VI.index(word) if word in WEEKDAYS_VI else _position(word, WEEKDAYS)
    return None if number < 0 else number


def _position(word: str, names: tuple[str, ...]) -> int:
    """Where a name or its abbreviation (three letters or more) stands in the list; -1 if nowhere."""
    found = [name.startswith(word.lower()) for name in names]
    return found.index(True) if len(word) >= 3 and any(found) else -1


def _time(found: dict[str, str | None]) -> dt.time:
    """Raises ValueError for an hour that no clock shows, such as 13:00 AM or 0:30 PM."""
    hour = int(found["hour"] or 0)
    half = (found["half"] or "").upper()
    if half in ("PM", "CH"):
        if hour == 0:
            raise ValueError("noon or midnight")
        hour = hour + 12 if hour < 12 else hour  # some servers write 13:00 PM
    elif half in ("AM", "SA"):
        if hour > 12:
            raise ValueError("an afternoon hour marked as morning")
        hour %= 12
    fraction = int((found["fraction"] or "0").ljust(6, "0")[:6])
    return dt.time(hour, int(found["minute"] or 0), int(found["second"] or 0), fraction)


def _zone(text: str | None) -> dt.tzinfo | None:
    """The zone that was written, Vietnam's where none was; None for an offset that exists nowhere."""
    if not text:
        return VIETNAM
    offset = _OFFSET.search(text)
    if offset is None:
        return VIETNAM if "ICT" in text.upper() else dt.UTC
    sign, hours, minutes = offset[1], int(offset[2]), int(offset[3] or 0)
    if hours > 14 or minutes not in (0, 15, 30, 45):
        return None
    delta = dt.timedelta(hours=hours, minutes=minutes)
    return dt.timezone(-delta if sign == "-" else delta)
