"""The scheduler as a process: what it says, how it stops, and that jobs outlive or follow it as they should."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import time_machine

from archive.workspace import hold
from config.clock import VIETNAM
from config.load import PACKAGED, load_config
from schedules import scheduler as scheduler_module
from schedules.due import open_nights
from schedules.ledger import Line, note, read_ledger
from schedules.scheduler import JobRunner, Office, Wake, note_night
from tests.conftest import ROOT, SAMPLES, diembao
from warehouse import journal

SCHEDULE = load_config(PACKAGED).schedule
BEGIN = dt.datetime(2027, 3, 10, 10, tzinfo=VIETNAM)


def start(workspace: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "diembao", "schedule", "--data", str(workspace)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def office(workspace: Path, ran: list[str], code: int = 0) -> Office:
    """One whose jobs only say that they ran; a night also says that it is done."""

    def run(command: Sequence[str]) -> int:
        ran.append(" ".join(command))
        if command[0] == "nightly" and code == 0:
            note_night(workspace, SCHEDULE, dt.datetime.now(VIETNAM), code, 1, "run")
        return code

    return Office(workspace, SCHEDULE, run, lambda: False)


def test_it_says_what_comes_next_begins_its_ledger_and_stops_on_sigterm(tmp_path: Path) -> None:
    with start(tmp_path) as scheduler:
        assert scheduler.stdout
        lines = [scheduler.stdout.readline() for _ in range(3)]
        assert [line.split()[2] for line in lines] == ["nightly:", "health:", "monthly:"]
        assert [line.split()[-2] for line in lines] == ["01:30", "07:00", "08:00"]
        while not read_ledger(tmp_path):
            time.sleep(0.05)
        scheduler.send_signal(signal.SIGTERM)
        rest, _ = scheduler.communicate(timeout=30)
    assert scheduler.returncode == 0
    assert rest.splitlines()[-1].endswith("stopped")
    assert [line.job for line in read_ledger(tmp_path)] == ["schedule"], "nothing of the past is due"


@pytest.mark.drill
def test_only_one_runs_in_a_workspace(tmp_path: Path) -> None:
    with start(tmp_path) as first:
        assert first.stdout
        first.stdout.readline()
        second = diembao("schedule", "--data", str(tmp_path), code=2)
        assert "another `diembao schedule` is at work in it" in second.stderr
        first.kill()
    with start(tmp_path) as third:  # one that is killed holds nothing
        assert third.stdout
        assert "nightly: next at" in third.stdout.readline()
        third.terminate()


def test_job_under_way_is_stopped_and_tells_the_signal_from_an_end(tmp_path: Path) -> None:
    """The job is a real one: a scheduler run by the runner, which waits for its signal like a long night."""
    runner = JobRunner(["--data", str(tmp_path)])
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(runner.run(["schedule"])))
    thread.start()
    while not read_ledger(tmp_path):
        time.sleep(0.05)
    runner.stop()
    thread.join(timeout=30)
    assert codes == [0]
    assert runner.stopping


def test_job_that_hangs_is_ended_and_the_scheduler_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler_module, "_LONGEST_SECONDS", 4)
    runner = JobRunner(["--data", str(tmp_path)])
    assert runner.run(["schedule"]) in (0, 1, -15), "it ends for the signal, at whatever point it was"
    assert not runner.stopping


def test_wake_is_not_lost_and_not_piled_up() -> None:
    wake = Wake()
    for _ in range(100_000):  # more than a pipe holds
        wake.set()
    begun = time.monotonic()
    for _ in range(40):
        wake.wait(0.01)
    assert time.monotonic() - begun < 5


def test_machine_asleep_over_nights_does_the_missed_once_when_it_wakes(tmp_path: Path) -> None:
    ran: list[str] = []
    asleep = office(tmp_path, ran)
    with time_machine.travel(BEGIN, tick=False) as clock:
        asleep.work()
        for hours in (60, 1, 1):
            clock.shift(dt.timedelta(hours=hours))
            asleep.work()
    assert ran == ["nightly", "health"]
    (done,) = [line for line in read_ledger(tmp_path) if line.job == "nightly" and line.state == "done"]
    assert [str(night) for night in done.nights] == ["2027-03-11", "2027-03-12"]
    assert done.run == "run"


@pytest.mark.parametrize("hours", [-1, -30, -100, 1, 5])
def test_clock_that_is_set_does_each_night_once(hours: int, tmp_path: Path) -> None:
    ran: list[str] = []
    working = office(tmp_path, ran)
    with time_machine.travel(BEGIN, tick=False) as clock:
        working.work()
        for _ in range(48):
            clock.shift(dt.timedelta(hours=1))
            working.work()
        clock.shift(dt.timedelta(hours=hours))
        for _ in range(150):
            clock.shift(dt.timedelta(hours=1))
            working.work()
    nights = [night for line in read_ledger(tmp_path) for night in line.nights]
    assert len(nights) == len(set(nights))
    # So far back that the clock shows a time before the first start, it begins anew from there.
    assert nights == sorted(nights) or hours == -100
    assert nights[-1] == (BEGIN + dt.timedelta(hours=198 + hours)).date()


def test_clock_that_was_decades_ahead_for_an_hour_does_no_harm(tmp_path: Path) -> None:
    ran: list[str] = []
    working = office(tmp_path, ran)
    with time_machine.travel(BEGIN, tick=False) as clock:
        working.work()
        clock.move_to(BEGIN.replace(year=2041))
        note_night(tmp_path, SCHEDULE, dt.datetime.now(VIETNAM), 0, 1, "run")
        clock.move_to(BEGIN + dt.timedelta(hours=16))
        working.work()
        believed = [line for line in read_ledger(tmp_path) if line.at.year == 2027]
        assert [str(night) for line in believed for night in line.nights] == ["2027-03-11"]
        assert open_nights(read_ledger(tmp_path), SCHEDULE, dt.datetime.now(VIETNAM)) == ()


def test_clock_of_1970_begins_nothing(tmp_path: Path) -> None:
    ran: list[str] = []
    with time_machine.travel(dt.datetime(1970, 1, 2, tzinfo=VIETNAM), tick=False):
        office(tmp_path, ran).work()
    assert ran == []
    assert read_ledger(tmp_path) == []


def test_night_waits_while_somebody_holds_the_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran: list[str] = []
    working = office(tmp_path, ran)
    with time_machine.travel(BEGIN, tick=False) as clock:
        working.work()
        clock.move_to(BEGIN.replace(day=11, hour=2))
        with hold(tmp_path, "diembao doctor"):
            working.work()
            working.work()
        assert ran == []
        assert capsys.readouterr().out.count("the night of 2027-03-11 waits: held by `diembao doctor`") == 1
        working.work()
    assert ran == ["nightly"]


def test_torn_line_in_the_ledger_stops_nobody(tmp_path: Path) -> None:
    ran: list[str] = []
    with time_machine.travel(BEGIN, tick=False) as clock:
        office(tmp_path, ran).work()
        with journal.path_of(tmp_path, journal.JOBS).open("a") as file:
            file.write('{"job": "nightly", "for": "2027-03-1')
        clock.move_to(BEGIN.replace(day=11, hour=2))
        office(tmp_path, ran).work()
    assert ran == ["nightly"]


def test_failed_night_is_tried_three_times_and_covered_by_the_next(tmp_path: Path) -> None:
    ran: list[str] = []
    with time_machine.travel(BEGIN, tick=False) as clock:
        office(tmp_path, ran).work()
        clock.move_to(BEGIN.replace(day=11, hour=1, minute=30))
        failing = office(tmp_path, ran, code=2)
        for _ in range(120):
            failing.work()
            clock.shift(dt.timedelta(minutes=1))
        assert ran == ["nightly"] * 3
        failed = [line for line in read_ledger(tmp_path) if line.state == "failed"]
        assert [(line.at.minute, line.code) for line in failed] == [(30, 2), (45, 2), (0, 2)]
        clock.move_to(BEGIN.replace(day=12, hour=1, minute=30))
        office(tmp_path, ran).work()
    assert [len(line.nights) for line in read_ledger(tmp_path) if line.nights] == [2]


@pytest.mark.drill
def test_replay_and_single_outlets_are_no_nights_of_the_ledger(tmp_path: Path) -> None:
    note(tmp_path, Line("schedule", "2026-01-02", "begun", dt.datetime(2026, 1, 2, tzinfo=VIETNAM)))
    diembao("nightly", "--replay", str(SAMPLES / "night-2025-06.warc.gz"), "--data", str(tmp_path))
    assert [line.job for line in read_ledger(tmp_path)] == ["schedule"]
