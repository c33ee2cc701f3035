"""Figures that were sent are frozen: under names that hold, once for the same content, and before the mail leaves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports import deliver
from reports.deliver import send
from reports.document import Summary
from reports.frozen import figures, sense_figures
from reports.monthly import build_monthly
from reports.period import Month
from tests.reports.press import NOW, PLAN, REPORT
from tests.reports.test_deliver import KSTT, SECOND, settings
from warehouse import journal


def kept(workspace: Path) -> list[dict[str, Any]]:
    return journal.read(workspace, journal.FIGURES)


def sent(workspace: Path) -> list[tuple[str, str]]:
    return [(entry["state"], entry["report_id"]) for entry in journal.read(workspace, journal.MAIL)]


# October 2020 is before our first night: its report says so, and prints the registry and little else.
@pytest.mark.parametrize(
    ("month", "at_least"),
    [((2021, 7), 100), ((2020, 11), 50), ((2020, 12), 20), ((2021, 6), 50), ((2020, 10), 10), ((2022, 2), 20)],
    ids=str,
)
def test_figures_have_names_without_days(
    published: duckdb.DuckDBPyConnection, month: tuple[int, int], at_least: int
) -> None:
    found = figures(build_monthly(published, Month(*month), REPORT, PLAN, NOW, relook_days=7))
    assert len(found) > at_least
    assert not [name for name in found if re.search(r"\d{4}-\d{2}", name)]


def test_names_are_the_same_from_month_to_month(published: duckdb.DuckDBPyConnection, july: Summary) -> None:
    # August has no data: what it prints all the same has July's names.
    august = figures(build_monthly(published, Month(2021, 8), REPORT, PLAN, NOW, relook_days=7))
    names = set(figures(july))
    assert {name for name in august if name.startswith(("senses", "plan", "registry", "runs"))} <= names
    assert figures(july)["coverage[press][portal].articles"] == 5
    assert figures(july)["coverage@before[press][portal].articles"] == 1


def test_a_line_holds_figures_articles_rules_and_database(tmp_path: Path, july: Summary) -> None:
    send(tmp_path, july, settings(host=None))
    (line,) = kept(tmp_path)
    assert line["figures"] == figures(july)
    assert (line["report"], line["period"]) == ("monthly", "2021-07")
    assert {"report_id", "reported_at", "rules", "database_digest", "decided_until", "collected_until"} <= line.keys()
    assert sent(tmp_path) == [("sending", line["report_id"]), ("kept", line["report_id"])]


def test_the_articles_of_a_line_are_what_its_figures_count(tmp_path: Path, july: Summary) -> None:
    send(tmp_path, july, settings(host=None))
    (line,) = kept(tmp_path)
    counted: dict[tuple[str, str, str, bool], list[dict[str, Any]]] = {}
    for article in line["articles"]:
        key = article["outlet_kind"], article["topic"], article["sense"], article["is_target"]
        counted.setdefault(key, []).append(article)
    assert len(counted) > 4
    for (kind, topic, sense, is_target), articles in counted.items():
        stories = {article["story_id"] for article in articles if article["story_begins"]}
        for measure, number in (("articles", len(articles)), ("stories", len(stories))):
            for name in sense_figures(kind, topic, sense, measure, is_target):
                assert line["figures"][name] == number, name
    zero = {name for name, value in line["figures"].items() if name.startswith("senses") and value == 0}
    named = {name for key in counted for name in sense_figures(*key[:3], "articles", key[3])}
    assert not zero & named


def test_a_preview_and_an_earlier_sending_freeze_nothing(tmp_path: Path, july: Summary) -> None:
    deliver.preview(tmp_path, july)
    assert kept(tmp_path) == []
    for _ in range(2):
        send(tmp_path, july, settings(host=None))
    assert len(kept(tmp_path)) == 1


def test_the_same_content_is_one_report_and_another_is_another(
    tmp_path: Path, published: duckdb.DuckDBPyConnection, july: Summary
) -> None:
    send(tmp_path, july, settings(host=None))
    again = build_monthly(published, Month(2021, 7), REPORT, PLAN, NOW.replace(day=9), relook_days=7)
    send(tmp_path, again, settings(host=None, recipients=[KSTT, SECOND]))
    assert len(kept(tmp_path)) == 1
    assert len({report_id for _, report_id in sent(tmp_path)}) == 1
    june = build_monthly(published, Month(2021, 6), REPORT, PLAN, NOW, relook_days=7)
    send(tmp_path, june, settings(host=None))
    assert len({line["report_id"] for line in kept(tmp_path)}) == 2


@pytest.mark.parametrize("step", ["write_durably", "keep"])
def test_a_stop_around_the_mail_leaves_its_figures_and_writes_them_once(
    step: str, tmp_path: Path, july: Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deliver, step, stop)
    with pytest.raises(KeyboardInterrupt):
        send(tmp_path, july, settings(host=None))
    assert len(kept(tmp_path)) == 1
    monkeypatch.undo()
    (done,) = send(tmp_path, july, settings(host=None))
    # Before the mail nothing was noted and it is sent now; in the middle of it nobody knows.
    assert done.state == {"write_durably": "kept", "keep": "unknown"}[step]
    (line,) = kept(tmp_path)
    assert {report_id for _, report_id in sent(tmp_path)} == {line["report_id"]}


def test_an_unknown_mail_stays_with_the_figures_it_told(
    tmp_path: Path, published: duckdb.DuckDBPyConnection, july: Summary
) -> None:
    entry = {"report": "monthly", "period": "2021-07", "recipient": KSTT, "state": "sending", "message_id": "<x@y>"}
    written = {"written_at": "2021-08-04T08:00:00+07:00", "detail": "", "report_id": "earlier"}
    journal.append(tmp_path, journal.MAIL, entry | written)
    send(tmp_path, july, settings(host=None))
    assert sent(tmp_path) == [("sending", "earlier"), ("unknown", "earlier")]
    assert kept(tmp_path) == []
