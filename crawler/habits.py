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
#: Nights don't start to the minute.
_SLACK = dt.timedelta(hours=6)
#: Before a source has shown its habit, silence of three days is odd: a long weekend of a daily paper.
_FIRST_HABIT = dt.timedelta(days=3)
_FEWEST_GAPS = 5


def read_since(looks: Sequence[SourceLook], now: dt.datetime, first_window: dt.timedelta) -> dt.datetime:
    """The oldest announced time that is still of interest."""
    answered = [look.time for look in looks if look.outcome == "ok"]
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


def next_ask(looks: Sequence[SourceLook]) -> dt.datetime | None:
    """When a failing source is asked again: after as long as it has been failing. None: any time."""
    since = failing_since(looks)
    if since is None:
        return None
    return looks[-1].time + min(looks[-1].time - since, _LONGEST_WAIT) - _SLACK


def condition(looks: Sequence[SourceLook]) -> SourceLook | None:
    """The last answer, if it may be quoted in a conditional request."""
    if looks and looks[-1].outcome == "ok" and (looks[-1].etag or looks[-1].last_modified):
        return looks[-1]
    return None


def longest_silence(looks: Sequence[SourceLook]) -> dt.timedelta:
    """How long the source is silent at most by its own habit, with half as much again; three days until it is known.

    Silence is the time between one newest item and the next.
    """
    newest = sorted({look.newest for look in looks if look.newest})
    gaps = sorted(later - earlier for earlier, later in pairwise(newest))
    if len(gaps) < _FEWEST_GAPS:
        return _FIRST_HABIT
    return max(gaps[-1] * 1.5, dt.timedelta(days=1))
