"""What a server is given: units that systemd accepts, and a backup that, restored as the docs say, is all there is."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config.clock import VIETNAM
from config.load import PACKAGED, load_config, write_editable
from schedules.due import newest_day
from schedules.ledger import Line, note
from tests.conftest import ROOT, diembao
from tests.digests import differing, digests
from warehouse.published import open_published, published_path
from warehouse.reviews import decide, items

DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_units_are_accepted_by_systemd(tmp_path: Path) -> None:
    """With a program and a user that this machine has; on the server `systemd-analyze verify` sees those named."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/diembao/venv/bin/diembao", "/bin/true")
        (tmp_path / unit.name).write_text(re.sub("(?m)^(User|Group)=.*", r"\1=root", text), encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_units_run_commands_of_ours_and_give_a_job_the_time_to_stop() -> None:
    commands = {m for unit in UNITS for m in re.findall(r"(?m)^ExecStart=\S+/diembao (\w+)", unit.read_text("utf-8"))}
    assert commands == {"schedule", "status", "health"}
    service = (DEPLOY / "diembao.service").read_text(encoding="utf-8")
    # Otherwise systemd would tell the crawl as well, and its exit code would come before ours knows why.
    assert "\nKillMode=mixed\n" in service
    seconds = re.search(r"(?m)^TimeoutStopSec=(\d+)$", service)
    assert seconds
    assert int(seconds[1]) > 120


def block(heading: str) -> str:
    """The first commands under a heading of docs/operations.md."""
    found = re.search(rf"(?ms)^#+ {re.escape(heading)}$.*?^```\n(.*?)^```$", OPERATIONS)
    assert found, f"docs/operations.md has no commands under '{heading}'"
    return found[1]


@pytest.mark.drill
@pytest.mark.slow
def test_workspace_that_is_backed_up_and_restored_as_the_docs_say_is_the_same(
    sample_copy: Path, tmp_path: Path
) -> None:
    _live(sample_copy)
    before = digests(published_path(sample_copy))
    kept = _kept(sample_copy)
    restored, backup = tmp_path / "elsewhere" / "workspace", tmp_path / "backup.tar"
    for heading, folder in (("Backup", sample_copy), ("Restore", restored)):
        commands = block(heading).replace("DATA", str(folder)).replace("BACKUP", str(backup))
        commands = commands.replace("diembao ", f"{ROOT / '.venv/bin/python'} -m diembao ")
        done = subprocess.run(["sh", "-ec", commands], cwd=ROOT, text=True, capture_output=True, check=False)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert not published_path(sample_copy).samefile(published_path(restored))
    assert differing(digests(published_path(restored)), before) == []
    assert _kept(restored) == kept
    again = diembao("monthly", "2021-07", "--send", "--data", str(restored)).stdout
    assert "nothing done now" in again
    assert _kept(restored) == kept, "no mail is sent again"
    diembao("status", "--data", str(restored))
    diembao("archive", "verify", "--data", str(restored))


def _live(workspace: Path) -> None:
    """With a configuration, a decision, a report that was sent, and a scheduler's ledger; all of it published."""
    write_editable(workspace / "config")
    connection = open_published(workspace)
    decide(connection, workspace, items(connection, decided=False)[0].item, "none", "Lê Mẫu", "restore")
    connection.close()
    diembao("monthly", "2021-07", "--send", "--data", str(workspace))
    diembao("publish", "--data", str(workspace))
    now = dt.datetime.now(VIETNAM)
    tonight = newest_day(load_config(PACKAGED).schedule.nightly_at, now)
    note(workspace, Line("schedule", "", "begun", now - dt.timedelta(days=1)))
    nights = (tonight - dt.timedelta(days=1), tonight)
    note(workspace, Line("nightly", str(tonight), "done", now, 0, nights, 5, "run"))


def _kept(workspace: Path) -> dict[str, bytes]:
    """All that can't be made anew, byte for byte; locks are no content."""
    folders = ("archive", "journal", "outbox", "sent", "config")
    files = [file for folder in folders for file in (workspace / folder).rglob("*") if file.is_file()]
    return {
        file.relative_to(workspace).as_posix(): file.read_bytes()
        for file in files
        if file.suffix != ".lock" and not file.name.startswith("index.sqlite")
    }
