"""The house stands as designed, and the wheel carries all it needs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, SAMPLES

ROOMS = ("config", "archive", "crawler", "nlp", "warehouse", "pipeline", "reports", "schedules")


def test_no_room_imports_the_front_door() -> None:
    users = [
        str(file)
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
        if any(line.startswith(("import diembao", "from diembao")) for line in file.read_text("utf-8").splitlines())
    ]
    assert users == []


def test_lock_has_a_hash_for_everything_and_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert entries
    assert all("==" in line and line.endswith("\\") for line in entries)
    assert "http" not in "".join(line for line in lock.splitlines() if "--" in line)


@pytest.mark.slow
@pytest.mark.drill
def test_wheel_runs_by_itself_with_its_configuration_sql_and_templates(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    for room, endings in {
        "config": (".yaml", ".csv"),
        "warehouse": (".sql", ".yaml"),
        "archive": (".sql",),
        "reports": (".sql", ".j2", ".typ"),
    }.items():
        for ending in endings:
            files = {file.relative_to(ROOT).as_posix() for file in (ROOT / room).rglob(f"*{ending}")}
            assert files
            assert files <= inside
    home = tmp_path / "home"
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", str(home), str(wheel)], check=True)
    environment = {**os.environ, "PYTHONPATH": str(home)}
    for command in (
        ["nightly", "--replay", str(SAMPLES / "night-1.warc.gz"), "--data", "d"],
        ["monthly", "2021-07", "--preview", "--data", "d"],
    ):
        where = [sys.executable, "-c", "import diembao; print(diembao.__file__)"]
        found = subprocess.run(where, cwd=tmp_path, env=environment, text=True, capture_output=True, check=True)
        assert found.stdout.startswith(str(home))
        run = [sys.executable, "-m", "diembao", *command]
        done = subprocess.run(run, cwd=tmp_path, env=environment, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
