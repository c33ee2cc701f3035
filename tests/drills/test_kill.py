"""kill -9 at a random moment of a crawl of forty hosts, then the next run: nothing is lost, nothing is there twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from archive.manifest import archive_files
from archive.read import Record, read_warc
from archive.verify import verify
from tests.conftest import ROOT
from tests.faults.server import FaultPress

pytestmark = pytest.mark.slow

HOSTS, PAGES = 40, 8
#: `make drills` asks for fifty.
KILLS = int(os.environ.get("DIEMBAO_KILLS", "5"))


@pytest.fixture(scope="module")
def undisturbed_seconds(press: FaultPress, config: Path, tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long the crawl takes when nobody kills it."""
    workspace = tmp_path_factory.mktemp("undisturbed")
    begin = time.monotonic()
    _crawl(config, workspace).wait()
    taken = time.monotonic() - begin
    assert _pages(workspace) == _announced(press)
    return taken


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_crawl_is_resumed_without_loss_or_repetition(
    number: int, press: FaultPress, config: Path, undisturbed_seconds: float, tmp_path: Path
) -> None:
    chance = random.Random(f"{os.environ.get('DIEMBAO_DRILL_SEED', 'kill')} {number}")
    moment = chance.uniform(0, 0.7 * undisturbed_seconds)
    victim = chance.choice(("both processes", "the run", "the crawl"))
    killed = _crawl(config, tmp_path)
    time.sleep(moment)
    assert killed.poll() is None, f"the crawl ended before {moment:.2f} s; nothing was killed"
    _kill(killed, victim)
    killed.wait()
    resumed = _crawl(config, tmp_path)
    told = resumed.communicate()[0]
    whose = f"{victim} killed after {moment:.2f} s of {undisturbed_seconds:.2f}"
    whose += f"\n{told[-2000:]}"
    assert resumed.returncode in (0, 1), whose
    assert _pages(tmp_path) == _announced(press), whose
    assert verify(tmp_path).findings == (), whose


def _crawl(config: Path, workspace: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "diembao", "crawl", "--config", str(config), "--data", str(workspace)]
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )


def _kill(run: subprocess.Popen[str], victim: str) -> None:
    if victim == "both processes":
        os.killpg(run.pid, signal.SIGKILL)
        return
    child = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
    os.kill(int(child[0]) if victim == "the crawl" and child else run.pid, signal.SIGKILL)


def _pages(workspace: Path) -> Counter[str]:
    """How often the archive holds each page."""
    records = (item for file in archive_files(workspace / "archive") for item in read_warc(file))
    captures = (item.capture for item in records if isinstance(item, Record) and item.capture)
    return Counter(capture.url for capture in captures if capture.kind == "page")


def _announced(press: FaultPress) -> Counter[str]:
    return Counter(outlet.url(f"/bai-{number}.html") for outlet in press.healthy for number in range(1, PAGES + 1))
