"""`make wheelhouse`, then an installation with no network at all: the program runs and replays a night."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, SAMPLES

pytestmark = [pytest.mark.drill, pytest.mark.slow]


@pytest.mark.timeout(900)
def test_wheelhouse_installs_into_an_empty_environment_without_a_network(tmp_path: Path) -> None:
    wheelhouse, venv, data = tmp_path / "wheelhouse", tmp_path / "venv", tmp_path / "data"
    subprocess.run(["make", "wheelhouse", f"WHEELHOUSE={wheelhouse}"], cwd=ROOT, check=True)
    assert not list(wheelhouse.glob("*.tar.gz")), "nothing is left to be built there"
    assert not list(wheelhouse.glob("pytest*")), "nor to be developed"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    # Nobody listens there: whoever asks a network fails.
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PIP_NO_INDEX": "1"} | nowhere
    pip = [str(venv / "bin" / "pip"), "install", "--quiet", "--no-deps", "--find-links", str(wheelhouse)]
    for what in (["--require-hashes", "-r", str(wheelhouse / "requirements.txt")], ["diembao"]):
        subprocess.run([*pip, *what], cwd=tmp_path, env=environment, check=True)
    program = str(venv / "bin" / "diembao")
    subprocess.run([str(venv / "bin" / "pip"), "check"], cwd=tmp_path, env=environment, check=True)
    shown = subprocess.run(
        [program, "--help"], cwd=tmp_path, env=environment, check=True, text=True, capture_output=True
    )
    assert "schedule" in shown.stdout
    replay = [program, "nightly", "--replay", str(SAMPLES / "night-1.warc.gz"), "--data", str(data), "--json"]
    night = subprocess.run(replay, cwd=tmp_path, env=environment, check=True, text=True, capture_output=True)
    assert json.loads(night.stdout)["totals"]["articles"] == 64
    for command in (["monthly", "2021-07", "--preview"], ["status"], ["health"], ["archive", "verify"]):
        subprocess.run([program, *command, "--data", str(data)], cwd=tmp_path, env=environment, check=True)
