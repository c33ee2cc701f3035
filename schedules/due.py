"""What is due now: a pure function of ledger, schedule and clock. The timer may be late, early or asleep.

Nights that were missed are covered by one crawl, since a live crawl can't go back in time: it collects all that is
announced since the last good one, and its line in the ledger names every night that it covers. Months are sent one by
one, the oldest first. A day's review or a morning's look that nobody made is not made up for: only the newest is due.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from config.clock import VIETNAM
from config.schedule import Schedule
from reports.period import Month, last_ended
from schedules.ledger import Job, Line, unended

NIGHT_AGAIN = dt.timedelta(minutes=15)
#: Attempts at one night. After them it is a failed night, and the next one's crawl covers it.
NIGHT_ATTEMPTS = 3
#: Mail servers ask for some patience (RFC 5321, 4.5.4.1: at least 30 minutes).
AGAIN = dt.timedelta(hours=1)
#: A line so much later than now was written by a clock that was wrong: it counts when its time has come.
_AHEAD = dt.timedelta(days=1)
#: No clock that is right shows an earlier time: this was written then. A machine without a battery wakes up in 1970.
_EARLIEST = dt.datetime(2026, 1, 1, tzinfo=VIETNAM)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Task:
    """A job that is due, and what for."""

    job: Job
    target: str

    @property
    def command(self) -> tuple[str, ...]:
        if self.job in ("monthly", "daily"):
            return self.job, self.target, "--send"
        return (self.job,)


def due(ledger: Sequence[Line], schedule: Schedule, now: dt.datetime) -> list[Task]:
    """The jobs to run now, in order. Nothing before the scheduler's first start is due."""
    lines = believed(ledger, now)
    begin = beginning(lines)
    if begin is None or not is_plausible(now):
        return []
    return [
        *_night(lines, schedule, begin, now),
        *_months(lines, schedule, begin, now),
        *_day(lines, schedule, begin, now),
        *_health(lines, schedule, begin, now),
    ]


def is_plausible(now: dt.datetime) -> bool:
    """Whether the clock can be right."""
    return now >= _EARLIEST


def believed(ledger: Sequence[Line], now: dt.datetime) -> list[Line]:
    """Without the lines that a clock far ahead wrote."""
    latest = now + _AHEAD
    return [line for line in ledger if _EARLIEST <= line.at <= latest]


def beginning(lines: Sequence[Line]) -> dt.datetime | None:
    """When the scheduler was started here for the first time."""
    return min((line.at for line in lines if line.job == "schedule"), default=None)


def open_nights(ledger: Sequence[Line], schedule: Schedule, now: dt.datetime) -> tuple[dt.date, ...]:
    """The nights that have come since the beginning and are not done, oldest first."""
    lines = believed(ledger, now)
    begin = beginning(lines)
    return () if begin is None else _open(lines, schedule, begin, now)


def newest_day(time_of_day: str, now: dt.datetime) -> dt.date:
    """The last day on which this time of day has come."""
    today = now.astimezone(VIETNAM).date()
    return today if at(today, time_of_day) <= now else today - _DAY


def at(day: dt.date, time_of_day: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(time_of_day), VIETNAM)


def send_time(month: Month, schedule: Schedule) -> dt.datetime:
    """When a month's summary is to go out."""
    return at(month.last + schedule.send_after_days * _DAY, schedule.monthly_at)


def owed_months(ledger: Sequence[Line], schedule: Schedule, now: dt.datetime) -> list[Month]:
    """Months that should have gone out and have not, from the one in which the ledger begins; oldest first."""
    lines = believed(ledger, now)
    begin = beginning(lines)
    return [] if begin is None else _owed(lines, schedule, begin, now)


def upcoming(schedule: Schedule, now: dt.datetime) -> dict[Job, dt.datetime]:
    """When each job comes next."""
    next_month = last_ended(now.astimezone(VIETNAM).date(), schedule.period).previous()
    while send_time(next_month, schedule) <= now:
        next_month = next_month.next()
    found: dict[Job, dt.datetime] = {
        "nightly": at(newest_day(schedule.nightly_at, now) + _DAY, schedule.nightly_at),
        "health": at(newest_day(schedule.health_at, now) + _DAY, schedule.health_at),
        "monthly": send_time(next_month, schedule),
    }
    if schedule.daily_at:
        found["daily"] = at(newest_day(schedule.daily_at, now) + _DAY, schedule.daily_at)
    return found


def attempts(lines: Sequence[Line], night: dt.date) -> int:
    """How often a night failed or was cut off by a kill; being told to stop is neither."""
    name = night.isoformat()
    failed = sum(line.job == "nightly" and line.target == name and line.state == "failed" for line in lines)
    return failed + unended(lines, "nightly", name)


def _open(lines: Sequence[Line], schedule: Schedule, begin: dt.datetime, now: dt.datetime) -> tuple[dt.date, ...]:
    done = {night for line in lines if line.job == "nightly" and line.state == "done" for night in line.nights}
    newest = newest_day(schedule.nightly_at, now)
    first = newest_day(schedule.nightly_at, begin) + _DAY
    nights = (first + number * _DAY for number in range((newest - first).days + 1))
    return tuple(night for night in nights if night not in done)


def _night(lines: Sequence[Line], schedule: Schedule, begin: dt.datetime, now: dt.datetime) -> list[Task]:
    nights = _open(lines, schedule, begin, now)
    newest = newest_day(schedule.nightly_at, now)
    # Earlier nights that failed wait for the next crawl.
    if newest not in nights or attempts(lines, newest) >= NIGHT_ATTEMPTS:
        return []
    task = Task("nightly", newest.isoformat())
    return [] if _failed_since(lines, task, now - NIGHT_AGAIN, now) else [task]


def _owed(lines: Sequence[Line], schedule: Schedule, begin: dt.datetime, now: dt.datetime) -> list[Month]:
    done = {line.target for line in lines if line.job == "monthly" and line.state == "done"}
    month = last_ended(begin.astimezone(VIETNAM).date(), schedule.period).next()
    owed = []
    while send_time(month, schedule) <= now:
        if str(month) not in done:
            owed.append(month)
        month = month.next()
    return owed


def _months(lines: Sequence[Line], schedule: Schedule, begin: dt.datetime, now: dt.datetime) -> list[Task]:
    tasks = [Task("monthly", str(month)) for month in _owed(lines, schedule, begin, now)]
    return [task for task in tasks if not _failed_since(lines, task, now - AGAIN, now)]


def _day(lines: Sequence[Line], schedule: Schedule, begin: dt.datetime, now: dt.datetime) -> list[Task]:
    return _newest(lines, "daily", schedule.daily_at, _DAY, begin, now) if schedule.daily_at else []


def _health(lines: Sequence[Line], schedule: Schedule, begin: dt.datetime, now: dt.datetime) -> list[Task]:
    return _newest(lines, "health", schedule.health_at, 0 * _DAY, begin, now)


def _newest(
    lines: Sequence[Line], job: Job, time: str, before: dt.timedelta, begin: dt.datetime, now: dt.datetime
) -> list[Task]:
    """A daily job for the day that lies `before` the newest on which its time has come."""
    day = newest_day(time, now)
    task = Task(job, (day - before).isoformat())
    done = any(line.job == job and line.target == task.target and line.state == "done" for line in lines)
    if done or at(day, time) <= begin or _failed_since(lines, task, now - AGAIN, now):
        return []
    return [task]


def _failed_since(lines: Sequence[Line], task: Task, since: dt.datetime, now: dt.datetime) -> bool:
    """A failure in the future was written before the clock was set back: it keeps nobody waiting."""
    return any(
        line.job == task.job and line.target == task.target and line.state == "failed" and since < line.at <= now
        for line in lines
    )
