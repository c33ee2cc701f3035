"""The crawl against a press that misbehaves: every healthy article is collected, and each fault is named."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from archive.verify import verify
from tests.conftest import ROOT
from tests.faults.faults import FAULTS, Fault
from tests.faults.server import FaultPress, running_fault_press

PAGES = 20


@dataclass
class Suite:
    press: FaultPress
    workspace: Path
    config: Path
    code: int
    outlets: dict[str, Any]
    peak_mb: float

    def crawl_again(self) -> subprocess.CompletedProcess[str]:
        return _crawl(self.config, self.workspace)


def _crawl(config: Path, workspace: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "diembao", "crawl", "--json", "--config", str(config), "--data", str(workspace)]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    folder = tmp_path_factory.mktemp("faults")
    with running_fault_press(healthy=5, pages=PAGES) as press:
        press.write_config(folder / "config")
        done = _crawl(folder / "config", folder / "data")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        outlets = json.loads(done.stdout)["outlets"]
        yield Suite(press, folder / "data", folder / "config", done.returncode, outlets, peak)


def test_every_article_of_a_healthy_outlet_is_collected(suite: Suite) -> None:
    collected = {outlet.id: dict(suite.outlets[outlet.id]["pages"]) for outlet in suite.press.healthy}
    assert collected == {outlet.id: {"fetched": PAGES} for outlet in suite.press.healthy}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_fault_is_named_and_harms_nothing_beside_it(suite: Suite, fault: Fault) -> None:
    (outlet,) = (outlet for outlet, played in suite.press.faulty if played is fault)
    record = suite.outlets[outlet.id]
    reasons = {reason.partition(": ")[2] for reason in record["reasons"]}
    reasons |= {source["reason"] for source in record["source_problems"]}
    assert fault.expect.met_by(record["pages"].get("fetched", 0), reasons), (record, fault.expect)
    gaps = suite.press.gaps(outlet.id)
    # A request that waited for a busy machine to take it in comes nearer to the next one; half of them don't.
    assert all(gap > fault.expect.gap_seconds - 0.4 for gap in gaps)
    assert median(gaps or [fault.expect.gap_seconds]) > fault.expect.gap_seconds - 0.1


def test_what_must_not_be_asked_is_not_asked(suite: Suite) -> None:
    assert suite.press.forbidden() == []


def test_one_request_at_a_time_is_sent_to_a_host(suite: Suite) -> None:
    assert set(suite.press.max_concurrency.values()) <= {0, 1}


def test_run_ends_with_exit_code_1_and_stays_small(suite: Suite) -> None:
    assert suite.code == 1
    assert suite.peak_mb < 600


def test_archive_of_the_run_is_whole(suite: Suite) -> None:
    assert not verify(suite.workspace).errors


@pytest.mark.drill
def test_second_run_against_the_frozen_press_says_so_for_each_healthy_outlet(suite: Suite) -> None:
    again = suite.crawl_again()
    assert again.returncode == 1
    outlets = json.loads(again.stdout)["outlets"]
    for outlet in suite.press.healthy:
        assert any(alarm.startswith("nothing new since ") for alarm in outlets[outlet.id]["alarms"])
        assert outlets[outlet.id]["pages"] == {"known": PAGES}
