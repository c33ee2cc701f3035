"""Runs the jobs at their times until it is told to stop. Each job is a process of its own, one at a time."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
import threading
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from config.clock import VIETNAM
from config.schedule import Schedule

_STOP_SECONDS = 120


class JobRunner:
    """Runs diembao commands; `stop` ends the one under way and waits for it."""

    def __init__(self, options: list[str]) -> None:
        self._options = options
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def run(self, *command: str) -> None:
        if self._stopping:
            return
        print(f"{_now()} start: diembao {' '.join(command)}", flush=True)
        self._child = subprocess.Popen([sys.executable, "-m", "diembao", *command, *self._options])  # noqa: S603
        code = self._child.wait()
        self._child = None
        print(f"{_now()} end: diembao {' '.join(command)} (exit code {code})", flush=True)

    def stop(self) -> None:
        self._stopping = True
        child = self._child
        if child and child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


def run_schedule(schedule: Schedule, workspace: Path, config_directory: Path) -> None:
    """Blocks until SIGTERM or SIGINT; a job under way is then stopped cleanly."""
    runner = JobRunner(["--data", str(workspace), "--config", str(config_directory)])
    # The timer drops a job that is a second late unless told otherwise.
    scheduler = BackgroundScheduler(
        timezone=VIETNAM,
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    nightly_hour, nightly_minute = schedule.nightly_at.split(":")
    scheduler.add_job(
        runner.run,
        CronTrigger(hour=nightly_hour, minute=nightly_minute, timezone=VIETNAM),
        ["nightly"],
        id="nightly",
    )
    hour, minute = schedule.monthly_at.split(":")
    monthly = CronTrigger(day=schedule.send_after_days, hour=hour, minute=minute, timezone=VIETNAM)
    scheduler.add_job(lambda: runner.run("monthly", _last_month(), "--send"), monthly, id="monthly")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    scheduler.start()
    for job in scheduler.get_jobs():
        print(f"{_now()} {job.id}: next at {job.next_run_time:%d/%m/%Y %H:%M} (Asia/Ho_Chi_Minh)", flush=True)
    stop.wait()
    print(f"{_now()} stopping", flush=True)
    runner.stop()
    scheduler.shutdown(wait=True)
    print(f"{_now()} stopped", flush=True)


def _last_month() -> str:
    first = dt.datetime.now(VIETNAM).date().replace(day=1)
    return f"{first - dt.timedelta(days=1):%Y-%m}"


def _now() -> str:
    return f"{dt.datetime.now(VIETNAM):%d/%m/%Y %H:%M:%S}"
