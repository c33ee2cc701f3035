"""What people decide overrides the rules, survives every re-reading, and is counted apart."""

from __future__ import annotations

import csv
import json
import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schedules.review import export_items
from tests.conftest import diembao, diembao_json
from warehouse.publish import publish
from warehouse.published import open_published
from warehouse.reviews import Item, NoSuchItem, decide, items


@pytest.fixture
def night(sample: Path) -> Path:
    """A workspace to read."""
    return sample


@pytest.fixture
def workspace(sample_copy: Path) -> Path:
    """A workspace to decide in."""
    return sample_copy


def _items(workspace: Path, decided: bool = False) -> list[Item]:
    with closing(open_published(workspace)) as connection:
        return items(connection, decided=decided)


def _ask(workspace: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(open_published(workspace)) as connection:
        return connection.execute(sql).fetchall()


def _decide(workspace: Path, item: str, decision: str) -> None:
    with closing(open_published(workspace)) as connection:
        decide(connection, workspace, item, decision, "Lê Mẫu", None)


def test_what_the_rules_leave_open_comes_first_then_the_least_sure(workspace: Path) -> None:
    mentions = [item for item in _items(workspace) if item.kind == "mention"]
    is_open = [item.ruled in ("unresolved", "unspecified") for item in mentions]
    assert is_open == sorted(is_open, reverse=True)
    sure = [item.confidence for item in mentions if item.ruled not in ("unresolved", "unspecified")]
    assert sure == sorted(sure)


def test_a_decision_counts_from_the_next_publication_survives_reading_again_and_the_last_one_holds(
    workspace: Path,
) -> None:
    item = next(it for it in _items(workspace) if it.ruled == "national")
    where = f"article_id = '{item.article_id}' AND sentence = '{item.sentence.replace(chr(39), chr(39) * 2)}'"
    _decide(workspace, item.item, "ministry")
    _decide(workspace, item.item, "provincial")
    assert _ask(workspace, f"SELECT DISTINCT sense FROM mentions WHERE {where}") == [("national",)]
    publish(workspace)
    wanted = [("provincial", "national", "Lê Mẫu", 1.0)]
    decided = (
        f"SELECT sense, ruled_sense, decided_by, confidence FROM mentions WHERE {where} AND decided_by IS NOT NULL"
    )
    assert _ask(workspace, decided) == wanted
    diembao("process", "--all", "--data", str(workspace))
    publish(workspace)
    assert _ask(workspace, decided) == wanted
    assert item.item not in {it.item for it in _items(workspace)}
    assert item.item in {it.item for it in _items(workspace, decided=True)}
    assert len(_ask(workspace, "SELECT * FROM reviews")) == 2


def test_a_mention_that_is_none_leaves_the_figures_and_agreement_is_a_number(workspace: Path) -> None:
    before = _ask(workspace, "SELECT count(*) FROM mentions")[0][0]
    right, wrong = [it for it in _items(workspace) if it.ruled == "national"][:2]
    _decide(workspace, right.item, "national")
    _decide(workspace, wrong.item, "none")
    publish(workspace)
    assert _ask(workspace, "SELECT count(*) FROM mentions") == [(before - 1,)]
    found = diembao_json("status", "--data", str(workspace))
    assert found["agreement"] == [{"topic": "portal", "decided": 2, "agreed": 1, "settled": 0}]


def test_time_story_origin_and_facet_are_decided_too(workspace: Path) -> None:
    (a, story), (b, _) = _ask(workspace, "SELECT article_id, story_id FROM articles ORDER BY url LIMIT 2")
    _decide(workspace, f"published:{a}", "2021-05-06T07:08")
    _decide(workspace, f"story:{b}", a)
    _decide(workspace, f"origin:{b}", "yes")
    (target,) = _ask(workspace, "SELECT article_id FROM article_topics WHERE is_target ORDER BY ALL LIMIT 1")[0]
    _decide(workspace, f"facet:{target}:service:construction", "yes")
    publish(workspace)
    assert _ask(
        workspace, f"SELECT published_at::VARCHAR, counted_on::VARCHAR, dated_by FROM articles WHERE article_id = '{a}'"
    ) == [("2021-05-06 07:08:00+07", "2021-05-06", "person")]
    assert _ask(workspace, f"SELECT story_id FROM articles WHERE article_id = '{b}'") == [(story,)]
    assert _ask(workspace, f"SELECT origin_article_id FROM stories WHERE story_id = '{story}'") == [(b,)]
    facet = f"SELECT kind, decided_by FROM article_facets WHERE article_id = '{target}' AND value = 'construction'"
    assert _ask(workspace, facet) == [("service", "Lê Mẫu")]
    _decide(workspace, f"facet:{target}:service:construction", "no")
    _decide(workspace, f"story:{b}", "alone")
    publish(workspace)
    assert _ask(workspace, facet) == []
    assert _ask(workspace, f"SELECT count(*) FROM articles WHERE story_id = '{story}'") == [(1,)]


def test_two_articles_sent_to_each_other_meet_and_a_third_follows(workspace: Path) -> None:
    a, b, c = (article for (article,) in _ask(workspace, "SELECT article_id FROM articles ORDER BY url LIMIT 3"))
    for one, other in ((a, b), (b, a), (c, a)):
        _decide(workspace, f"story:{one}", other)
    publish(workspace)
    assert (
        len(_ask(workspace, f"SELECT DISTINCT story_id FROM articles WHERE article_id IN ('{a}', '{b}', '{c}')")) == 1
    )
    _decide(workspace, f"story:{b}", "alone")
    publish(workspace)
    stories = _ask(workspace, f"SELECT count(*) FROM articles WHERE story_id = '{b}-alone'")
    assert stories == [(3,)]  # the others were sent to b, wherever it goes


def test_what_a_person_makes_a_target_has_its_facets_and_what_is_none_loses_them(workspace: Path) -> None:
    sql = (
        "SELECT item, article_id FROM judged_mentions WHERE ruled_sense = 'nq68-covid-2021' AND article_id NOT IN"
        " (SELECT article_id FROM article_topics WHERE is_target) AND sentence ILIKE '%lao động%' ORDER BY ALL LIMIT 1"
    )
    ((item, article),) = _ask(workspace, sql)
    facets = f"SELECT value FROM article_facets WHERE article_id = '{article}' AND kind = 'audience'"
    assert _ask(workspace, facets) == []
    _decide(workspace, item, "nq68-2020")
    publish(workspace)
    assert ("people",) in _ask(workspace, facets)
    _decide(workspace, item, "none")
    publish(workspace)
    assert _ask(workspace, facets) == []


def test_a_reason_may_hold_any_line_end(workspace: Path) -> None:
    item = _items(workspace)[0]
    with closing(open_published(workspace)) as connection:
        decide(connection, workspace, item.item, "none", "Lê Mẫu", "một\u2028hai\x85ba\nbốn")
    publish(workspace)
    assert _ask(workspace, "SELECT reason FROM decisions") == [("một\u2028hai\x85ba\nbốn",)]


@pytest.mark.parametrize(
    ("item", "decision", "says"),
    [
        ("m000000000", "national", "no such item; `diembao review list` names them"),
        ("published:nothing", "2021-05-06T07:08", "has no such published"),
        ("weather:x", "fine", "no such thing to decide"),
        ("day:vnexpress:2021-99-99", "complete", "has no such day"),
    ],
)
def test_what_can_not_be_decided_says_what_can(night: Path, item: str, decision: str, says: str) -> None:
    with pytest.raises(NoSuchItem, match=re.escape(says)):
        _decide(night, item, decision)


def test_a_decision_out_of_place_names_the_options(night: Path) -> None:
    item = next(it for it in _items(night) if it.topic == "portal" and it.kind == "mention")
    with pytest.raises(NoSuchItem, match="write one of national, "):
        _decide(night, item.item, "nq68-2020")
    (article,) = _ask(night, "SELECT article_id FROM articles LIMIT 1")[0]
    with pytest.raises(NoSuchItem, match="write a time"):
        _decide(night, f"published:{article}", "yesterday")


def test_a_table_goes_out_and_comes_back(workspace: Path, tmp_path: Path) -> None:
    table = tmp_path / "open.csv"
    diembao("review", "export", str(table), "--data", str(workspace), "--kind", "mention", "--topic", "portal")
    with table.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert all(row["decision"] == "" and "national" in row["options"] for row in rows)
    rows[0] |= {"decision": "ministry", "why": "thử"}
    rows[1]["decision"] = "nonsense"
    with table.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    done = diembao("review", "import", str(table), "--by", "Lê Mẫu", "--data", str(workspace), code=1)
    assert "1 decisions taken" in done.stdout
    assert f"{table}:3: " in done.stderr
    assert "'nonsense' can't be decided" in done.stderr
    publish(workspace)
    assert _ask(workspace, "SELECT decision, reason FROM decisions") == [("ministry", "thử")]


def test_a_table_without_the_columns_is_refused(night: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", "utf-8")
    done = diembao("review", "import", str(tmp_path / "t.csv"), "--by", "x", "--data", str(night), code=2)
    assert f"{tmp_path / 't.csv'}:1: has no column 'item'" in done.stderr


def test_items_are_listed_shown_and_decided_by_command(workspace: Path) -> None:
    at = ("--data", str(workspace))
    listed = json.loads(diembao("review", "list", *at, "--json", "--most", "3").stdout)
    assert len(listed) == 3
    shown = json.loads(diembao("review", "show", listed[0]["item"], *at, "--json").stdout)
    assert shown == listed[0]
    diembao("review", "decide", shown["item"], shown["options"][0], "--by", "Lê Mẫu", "--why", "đã đọc", *at)
    refused = diembao("review", "decide", shown["item"], "nonsense", "--by", "Lê Mẫu", *at, code=2)
    assert "write one of" in refused.stderr


def test_a_sentence_that_looks_like_a_formula_is_no_formula_in_the_table(night: Path, tmp_path: Path) -> None:
    item = replace(_items(night)[0], sentence="=HYPERLINK(1)", title="- Tin")
    export_items(tmp_path / "t.csv", [item])
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["sentence"], row["title"], row["item"]) == ("'=HYPERLINK(1)", "'- Tin", item.item)
