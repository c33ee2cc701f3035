"""Runs the jobs that are due until it is told to stop. Each job is a process of its own, one at a time.

The timer (APScheduler) only wakes us at the jobs' times, and a pulse does so every minute. Which job is due, the ledger
says: the timer's own rule drops a job that is a second late, and its times are those of a clock that may be set back.
"""

from __future__ import annotations

import datetime as dt
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.cron import CronTrigger

from archive.lock import is_locked, locked
from archive.workspace import WorkspaceError, holder
from config.clock import VIETNAM
from config.schedule import Schedule
from reports import ledger as mail_ledger
from schedules.due import Task, beginning, believed, due, is_plausible, newest_day, open_nights, upcoming
from schedules.ledger import Job, LedgerReader, Line, State, note, now, read_ledger

#: By the machine's running time, not its clock: a clock that is set back can't put us to sleep for years.
PULSE_SECONDS = 60
_STOP_SECONDS = 120
#: A job that takes longer hangs. A night ends by itself after minutes_per_night and the reading of it.
_LONGEST_SECONDS = 20 * 3600

#: Runs a command of diembao and gives its exit code; negative: the signal that ended it.
Run = Callable[[Sequence[str]], int]


class JobRunner:
    """Runs diembao commands; `stop` ends the one under way. Both may be called in one thread, `stop` by a signal."""

    def __init__(self, options: list[str]) -> None:
        self._options = options
        self._child: subprocess.Popen[bytes] | None = None
        self._kill_at: float | None = None

    @property
    def stopping(self) -> bool:
        return self._kill_at is not None

    def run(self, command: Sequence[str]) -> int:
        """In a session of its own: Ctrl-C is for us, who pass it on."""
        whole = [sys.executable, "-m", "diembao", *command, *self._options]
        late = time.monotonic() + _LONGEST_SECONDS
        told = False
        with subprocess.Popen(whole, start_new_session=True) as child:  # noqa: S603
            self._child = child
            if self.stopping:  # the signal came while it was being started
                child.terminate()
            while True:
                with suppress(subprocess.TimeoutExpired):
                    return child.wait(1)
                if time.monotonic() > late and not told:
                    child.terminate()
                    told = True
                if time.monotonic() > (self._kill_at or late + _STOP_SECONDS):
                    os.killpg(child.pid, signal.SIGKILL)

    def stop(self) -> None:
        self._kill_at = time.monotonic() + _STOP_SECONDS
        if self._child and self._child.poll() is None:
            self._child.terminate()


class Office:
    """Does what is due, and keeps the ledger. `stopping` says that nothing more is to be begun."""

    def __init__(self, workspace: Path, schedule: Schedule, run: Run, stopping: Callable[[], bool]) -> None:
        self._workspace = workspace
        self._ledger = LedgerReader(workspace)
        self._schedule = schedule
        self._run = run
        self._stopping = stopping
        self._told = ""

    def work(self) -> None:
        """All that is due, one job after another; asks again after each, since it took its time."""
        if not is_plausible(now()):
            self._tell(f"the machine's clock shows {now():%d/%m/%Y}, which can't be; waiting until it is set")
            return
        if beginning(believed(self._ledger.lines(), now())) is None:
            note(self._workspace, Line("schedule", f"{now():%Y-%m-%d}", "begun", now()))
        while not self._stopping() and (task := self._next()):
            self._do(task)

    def _next(self) -> Task | None:
        """A night waits while somebody holds the workspace: a backup, a person, or a job whose scheduler was killed."""
        for task in due(self._ledger.lines(), self._schedule, now()):
            if task.job != "nightly":
                return task
            held = holder(self._workspace)
            if held is None:
                return task
            self._tell(f"the night of {task.target} waits: {held}")
        return None

    def _do(self, task: Task) -> None:
        command = " ".join(task.command)
        _say(f"start: diembao {command}")
        note(self._workspace, Line(task.job, task.target, "begun", now()))
        code = self._run(task.command)
        if task.job == "nightly" and self._night_is_done(task):
            state: State = "done"  # the night has written so itself
        else:
            state = self._outcome(task, code)
            note(self._workspace, Line(task.job, task.target, state, now(), code))
        _say(f"end: diembao {command}: {state} (exit code {code})")
        self._told = ""

    def _night_is_done(self, task: Task) -> bool:
        day = dt.date.fromisoformat(task.target)
        return any(day in line.nights for line in reversed(self._ledger.lines()))

    def _outcome(self, task: Task, code: int) -> State:
        if task.job != "nightly":
            if code == 0 or (task.job == "health" and code == 1):
                return "done"
            # Exit code 1: some recipient has not had it. Where only a person can help (refused, unknown), we are done.
            recipients = self._schedule.mail.recipients
            if task.job != "health" and mail_ledger.is_settled(self._workspace, task.job, task.target, recipients):
                return "done"
        return "stopped" if self._stopping() else "failed"

    def _tell(self, what: str) -> None:
        """Once, not every minute."""
        if what != self._told:
            _say(what)
        self._told = what


class Wake:
    """What the timer and signals set and the main thread waits for. A pipe: a signal's handler may not touch the lock
    of a threading.Event on which the very thread that it interrupts is about to wait."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        os.set_blocking(self._in, False)

    def set(self) -> None:
        with suppress(BlockingIOError):  # full: it is set
            os.write(self._in, b".")

    def wait(self, seconds: float) -> None:
        if select.select([self._out], [], [], seconds)[0]:
            os.read(self._out, 4096)


def add_times(scheduler: BaseScheduler, schedule: Schedule, wake: Callable[[], None]) -> None:
    """Makes the timer call `wake` whenever the time of a job comes; on most days the monthly one finds nothing due."""
    times: dict[Job, str | None] = {
        "nightly": schedule.nightly_at,
        "health": schedule.health_at,
        "monthly": schedule.monthly_at,
        "daily": schedule.daily_at,
    }
    for job, time_of_day in times.items():
        if time_of_day:
            hour, minute = time_of_day.split(":")
            trigger = CronTrigger(hour=hour, minute=minute, timezone=VIETNAM)
            scheduler.add_job(wake, trigger, id=job, misfire_grace_time=None, coalesce=True)


def run_schedule(schedule: Schedule, workspace: Path, config_directory: Path) -> None:
    """Blocks until SIGTERM or SIGINT; a job under way is then stopped cleanly. Raises WorkspaceError."""
    runner = JobRunner(["--data", str(workspace), "--config", str(config_directory)])
    wake = Wake()

    def stop(*_: object) -> None:
        runner.stop()
        wake.set()

    with _only_scheduler(workspace):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        scheduler = BackgroundScheduler(timezone=VIETNAM, executors={"default": ThreadPoolExecutor(1)})
        add_times(scheduler, schedule, wake.set)
        scheduler.start()
        for job, at in upcoming(schedule, now()).items():
            _say(f"{job}: next at {at:%d/%m/%Y %H:%M} (Asia/Ho_Chi_Minh)")
        office = Office(workspace, schedule, runner.run, lambda: runner.stopping)
        while not runner.stopping:
            try:
                office.work()
            except OSError as error:  # a full disk: without the ledger nothing is begun
                _say(f"journal/jobs.jsonl: {error.strerror or error}; trying again")
            if not runner.stopping:
                wake.wait(PULSE_SECONDS)
        scheduler.shutdown(wait=False)
        _say("stopped")


def is_running(workspace: Path) -> bool:
    """Whether a scheduler is at work in this workspace, on this machine."""
    return is_locked(_lock_path(workspace))


@contextmanager
def _only_scheduler(workspace: Path) -> Iterator[None]:
    """Two would each begin the night."""
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(_lock_path(workspace), wait=False))
        except BlockingIOError:
            raise WorkspaceError(f"{workspace}: another `diembao schedule` is at work in it; end that one") from None
        yield


def _lock_path(workspace: Path) -> Path:
    return workspace / "schedule.lock"


def note_night(workspace: Path, schedule: Schedule, started: dt.datetime, code: int, new: int, run: str) -> None:
    """Writes that a live night has run to its end, with all nights that it covers."""
    target = newest_day(schedule.nightly_at, started)
    nights = open_nights(read_ledger(workspace), schedule, started)
    note(workspace, Line("nightly", target.isoformat(), "done", now(), code, nights, new, run))


def _say(what: str) -> None:
    print(f"{now():%d/%m/%Y %H:%M:%S} {what}", flush=True)
