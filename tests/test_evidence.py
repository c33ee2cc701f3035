"""From the month's figure to a sentence inside the archived page."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import diembao, diembao_json


def test_a_months_figure_leads_to_the_sentence_in_the_archived_page(sample: Path, tmp_path: Path) -> None:
    at = ("--data", str(sample))
    sql = (
        "SELECT sum(articles) AS articles FROM coverage_monthly"
        " WHERE month = '2021-07' AND topic = 'portal' AND is_target"
    )
    (row,) = diembao_json("sql", sql, *at)
    found = diembao_json("evidence", "--topic", "portal", "--month", "2021-07", *at)
    assert len(found) == int(row["articles"])
    article = found[0]
    mention = next(m for m in article["mentions"] if m["is_target"])
    file = tmp_path / "page.html"
    diembao("evidence", article["url"], "--page", str(file), *at)
    assert mention["surface"] in file.read_text("utf-8")
    shown = json.loads(diembao("evidence", article["article_id"], "--json", *at).stdout)
    assert shown == [article]
    spelled = article["url"].replace("https://", "http://www.").replace("www.www.", "") + "?utm_source=zalo"
    assert json.loads(diembao("evidence", spelled, "--json", *at).stdout) == [article]
    kinds = [row["outlet_kind"] for row in found]
    assert kinds == sorted(kinds, key=lambda kind: (kind != "press", kind))
    printed = diembao("evidence", "--topic", "portal", "--month", "2021-07", *at).stdout
    assert all(f"{kind}: {kinds.count(kind)} article(s)" in printed for kind in set(kinds))


def test_what_is_not_there_is_said(sample: Path, tmp_path: Path) -> None:
    at = ("--data", str(sample))
    assert "no such article" in diembao("evidence", "nothing", *at, code=2).stderr
    assert "name an article, or" in diembao("evidence", "--topic", "portal", *at, code=2).stderr
    full_stop = diembao("evidence", "--topic", "portal", "--month", "2021.07", *at, code=2).stderr
    assert "'2021.07' is not a month; write it as YYYY-MM" in full_stop.replace("\n", " ")
    assert (
        "no topic 'portl'; there are"
        in diembao("evidence", "--topic", "portl", "--month", "2021-07", *at, code=2).stderr
    )
    none = diembao("evidence", "--topic", "portal", "--month", "1999-01", *at).stdout
    assert none.strip() == "no article counts for portal in 1999-01"
    assert "is not a month" in diembao("evidence", "--topic", "portal", "--month", "", *at, code=2).stderr


def test_an_editor_gets_all_that_was_announced_collected_and_counted(sample: Path, tmp_path: Path) -> None:
    at = ("--data", str(sample))
    month = ("--outlet", "vnexpress", "--month", "2021-07")
    pages = diembao_json("evidence", *month, *at)
    (followed,) = diembao_json(
        "sql", "SELECT announced, articles FROM outlet_months WHERE outlet_id = 'vnexpress' AND month = '2021-07'", *at
    )
    assert sum(row["nights_announced"] > 0 for row in pages) == followed["announced"]
    assert sum(row["article_id"] is not None for row in pages) == followed["articles"]
    (counted,) = diembao_json(
        "sql",
        "SELECT sum(articles) AS n FROM coverage_by_outlet WHERE outlet_id = 'vnexpress' AND month = '2021-07'",
        *at,
    )
    assert sum(len(row["counted_for"].split()) for row in pages) == int(counted["n"])
    file = tmp_path / "dispute.xlsx"
    diembao("evidence", *month, "--export", str(file), *at)
    assert file.read_bytes().startswith(b"PK")
    assert (
        "no outlet 'vnexpres'" in diembao("evidence", "--outlet", "vnexpres", "--month", "2021-07", *at, code=2).stderr
    )
    assert "name an article, or" in diembao("evidence", *month, "--topic", "portal", *at, code=2).stderr
