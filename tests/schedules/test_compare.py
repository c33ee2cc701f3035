"""A sent month against now: its frozen figures survive a kill and a rebuild, and each difference has its cause."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from config.load import PACKAGED, load_config
from reports.period import Month
from schedules.compare import SinceReported, since_reported
from tests.conftest import ROOT, SAMPLES, diembao, diembao_json
from warehouse import journal
from warehouse.compare import NotComparable
from warehouse.publish import publish
from warehouse.published import open_published
from warehouse.reviews import decide, items

MONTH = "2021-07"
JULY = Month(2021, 7)


@pytest.fixture
def reported(sample_copy: Path) -> Path:
    """A workspace whose July has been sent (kept in the outbox: no mail host is configured)."""
    diembao("monthly", MONTH, "--data", str(sample_copy))
    return sample_copy


def _since(workspace: Path, month: Month = JULY) -> SinceReported:
    edited = workspace / "config"
    found = since_reported(workspace, load_config(edited if edited.exists() else PACKAGED), month)
    for figure in found.figures:
        if figure.causes:
            difference = (figure.after or 0) - (figure.before or 0)
            assert sum(cause.difference for cause in figure.causes) == difference, figure
        else:
            measured = figure.figure.endswith(("].articles", "].stories")) and figure.before is not None
            counted = figure.figure.startswith("senses") and measured
            assert not counted, figure
        assert "unexplained" not in {cause.cause for cause in figure.causes}
    return found


def _causes(found: SinceReported) -> set[str]:
    return {cause.cause for figure in found.figures if figure.figure.endswith("].articles") for cause in figure.causes}


def _ask(workspace: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(open_published(workspace)) as connection:
        return connection.execute(query).fetchall()


def _decided(workspace: Path, item: str, decision: str) -> None:
    with closing(open_published(workspace)) as connection:
        decide(connection, workspace, item, decision, "Lê Mẫu", None)


def _unresolved(workspace: Path) -> str:
    with closing(open_published(workspace)) as connection:
        return next(
            item.item
            for item in items(connection)
            if item.ruled == "unresolved" and str(item.counted_on).startswith(MONTH)
        )


def test_a_month_sent_and_untouched_is_what_it_was(reported: Path) -> None:
    found = _since(reported)
    assert found.figures == ()
    assert found.unchanged > 200
    assert found.rules == found.rules_now
    told = diembao("compare", "--reported", MONTH, "--data", str(reported)).stdout
    assert f"{found.unchanged} figures are what they were; 0 are not" in told


@pytest.mark.drill
def test_a_month_that_was_not_sent_can_not_be_compared(reported: Path) -> None:
    with pytest.raises(NotComparable, match="no figures are kept of a monthly report of 2021-06"):
        since_reported(reported, load_config(PACKAGED), Month(2021, 6))
    done = diembao("compare", "--reported", "2021-06", "--data", str(reported), code=2)
    assert "`diembao monthly 2021-06` keeps them" in done.stderr


def test_decisions_since_are_told_by_what_they_changed(reported: Path) -> None:
    (moved,), (joined,) = _ask(
        reported,
        """SELECT min(article_id) FROM article_topics JOIN articles USING (article_id)
        WHERE is_target AND topic = 'portal' AND outlet_id IN ('tuoitre', 'vnexpress')
          AND strftime(counted_on, '%Y-%m') = '2021-07' GROUP BY outlet_id ORDER BY outlet_id""",
    )
    (other,) = _ask(
        reported,
        f"""SELECT max(article_id) FROM article_topics JOIN articles USING (article_id)
        WHERE is_target AND topic = 'portal' AND outlet_id = 'vietnamplus' AND article_id <> '{joined}'
          AND strftime(counted_on, '%Y-%m') = '2021-07'""",
    )[0]
    _decided(reported, _unresolved(reported), "nq68-2020")
    _decided(reported, f"published:{moved}", "2021-06-05T10:00")
    _decided(reported, f"story:{joined}", other)
    assert _since(reported).figures == (), "what is not published counts nowhere yet"
    publish(reported)
    found = _since(reported)
    assert _causes(found) == {"decision", "month"}
    by_name = {figure.figure: figure for figure in found.figures}
    assert [one.cause for one in by_name["coverage[press][nq68].articles"].causes] == ["decision"]
    assert "stories" in {one.cause for one in by_name["coverage[press][portal].stories"].causes}
    (reason,) = by_name["coverage[press][nq68].articles"].causes[0].reasons
    assert (reason.old_sense, reason.new_sense, reason.new_reason) == ("unresolved", "nq68-2020", "decided by Lê Mẫu")
    told = diembao_json("compare", "--reported", MONTH, "--data", str(reported))
    assert told["unchanged"] == found.unchanged


@pytest.mark.drill
def test_rules_that_changed_since_are_the_cause(reported: Path) -> None:
    diembao("init", str(reported))
    topics = reported / "config" / "topics.yaml"
    topics.write_text(topics.read_text("utf-8").replace("threshold: 0.6", "threshold: 0.97"), encoding="utf-8")
    diembao("process", "--data", str(reported))
    publish(reported)
    found = _since(reported)
    assert _causes(found) == {"rule"}
    assert found.rules != found.rules_now


@pytest.mark.drill
def test_a_night_since_brings_new_articles_and_other_texts(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path)]
    diembao("nightly", *data, "--replay", str(SAMPLES / "night-1.warc.gz"))
    for month in (MONTH, "2021-08"):
        diembao("monthly", month, *data)
    diembao("nightly", *data, "--replay", str(SAMPLES / "night-2.warc.gz"))
    # July: a known page says more; August: pages that nobody had seen.
    assert _causes(_since(tmp_path)) == {"text"}
    assert _causes(_since(tmp_path, Month(2021, 8))) == {"new"}


@pytest.mark.drill
def test_frozen_figures_are_published_and_outlive_a_rereading_of_the_archive(reported: Path) -> None:
    diembao("monthly", MONTH, "--data", str(reported))
    (line,) = journal.read(reported, journal.FIGURES)
    queries = (
        "SELECT * FROM reported_figures ORDER BY figure",
        "SELECT * FROM reported_articles ORDER BY ALL",
        "SELECT report_id, state FROM reports_sent ORDER BY written_at, state DESC",
    )
    publish(reported)
    before = [_ask(reported, query) for query in queries]
    assert len(before[0]) == len(line["figures"])
    assert len(before[1]) == len(line["articles"])
    assert before[2] == [(line["report_id"], "sending"), (line["report_id"], "kept")]
    diembao("process", "--all", "--data", str(reported))
    publish(reported)
    assert [_ask(reported, query) for query in queries] == before
    ((digest,),) = _ask(reported, "SELECT DISTINCT database_digest FROM reported_figures")
    assert len(digest) == 64


@pytest.mark.drill
def test_killed_between_mail_and_ledger_the_figures_are_there_once(sample_copy: Path) -> None:
    """kill -9 after the mail is in the outbox and before the ledger says so."""
    program = f"""
import os, signal, sys
import diembao
from reports import deliver
keep = deliver.keep
def kept_and_killed(*given):
    keep(*given)
    os.kill(os.getpid(), signal.SIGKILL)
deliver.keep = kept_and_killed
sys.argv = ["diembao", "monthly", "{MONTH}", "--data", {str(sample_copy)!r}]
diembao.main()
"""
    killed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=dict(os.environ), check=False)
    assert killed.returncode == -signal.SIGKILL
    (line,) = journal.read(sample_copy, journal.FIGURES)
    assert "unknown" in diembao("monthly", MONTH, "--data", str(sample_copy), code=1).stdout
    assert journal.read(sample_copy, journal.FIGURES) == [line]
    assert {entry["report_id"] for entry in journal.read(sample_copy, journal.MAIL)} == {line["report_id"]}
    assert len(list((sample_copy / "outbox").iterdir())) == 1
    # What may be with the recipient is what now is set against.
    assert _since(sample_copy).report_id == line["report_id"]
