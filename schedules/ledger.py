"""What became of each job: journal/jobs.jsonl, append-only. The timer only wakes us; what is due follows from here.

A night writes its own `done` line when it has run to its end, by hand or not: nobody else knows whether exit code 1 was
a night with failures or one that was told to stop. All other lines are the scheduler's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from config.clock import VIETNAM
from warehouse import journal

#: `schedule`: the scheduler was started here for the first time; nothing before that is ever owed.
Job = Literal["schedule", "nightly", "monthly", "daily", "health"]
State = Literal["begun", "done", "failed", "stopped"]
_JOBS = ("schedule", "nightly", "monthly", "daily", "health")
_STATES = ("begun", "done", "failed", "stopped")


@dataclass(frozen=True, slots=True)
class Line:
    """`target`: the night, the month, or the day that the job is for. `nights`: all that a done night's crawl covers,
    in order. `new`: articles that it brought. `run`: its run id, as in the table `runs`."""

    job: Job
    target: str
    state: State
    at: dt.datetime
    code: int | None = None
    nights: tuple[dt.date, ...] = ()
    new: int | None = None
    run: str | None = None

    @property
    def ends(self) -> bool:
        return self.state != "begun"


def read_ledger(workspace: Path) -> list[Line]:
    """All lines that can be read, oldest first."""
    return [line for entry in journal.readable(workspace, journal.JOBS) if (line := _line(entry))]


class LedgerReader:
    """The same for whoever asks every minute for years: only what was added since is read."""

    def __init__(self, workspace: Path) -> None:
        self._path = journal.path_of(workspace, journal.JOBS)
        self._lines: list[Line] = []
        self._offset = self._file = 0

    def lines(self) -> Sequence[Line]:
        status = self._path.stat() if self._path.exists() else None
        if status is None or status.st_ino != self._file or status.st_size < self._offset:  # another file was put there
            self._lines, self._offset = [], 0
            self._file = status.st_ino if status else 0
        entries, self._offset = journal.read_on(self._path, self._offset)
        self._lines += [line for entry in entries if (line := _line(entry))]
        return self._lines


def note(workspace: Path, line: Line) -> None:
    """Adds one line; it is durable when this returns."""
    entry: dict[str, Any] = {
        "job": line.job,
        "for": line.target,
        "state": line.state,
        "at": line.at.isoformat(timespec="seconds"),
    }
    if line.code is not None:
        entry["code"] = line.code
    if line.job == "nightly" and line.state == "done":
        entry |= {"nights": [night.isoformat() for night in line.nights], "new": line.new, "run": line.run}
    journal.append(workspace, journal.JOBS, entry)


def now() -> dt.datetime:
    """The machine's time in Vietnam."""
    return dt.datetime.now(VIETNAM)


def unended(lines: Sequence[Line], job: Job, target: str) -> int:
    """How often the job was begun and has no end: the scheduler was killed, or it is at work."""
    states = [line.ends for line in lines if (line.job, line.target) == (job, target)]
    begun = 0
    for position, ends in enumerate(states):
        begun += not ends and not (position + 1 < len(states) and states[position + 1])
    return begun


def _line(entry: dict[str, Any]) -> Line | None:
    """None: not a line of ours, such as one of a newer version."""
    try:
        if entry["job"] not in _JOBS or entry["state"] not in _STATES:
            return None
        at = dt.datetime.fromisoformat(entry["at"])
        nights = tuple(dt.date.fromisoformat(night) for night in entry.get("nights") or ())
        return Line(
            entry["job"],
            str(entry["for"]),
            entry["state"],
            at.astimezone(VIETNAM) if at.tzinfo else at.replace(tzinfo=VIETNAM),  # times of one zone compare fast
            entry.get("code"),
            nights,
            entry.get("new"),
            entry.get("run"),
        )
    except (KeyError, TypeError, ValueError):
        return None
