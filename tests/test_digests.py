"""Two published files have the same digests exactly where they say the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT, SAMPLES
from tests.digests import FILE_COLUMNS, RUN_COLUMNS, differing, digests
from warehouse.published import published_path

CHANGES = {
    "a row more": ("INSERT INTO facet_values VALUES ('call', 'x', 'x', 'x')", ["facet_values"]),
    "a word": ("UPDATE outlets SET name = name || '.' WHERE outlet_id = 'vnexpress'", ["outlets"]),
    "the order of rows": (
        "CREATE TABLE t AS FROM feeds ORDER BY url DESC; DELETE FROM feeds; INSERT INTO feeds FROM t; DROP TABLE t",
        [],
    ),
}


@pytest.mark.drill
@pytest.mark.parametrize("change", CHANGES)
def test_any_change_is_noticed_and_the_order_of_rows_is_none(sample: Path, tmp_path: Path, change: str) -> None:
    file = Path(shutil.copy(published_path(sample), tmp_path))
    file.chmod(0o644)
    statement, changed = CHANGES[change]
    with duckdb.connect(str(file)) as connection:
        connection.execute(statement)
    assert set(changed) <= set(differing(digests(published_path(sample)), digests(file)))
    assert bool(changed) == bool(differing(digests(published_path(sample)), digests(file)))


@pytest.mark.slow
@pytest.mark.drill
def test_a_night_replayed_in_two_workspaces_says_the_same_apart_from_run_and_clock(tmp_path: Path) -> None:
    """design.md: the same input gives the same output, run ids and wall-clock columns aside."""
    workspaces = [tmp_path / "one", tmp_path / "other"]
    command = [sys.executable, "-m", "diembao", "nightly", "--replay", str(SAMPLES / "night-1.warc.gz"), "--data"]
    nights = [
        subprocess.Popen([*command, str(workspace)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for workspace in workspaces
    ]
    assert [night.wait() for night in nights] == [0, 0]
    one, other = (digests(published_path(workspace), RUN_COLUMNS | FILE_COLUMNS) for workspace in workspaces)
    assert differing(one, other) == []
