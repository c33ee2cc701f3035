"""Past months from sitemaps, on a press that has some: every page once however often the run is killed, what figures
then say, and what is said of months, sitemaps and pages that can't be had."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.manifest import archive_files
from archive.read import Record, read_warc
from archive.verify import verify
from config.load import load_config
from reports.document import Paragraph
from reports.monthly import build_monthly
from reports.period import parse_month
from reports.queries import Result
from reports.scope import is_retrospective, limits
from schedules.backfill import BadMonths, months_between
from tests.conftest import ROOT, first_of
from tests.faults.pastpress import MONTHS, PastPress, page, running_past_press
from tests.faults.press import Reply
from tests.faults.server import VIETNAM
from warehouse.published import open_published

THREE = ("2020-12", "2021-01", "2021-02")
KILLS = first_of(1, [(5, "kill"), *((25, f"drill {n}") for n in range(4))])


@pytest.fixture
def press() -> Iterator[PastPress]:
    with running_past_press(THREE) as press:
        yield press


def start(config: Path, workspace: Path, *more: str, first: str, last: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "diembao", "backfill", "--from", first, "--to", last, "--jobs", "1"]
    command += ["--config", str(config), "--data", str(workspace), *more]
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def run(
    press: PastPress, workspace: Path, *more: str, code: int = 0, outlet: str | None = None, **manners: Any
) -> tuple[Any, str]:
    """One run over the press's months: what it says with --json (None where nothing was done), and on stderr."""
    config = workspace / "config"
    if not config.exists():
        press.write_config(config, **manners)
    outlets = [part for name in press.outlets if outlet in (None, name) for part in ("--outlet", name)]
    running = start(config, workspace, "--json", *outlets, *more, first=press.months[0], last=press.months[-1])
    told, trouble = running.communicate()
    assert running.returncode == code, f"exit code {running.returncode}: {told[-3000:]}\n{trouble[-3000:]}"
    return (json.loads(told) if told else None), trouble


def pages(workspace: Path) -> Counter[str]:
    """How often the archive holds each page."""
    records = (item for file in archive_files(workspace / "archive") for item in read_warc(file))
    captures = (item.capture for item in records if isinstance(item, Record) and item.capture)
    return Counter(capture.url for capture in captures if capture.kind == "page")


@pytest.mark.slow
@pytest.mark.parametrize(("kills", "seed"), KILLS)
def test_fourteen_months_of_two_outlets_are_had_once_through_kills_and_told_as_retrospective(
    kills: int, seed: str, tmp_path: Path
) -> None:
    chance = random.Random(f"{os.environ.get('DIEMBAO_DRILL_SEED', 'backfill')} {seed}")
    with running_past_press() as press:
        for outlet in press.outlets.values():
            for reply in outlet.replies.values():
                assert isinstance(reply, Reply)
                reply.wait = 0.02
        config = press.write_config(tmp_path / "config")
        outlets = [part for name in press.outlets for part in ("--outlet", name)]
        for _ in range(kills):
            running = start(config, tmp_path, *outlets, first=MONTHS[0], last=MONTHS[-1])
            _wait_for(press, chance.randint(1, 100 // kills), chance, running)
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
        done, _ = run(press_of(press), tmp_path)
        asked = press.asked("^/bai-")

    assert pages(tmp_path) == press.pages
    assert asked.total() <= len(press.pages) + kills * len(press.outlets), "at most what was in flight is asked again"
    assert verify(tmp_path).findings == ()
    assert [(row["listed"], row["held"], row["state"]) for row in done["progress"]] == [(3, 3, "whole")] * 28
    assert [(left["listed"], left["unread"], left["nights"]) for left in done["remaining"]] == [(0, 0, 0)] * 2
    _check_figures(tmp_path, config)


def press_of(press: PastPress) -> PastPress:
    """The press, quick again."""
    for outlet in press.outlets.values():
        for reply in outlet.replies.values():
            assert isinstance(reply, Reply)
            reply.wait = 0
    return press


def _wait_for(press: PastPress, requests: int, chance: random.Random, running: subprocess.Popen[str]) -> None:
    """Until so many requests have come, or for a time: then the crawl may be over, and the run reads or publishes."""
    asked = sum(len(outlet.asked) for outlet in press.outlets.values())
    late = time.monotonic() + chance.choice((3, 5, 30))
    while time.monotonic() < late and running.poll() is None:
        if sum(len(outlet.asked) for outlet in press.outlets.values()) >= asked + requests:
            time.sleep(chance.uniform(0, 0.05))
            return
        time.sleep(0.01)


def _check_figures(workspace: Path, config: Path) -> None:
    settings = load_config(config)
    with closing(open_published(workspace)) as connection:
        board = connection.execute(
            "SELECT month, articles, collection, completeness FROM coverage_monthly"
            " WHERE topic = 'portal' AND is_target ORDER BY month"
        ).fetchall()
        assert board == [(month, 6, "backfill", None) for month in MONTHS]
        plan = connection.execute(
            "SELECT month, articles, state FROM plan_progress WHERE activity_id = 'II.1' ORDER BY month"
        ).fetchall()
        assert plan == [(month, 6, "shown") for month in MONTHS]
        # Nothing of it looks like a day that was watched, or like the outlet's last crawl of its news.
        assert connection.execute("SELECT count(*) FROM outlet_days WHERE watched OR announced > 0").fetchone() == (0,)
        assert connection.execute("SELECT DISTINCT state FROM outlet_health").fetchall() == [("never crawled",)]
        for month in map(parse_month, MONTHS):
            assert is_retrospective(limits(connection, month, ["portal"])), month
            found = Result(connection, "backfilled", first=month.first, last=month.last).row()
            assert (found["held"], found["listed"]) == (6, 6)
        now = dt.datetime.now(dt.UTC)
        summary = build_monthly(connection, parse_month("2021-12"), settings.report, settings.plan, now, relook_days=0)
    said = [block.text for section in summary.sections for block in section.blocks if isinstance(block, Paragraph)]
    assert any(text.startswith("Số liệu hồi cứu, thu thập ngày") for text in said)
    (measured,) = [text for text in said if text.startswith("Hồi cứu theo sơ đồ trang")]
    assert "của 2 nguồn: lưu giữ 100,0% (6/6 tin, bài được sơ đồ trang liệt kê cho kỳ)" in measured
    assert any("không thu thập trong kỳ: 0 nguồn; thu thập hồi cứu: 2 nguồn" in text for text in said)
    shown = [cell.text for cell in _rows(summary, "II.1")]
    assert any("kỳ: báo chí 6" in text and "lũy kế: báo chí 84" in text for text in shown)


def _rows(summary: Any, key: str) -> list[Any]:
    tables = [block for section in summary.sections for block in section.blocks if hasattr(block, "rows")]
    return [cell for table in tables for row in table.rows if row.cells[0].text == key for cell in row.cells]


@pytest.mark.drill
def test_a_budget_a_run_takes_the_oldest_month_first_and_what_is_left_is_said(press: PastPress, tmp_path: Path) -> None:
    monthly = press.outlets["baothang"]
    elsewhere = page(monthly.url("/bai-20201203.html"), dt.datetime(2020, 11, 30, 9, tzinfo=VIETNAM))
    monthly.replies["/bai-20201203.html"] = elsewhere
    first, _ = run(press, tmp_path, "--pages", "4", outlet="baothang")
    progress = [(row["month"], row["listed"], row["held"], row["left_over"]) for row in first["progress"]]
    assert progress == [("2020-12", 3, 3, 0), ("2021-01", 3, 1, 2), ("2021-02", 0, 0, 0)]
    assert first["progress"][0]["elsewhere"] == 1
    assert [row["state"] for row in first["progress"]] == ["whole", "under way", "under way"]
    (left,) = first["remaining"]
    assert (left["listed"], left["unread"], left["estimated"], left["a_night"], left["nights"]) == (2, 1, 3, 4, 2)
    second, _ = run(press, tmp_path, "--pages", "4", outlet="baothang")
    assert [row["left_over"] for row in second["progress"]] == [0, 0, 1]
    (left,) = second["remaining"]
    assert (left["listed"], left["unread"], left["nights"]) == (1, 0, 1)
    # A month that is finished is not even looked up again.
    assert [path for path, _ in monthly.asked].count("/sitemaps/news-2020-12.xml") == 1


def test_an_outlet_whose_sitemaps_name_no_month_is_refused_in_a_line(press: PastPress, tmp_path: Path) -> None:
    monthly = press.outlets["baothang"]
    for path in [path for path in monthly.replies if path.startswith("/sitemaps/")]:
        del monthly.replies[path]
    monthly.replies["/sitemaps/google-news.xml"] = Reply(b"<urlset></urlset>")
    press.index(monthly, "/sitemaps/google-news.xml")
    done, trouble = run(press, tmp_path, code=2, outlet="baothang")
    assert done is None
    assert "baothang: nothing to collect: it names no sitemap for any month from 2020-12 to 2021-02" in trouble


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2021-12", "2020-11", "lies before --from"),
        ("2021-13", "2021-12", "is no month"),
        ("thang 1", "2021-12", "is no month"),
        ("2021-01", "2026-12", "is not over"),
        ("2000-01", "2026-11", "at most"),
    ],
)
def test_months_that_are_none_are_refused(first: str, last: str, said: str) -> None:
    with pytest.raises(BadMonths, match=said):
        months_between(first, last, dt.date(2026, 12, 1))


def test_months_between_has_both_ends() -> None:
    assert months_between("2020-11", "2021-12", dt.date(2026, 12, 1)) == MONTHS
