"""A year on a fake clock: the real timer, ledger, periods and mail; only the crawl is left out."""

from __future__ import annotations

import datetime as dt
import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
import time_machine
from aiosmtpd.controller import Controller
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.base import BaseScheduler

from config.clock import VIETNAM
from config.load import PACKAGED, load_config
from config.schedule import Cut, Schedule
from reports.deliver import send
from reports.document import Summary
from reports.monthly import build_monthly
from reports.period import Month, parse_month
from schedules.due import AGAIN, NIGHT_AGAIN, send_time
from schedules.ledger import LedgerReader, now, read_ledger
from schedules.scheduler import Office, add_times, note_night
from tests.conftest import first_of
from tests.mailbox import Mailbox
from tests.reports.press import NOW, PLAN, REPORT, Press, fill
from warehouse import journal
from warehouse.settings import SESSION

START = dt.datetime(2027, 1, 1, 10, tzinfo=VIETNAM)
END = dt.datetime(2028, 1, 1, 10, tzinfo=VIETNAM)
DAY = dt.timedelta(days=1)
OUTAGES = 30


class PowerCut(BaseException):
    """Everything stops here, without a word."""


class ByHand(BaseScheduler):  # type: ignore[misc]
    """APScheduler without its thread: `process` does what the thread would do now, and says when it would wake next."""

    def wakeup(self) -> None:
        """Its thread is us."""

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)

    def process(self) -> dt.datetime:
        seconds = self._process_jobs()
        assert seconds is not None
        return now() + dt.timedelta(seconds=seconds)


class Machine:
    """A machine with a clock that we move. `fails(command)` gives a job's exit code; it may cut the power."""

    def __init__(
        self, workspace: Path, schedule: Schedule, clock: time_machine.Traveller, job: Callable[[Sequence[str]], int]
    ) -> None:
        self.workspace, self.schedule, self.clock, self.job = workspace, schedule, clock, job
        self.ledger = LedgerReader(workspace)
        self.ran: list[tuple[dt.datetime, tuple[str, ...], int | None]] = []

    def run(self, command: Sequence[str]) -> int:
        begun = now()
        try:
            code = self.job(command)
        except PowerCut:
            self.ran.append((begun, tuple(command), None))
            raise
        self.ran.append((begun, tuple(command), code))
        return code

    def up(self, until: dt.datetime) -> None:
        """Switched on now, and running until then or until the power is cut."""
        office = Office(self.workspace, self.schedule, self.run, lambda: False)
        timer = ByHand(timezone=VIETNAM, executors={"default": DebugExecutor()})
        add_times(timer, self.schedule, office.work)
        timer.start()
        try:
            office.work()
            while True:
                wakes = timer.process()
                if self.ledger.lines()[-1].state == "failed":  # the pulse, where it can matter
                    wakes = min(wakes, now() + NIGHT_AGAIN)
                if wakes >= until:
                    return
                self.clock.move_to(max(wakes, now()))
                office.work()
        except PowerCut:
            return
        finally:
            timer.shutdown()

    def later(self, minutes: float) -> None:
        self.clock.shift(dt.timedelta(minutes=minutes))


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """A small one: what is in it does not matter here."""
    path = tmp_path_factory.mktemp("press") / "coverage.duckdb"
    press = Press(path)
    fill(press)
    press.con.close()
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        connection.execute(SESSION)
        whole = build_monthly(connection, Month(2021, 7), REPORT, PLAN, NOW, relook_days=7)
    return replace(whole, sections=(), in_brief=())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    # A year of fsync takes seconds, and nothing here asks whether lines survive a power cut of this machine.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def settings(port: int, **changes: Any) -> Schedule:
    packaged = load_config(PACKAGED).schedule
    mail = packaged.mail.model_copy(
        update={"host": "127.0.0.1", "port": port, "security": "none", "attach": [], "timeout_seconds": 20}
    )
    return packaged.model_copy(update={"mail": mail, **changes})


def outages(chance: random.Random) -> list[tuple[dt.datetime, dt.datetime]]:
    """From a minute to twelve days; some begin with the night's crawl at work."""
    found: list[tuple[dt.datetime, dt.datetime]] = []
    while len(found) < OUTAGES:
        begin = START + (END - START) * chance.random()
        if chance.random() < 0.3:
            begin = begin.replace(hour=1, minute=40)
        end = begin + dt.timedelta(minutes=chance.choice((1, 30, 300, 1500, 4000, 17000)) * chance.uniform(0.5, 1))
        if (
            begin > START + DAY
            and end < END - 2 * DAY
            and not any(b <= end + DAY and begin <= e + DAY for b, e in found)
        ):
            found.append((begin, end))
    return sorted(found)


@pytest.mark.slow
@pytest.mark.parametrize("cut", first_of(1, ["15-14", "calendar"]))
def test_every_night_and_month_of_a_year_with_thirty_outages_is_done_once_in_order_and_for_its_days(
    cut: Cut,
    tmp_path: Path,
    clock: time_machine.Traveller,
    summary: Summary,
    mailbox: Mailbox,
    server: Controller,
) -> None:
    chance = random.Random(f"year {cut}")
    schedule = settings(server.port, period=cut)
    cuts = outages(chance)
    told: list[Month] = []

    def job(command: Sequence[str]) -> int:
        begun, left = now(), next((begin for begin, end in cuts if begin > now()), END) - now()
        if command[0] == "nightly":
            if left < dt.timedelta(minutes=40):
                raise PowerCut
            if chance.random() < 0.05:
                machine.later(5)
                return chance.choice((2, -9))
            machine.later(40)
            code = int(chance.random() < 0.2)
            note_night(tmp_path, schedule, begun, code, new=3, run=f"{begun:%Y%m%dT%H%M%SZ}")
            return code
        machine.later(1)
        if command[0] == "health":
            return int(chance.random() < 0.2)
        month = parse_month(command[1], cut)
        mailbox.answer = "451 later" if chance.random() < 0.3 else "250 OK"
        made = replace(summary, when=month, made_at=now(), title=f"Tháng {month}")
        delivered = send(tmp_path, made, schedule.mail, waits=(0, 0))
        told.extend([month] if delivered[0].state == "sent" else [])
        return int(delivered[0].state != "sent")

    machine = Machine(tmp_path, schedule, clock, job)
    for begin, end in cuts:
        machine.up(begin)
        clock.move_to(end)
    machine.up(END)

    nights = [night for line in read_ledger(tmp_path) for night in line.nights if line.state == "done"]
    assert nights == [START.date() + number * DAY for number in range(1, 366)]
    months = [Month(2027, number, cut) for number in range(1, 13)]
    # The year's last month ends with it, or began on the 15th of December.
    expected = [month for month in months if START < send_time(month, schedule) < END]
    assert told == expected
    assert len(mailbox.taken) == len(expected)
    assert all(before.last + DAY == after.first for before, after in pairwise(told))
    sent = [entry for entry in journal.read(tmp_path, journal.MAIL) if entry["state"] == "sent"]
    for month, entry in zip(told, sent, strict=True):
        late = dt.datetime.fromisoformat(entry["written_at"]) - send_time(month, schedule)
        down = sum((e - b for b, e in cuts if e > send_time(month, schedule) >= b - DAY), dt.timedelta())
        assert dt.timedelta() <= late <= down + 12 * AGAIN, f"{month}: {late}"
    assert len([1 for _, command, code in machine.ran if command[0] == "nightly" and code is None]) > 3, (
        "nights were cut"
    )
    assert len({entry[0].date() for entry in machine.ran if entry[1] == ("health",)}) > 250
