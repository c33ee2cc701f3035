"""What a source's past says: how far back to read it, whether to ask it tonight, and how long it is usually silent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

from archive.index import SourceLook

#: Sources announce late: each is read this far back before its last answer.
_OVERLAP = dt.timedelta(days=2)
#: And no further than this, however long it was dead.
_FURTHEST = dt.timedelta(days=30)
#: A failing source is asked at least this often.
_LONGEST_WAIT = dt.timedelta(days=14)
_LONGEST_WAIT_ALONE = dt.timedelta(days=2)
#: Nights don't start to the minute.
_SLACK = dt.timedelta(hours=6)
#: Before a source has shown its habit, silence of three days is odd: a long weekend of a daily paper.
_FIRST_HABIT = dt.timedelta(days=3)
_FEWEST_GAPS = 5
_LONGEST_HABIT = dt.timedelta(days=14)
_LOOKS = 60


def read_since(looks: Sequence[SourceLook], now: dt.datetime, first_window: dt.timedelta) -> dt.datetime:
    """The oldest announced time that is still of interest. An answer that was not read whole may have hidden items."""
    answered = [look.time for look in looks if look.outcome == "ok" and look.reason in (None, "not_modified")]
    if not answered:
        return now - first_window
    return max(answered[-1] - _OVERLAP, now - _FURTHEST)


def failing_since(looks: Sequence[SourceLook]) -> dt.datetime | None:
    """When the source first failed after its last answer; None where its last look was an answer."""
    since = None
    for look in reversed(looks):
        if look.outcome == "ok":
            break
        since = look.time
    return since


def next_ask(looks: Sequence[SourceLook], *, alone: bool) -> dt.datetime | None:
    """When a failing source is asked again: after as long as it has been failing, but not much later where it is
    `alone`, without a living source beside it. None: any time."""
    since = failing_since(looks)
    if since is None:
        return None
    return looks[-1].time + min(looks[-1].time - since, _LONGEST_WAIT_ALONE if alone else _LONGEST_WAIT) - _SLACK


def condition(looks: Sequence[SourceLook]) -> SourceLook | None:
    """The last answer, if it may be quoted in a conditional request."""
    if looks and looks[-1].outcome == "ok" and (looks[-1].etag or looks[-1].last_modified):
        return looks[-1]
    return None


def silent_since(looks: Sequence[SourceLook], newest: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    """Since when a source brings nothing new, where that is longer than its habit; None while it is not.

    By the time of its newest item; and by the nights in which it named an article that we did not have, as a feed may
    have no times, or give everything the time of day.
    """
    told = [look.newest for look in looks if look.newest]
    news = [look.time for look in looks if look.unknown]
    last_told = max([*told, newest] if newest else told, default=None)
    last_news = news[-1] if news and len(looks) >= _FEWEST_GAPS else None
    for since, times in ((last_told, told), (last_news, news)):
        if since is not None and now - since > _longest_silence(times):
            return since
    return None


def _longest_silence(times: Sequence[dt.datetime]) -> dt.timedelta:
    """How long a source is silent at most by its own habit: what nine of ten of its silences keep to, and half as much
    again. Three days until it is known, two weeks at most."""
    latest: list[dt.datetime] = []
    for time in times[-_LOOKS:]:
        if not latest or time > latest[-1]:  # a feed that shows old items one night has not gone back in time
            latest.append(time)
    gaps = sorted(later - earlier for earlier, later in pairwise(latest))
    if len(gaps) < _FEWEST_GAPS:
        return _FIRST_HABIT
    usual = gaps[min(len(gaps) - 1, len(gaps) * 9 // 10)]
    return min(max(usual * 1.5, dt.timedelta(days=1)), _LONGEST_HABIT)
