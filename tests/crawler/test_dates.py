"""Each format the press writes is read exactly; what could be two moments is none."""

from __future__ import annotations

import collections
import datetime as dt
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import VIETNAM
from crawler.dates import parse_feed_date

PRESS = Path(__file__).parents[2].parent / "shared" / "press"


def vietnam(*fields: int) -> dt.datetime:
    return dt.datetime(*fields, tzinfo=VIETNAM)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun, 23 Aug 2026 02:00:00 +0700", vietnam(2026, 8, 23, 2)),
        ("Sat, 22 Aug 2026 22:58:22 +07:00", vietnam(2026, 8, 22, 22, 58, 22)),
        ("Sun, 23 Aug 2026 05:49:00 +07", vietnam(2026, 8, 23, 5, 49)),
        ("Sun, 23 Aug 26 05:52:00 +0700", vietnam(2026, 8, 23, 5, 52)),
        ("Sat, 22 Aug 2026 20:16:02 GMT", vietnam(2026, 8, 23, 3, 16, 2)),
        ("Sat, 22 Aug 2026 20:16:02 +0000 (UTC)", vietnam(2026, 8, 23, 3, 16, 2)),
        ("Sat, 22 Aug 2026 20:16:02 -0500", vietnam(2026, 8, 23, 8, 16, 2)),
        ("Sat, 22 Aug 2026 20:16:02 GMT+7", vietnam(2026, 8, 22, 20, 16, 2)),
        ("Sat, 22 Aug 2026 20:16:02 (GMT+07:00)", vietnam(2026, 8, 22, 20, 16, 2)),
        ("Sat, 22 Aug 2026 20:16:02 ICT", vietnam(2026, 8, 22, 20, 16, 2)),
        ("Saturday, 22 August 2026 20:16", vietnam(2026, 8, 22, 20, 16)),
        ("22 Sept 2026", vietnam(2026, 9, 22)),
        ("Aug 22, 2026 8:16 PM", vietnam(2026, 8, 22, 20, 16)),
        ("8/23/2026 5:20:00\u202fAM", vietnam(2026, 8, 23, 5, 20)),
        ("8/9/2026 12:39:00\u202fAM", vietnam(2026, 8, 9, 0, 39)),
        ("8/9/2026 12:39:00\u00a0PM", vietnam(2026, 8, 9, 12, 39)),
        ("8/22/2026 11:00:00 PM", vietnam(2026, 8, 22, 23)),
        ("09/08/2026 11:00:00 CH", vietnam(2026, 8, 9, 23)),
        ("Thu, 12/11/2020 10:10", vietnam(2020, 11, 12, 10, 10)),
        ("Fri, 12/11/2020 10:10", vietnam(2020, 12, 11, 10, 10)),
        ("Thứ Hai, 24/8/2026, 10:05 (GMT+7)", vietnam(2026, 8, 24, 10, 5)),
        ("24/8/2026 10:05", vietnam(2026, 8, 24, 10, 5)),
        ("8/8/2026 10:05", vietnam(2026, 8, 8, 10, 5)),
        ("2021-07-01T08:30:00+07:00", vietnam(2021, 7, 1, 8, 30)),
        ("2021-07-01T01:30:00Z", vietnam(2021, 7, 1, 8, 30)),
        ("2021-07-01T08:30:00.1234567+07:00", vietnam(2021, 7, 1, 8, 30, 0, 123456)),
        ("2021-07-01 08:30", vietnam(2021, 7, 1, 8, 30)),
        ("2021-07-01", vietnam(2021, 7, 1)),
        ("<![CDATA[Thu, 01 Jul 2021 08:30:00 +0700]]>", vietnam(2021, 7, 1, 8, 30)),
        ("Thu, 01 Jul 2021 08:30:00 +0700]]>", vietnam(2021, 7, 1, 8, 30)),
        ("&lt;![CDATA[ 2021-07-01 08:30:00 ]]&gt;", vietnam(2021, 7, 1, 8, 30)),
        ("\ufeff Thu,\u200b 01  Jul 2021\n08:30:00 +0700 ", vietnam(2021, 7, 1, 8, 30)),
        # The month has a name: a wrong weekday leaves nothing open.
        ("Mon, 01 Jul 2021 08:30:00 +0700", vietnam(2021, 7, 1, 8, 30)),
        # Some servers put AM or PM behind a 24-hour clock.
        ("8/22/2026 13:00 PM", vietnam(2026, 8, 22, 13)),
        ("8/22/2026 00:01 AM", vietnam(2026, 8, 22, 0, 1)),
    ],
)
def test_a_written_time_is_read_to_the_second(text: str, expected: dt.datetime) -> None:
    read = parse_feed_date(text)
    assert read == expected
    assert read is not None
    assert read.tzinfo is VIETNAM


@pytest.mark.parametrize(
    "text",
    [
        "8/9/2026 10:05",  # 8 September or 9 August
        "8/9/2026",
        "8/9/26 10:05:00 AM",
        "Mon, 12/11/2020 10:10",  # neither reading is a Monday
        "Sun, 1/3/2020 x",
        "23/8/2026 5:20:00 AM",  # AM/PM servers write the month first; this one does something else
        "8/22/2026 13:00 AM",
        "8/22/2026 0:30 PM",
        "31/02/2021 10:00",
        "Thu, 31 Jun 2021 08:30:00 +0700",
        "Thu, 01 Jul 2021 24:30:00 +0700",
        "Thu, 01 Jul 2021 08:30:00 EST",
        "Thu, 01 Jul 2021 08:30:00 +99:00",
        "Thu, 01 Jul 2021 08:30:00 (",
        "Abc, 01 Jul 2021 08:30:00 +0700",
        "0001-01-01T00:00:00",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "2021-07-01 -05:00",
        "2 giờ trước",
        "1625103000",
        "",
    ],
)
def test_what_names_no_single_moment_is_none(text: str) -> None:
    assert parse_feed_date(text) is None


def test_a_weekday_that_fits_both_orders_decides_nothing() -> None:
    date = next(
        day
        for day in (dt.date(2021, 1, 1) + dt.timedelta(n) for n in range(365))
        if day.day <= 12 and day.day != day.month and dt.date(2021, day.day, day.month).weekday() == day.weekday()
    )
    assert parse_feed_date(f"{date:%a}, {date:%d/%m/%Y} 10:10") is None


@given(
    st.datetimes(min_value=dt.datetime(1998, 1, 1), max_value=dt.datetime(2049, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0, tzinfo=VIETNAM)
    ),
    st.sampled_from(
        [
            "%a, %d %b %Y %H:%M:%S +0700",
            "%a, %d %b %Y %H:%M:%S +07:00",
            "%a, %d %b %Y %H:%M:%S +07",
            "%a, %d %b %y %H:%M:%S +0700",
            "%m/%d/%Y %I:%M:%S\u202f%p",
            "%Y-%m-%dT%H:%M:%S%z",
        ]
    ),
)
def test_every_moment_survives_every_format(moment: dt.datetime, form: str) -> None:
    assert parse_feed_date(moment.strftime(form)) == moment


@given(st.text(max_size=40) | st.from_regex(r"\A[A-Z][a-z]{2}, \d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}\Z"))
def test_no_text_raises(text: str) -> None:
    read = parse_feed_date(text)
    assert read is None or read.tzinfo is VIETNAM


@pytest.mark.press
@pytest.mark.skipif(not PRESS.is_dir(), reason="the shared press is not here")
def test_every_genuine_feed_time_is_read_and_lies_in_its_two_months() -> None:
    with gzip.open(PRESS / "feed-items-2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        written = [json.loads(line)["published"] for line in lines]
    read = [parse_feed_date(text) for text in written]
    unread = [text for text, time in zip(written, read, strict=True) if time is None]
    assert unread == []
    assert collections.Counter(f"{time:%Y-%m}" for time in read if time) == {"2026-07": 2773, "2026-08": 4363}
    # The collection ended on the morning of 23 August: an order of day and month taken wrongly would pass it.
    assert max(time for time in read if time) == vietnam(2026, 8, 23, 5, 54, 32)
