"""The scheduler names its next runs, and stops cleanly on SIGTERM, also in the middle of a job."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from schedules.scheduler import JobRunner
from tests.conftest import ROOT


def test_it_says_what_comes_next_and_stops_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "diembao", "schedule", "--data", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as scheduler:
        assert scheduler.stdout
        lines = [scheduler.stdout.readline() for _ in range(2)]
        assert {line.split()[2] for line in lines} == {"nightly:", "monthly:"}
        assert all("01:30 (Asia/Ho_Chi_Minh)" in line or "08:00 (Asia/Ho_Chi_Minh)" in line for line in lines)
        scheduler.send_signal(signal.SIGTERM)
        rest, _ = scheduler.communicate(timeout=30)
    assert scheduler.returncode == 0
    assert rest.splitlines()[-1].endswith("stopped")


def test_job_under_way_is_stopped_and_no_other_starts(tmp_path: Path) -> None:
    """The job is a real one: a scheduler run by the runner, which waits for its signal like a long night."""
    runner = JobRunner(["--data", str(tmp_path)])
    begun = time.monotonic()
    thread = threading.Thread(target=runner.run, args=("schedule",))
    thread.start()
    time.sleep(3)
    assert thread.is_alive()
    runner.stop()
    thread.join(timeout=30)
    assert not thread.is_alive()
    runner.run("schedule")
    assert time.monotonic() - begun < 30
