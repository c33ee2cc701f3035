"""The scheduler stopped or killed in the middle of a live night: the next start goes on, and the night is done once."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive.manifest import archive_files
from archive.read import Record, read_warc
from archive.verify import verify
from archive.workspace import holder
from config.clock import VIETNAM
from schedules.ledger import Line, note, read_ledger
from tests.conftest import ROOT, first_of
from tests.faults.server import FaultPress

pytestmark = pytest.mark.slow

HOSTS, PAGES = 5, 8
#: The first is of `make test`; `make drills` does all.
MOMENTS = first_of(1, range(20))
_WAYS = ("told to stop", "scheduler killed", "all killed")


@pytest.fixture(scope="module")
def undisturbed_seconds(config: Path, tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long the night takes, from its first moment to its line in the ledger."""
    workspace = tmp_path_factory.mktemp("undisturbed")
    with _scheduler(config, workspace) as scheduler:
        begun = time.monotonic()
        _until(lambda: _nights(workspace), scheduler)
        taken = time.monotonic() - begun
        _stop(scheduler)
    return taken


@pytest.mark.parametrize("number", MOMENTS)
def test_night_that_was_cut_is_done_once_by_the_next_start(
    number: int, press: FaultPress, config: Path, undisturbed_seconds: float, tmp_path: Path
) -> None:
    chance = random.Random(f"{os.environ.get('DIEMBAO_DRILL_SEED', 'schedule')} {number}")
    moment, way = chance.uniform(0.05, 0.8) * undisturbed_seconds, _WAYS[number % 3]
    with _scheduler(config, tmp_path) as first:
        time.sleep(moment)
        assert first.poll() is None
        night = _child(first)
        if way == "told to stop":
            _stop(first)
        else:
            first.kill()
            if way == "all killed":
                os.killpg(night, signal.SIGKILL)
            first.wait()
    whose = f"{way} after {moment:.2f} s of {undisturbed_seconds:.2f}"
    states = [line.state for line in read_ledger(tmp_path) if line.job == "nightly"]
    assert states in (["begun", "stopped"], ["begun", "done"]) if way == "told to stop" else states[:1] == ["begun"], (
        whose
    )

    with _scheduler(config, tmp_path) as second:
        _until(lambda: _nights(tmp_path) and holder(tmp_path) is None, second)
        _stop(second)
    assert _nights(tmp_path) == [_tonight()], whose
    ran = [line.state for line in read_ledger(tmp_path) if line.job == "nightly"].count("begun")
    # A night that outlives its scheduler is waited for, unless it was killed before the night held the workspace.
    assert ran == 2 or (ran == 1 and (way == "scheduler killed" or states == ["begun", "done"])), whose
    expected = Counter(outlet.url(f"/bai-{page}.html") for outlet in press.healthy for page in range(1, PAGES + 1))
    assert _pages(tmp_path) == expected, whose
    assert verify(tmp_path).findings == (), whose


@contextlib.contextmanager
def _scheduler(config: Path, workspace: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler in whose ledger tonight's night is open, and nothing else; it has begun it, or waits for one."""
    if not read_ledger(workspace):
        now = dt.datetime.now(VIETNAM)
        note(workspace, Line("schedule", "start", "begun", now - dt.timedelta(days=1)))
        note(workspace, Line("health", f"{now:%Y-%m-%d}", "done", now))
        note(workspace, Line("health", f"{now - dt.timedelta(days=1):%Y-%m-%d}", "done", now))
    command = [sys.executable, "-m", "diembao", "schedule", "--config", str(config), "--data", str(workspace)]
    path = workspace.parent / f"{workspace.name}.log"
    with path.open("wb") as log:
        scheduler = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        # Before it says so, it is still being loaded and ends as any program does that is told to.
        _until(lambda: "nightly: next at" in path.read_text(encoding="utf-8"), scheduler)
        _until(lambda: any(line.job == "nightly" for line in read_ledger(workspace)), scheduler)
        yield scheduler
    finally:
        if scheduler.poll() is None:
            scheduler.kill()
            scheduler.wait()


def _until(met: Callable[[], object], scheduler: subprocess.Popen[bytes]) -> None:
    late = time.monotonic() + 150
    while not met():
        assert scheduler.poll() is None
        assert time.monotonic() < late
        time.sleep(0.05)


def _stop(scheduler: subprocess.Popen[bytes]) -> None:
    scheduler.terminate()
    assert scheduler.wait(60) == 0


def _child(scheduler: subprocess.Popen[bytes]) -> int:
    """The night's process; it leads a session of its own."""
    children = Path(f"/proc/{scheduler.pid}/task/{scheduler.pid}/children")
    _until(lambda: children.read_text().split(), scheduler)
    return int(children.read_text().split()[0])


def _tonight() -> dt.date:
    now = dt.datetime.now(VIETNAM)
    return now.date() if (now.hour, now.minute) >= (1, 30) else now.date() - dt.timedelta(days=1)


def _nights(workspace: Path) -> list[dt.date]:
    return [night for line in read_ledger(workspace) for night in line.nights]


def _pages(workspace: Path) -> Counter[str]:
    records = (item for file in archive_files(workspace / "archive") for item in read_warc(file))
    captures = (item.capture for item in records if isinstance(item, Record) and item.capture)
    return Counter(capture.url for capture in captures if capture.kind == "page")
