"""Two builds compared: what changed is said with its cause, and the causes of a figure add up to its difference."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.conftest import SAMPLES, diembao
from warehouse.compare import Cause, Comparison, FigureChange, NotComparable, compare
from warehouse.database import warehouse_path
from warehouse.publish import publish
from warehouse.published import open_published, published_path
from warehouse.reviews import decide, items


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that has run the first of the sample's nights."""
    workspace = tmp_path_factory.mktemp("first")
    diembao("nightly", "--data", str(workspace), "--replay", str(SAMPLES / "night-1.warc.gz"))
    return workspace


def _decided(workspace: Path, item: str, decision: str) -> None:
    with closing(open_published(workspace)) as connection:
        decide(connection, workspace, item, decision, "Lê Mẫu", "để thử")


def _articles(workspace: Path, where: str) -> list[str]:
    """Articles about a target that `where` holds for, in the order of time."""
    query = f"""
        SELECT DISTINCT article_id, counted_at FROM articles JOIN article_topics USING (article_id)
        WHERE is_target AND {where} ORDER BY counted_at, article_id
    """
    with closing(open_published(workspace)) as connection:
        return [article for article, _ in connection.execute(query).fetchall()]


def _edit(workspace: Path, file: str, edit: Callable[[str], str]) -> None:
    """The rules are changed in the workspace's own configuration, and the archive is read by them."""
    diembao("init", str(workspace))
    path = workspace / "config" / file
    text = path.read_text(encoding="utf-8")
    assert edit(text) != text
    path.write_text(edit(text), encoding="utf-8")
    diembao("process", "--data", str(workspace))
    publish(workspace)


def _figures(comparison: Comparison, measure: str = "articles") -> dict[tuple[str, ...], FigureChange]:
    """The changed figures of one measure, once it is seen that all are whole and explained."""
    for figure in comparison.figures:
        assert sum(cause.difference for cause in figure.causes) == figure.after - figure.before != 0, figure
        for cause in figure.causes:
            assert cause.cause != "unexplained"
            if figure.measure != "stories":
                assert cause.difference == len(cause.came) - len(cause.went)
    found = [figure for figure in comparison.figures if figure.measure == measure]
    return {(figure.month, figure.outlet_kind, figure.topic, figure.sense): figure for figure in found}


def _monthly(workspace: Path) -> dict[tuple[str, ...], int]:
    with closing(open_published(workspace)) as connection:
        query = "SELECT month, outlet_kind, topic, sense, articles FROM coverage_monthly"
        return {tuple(cell): articles for *cell, articles in connection.execute(query).fetchall()}


def _agrees_with_the_tables(comparison: Comparison, old: Path, new: Path) -> None:
    """Every figure that differs between the two tables is there with both values, and no other."""
    before, after = _monthly(old), _monthly(new)
    differing = {
        cell: (before.get(cell, 0), after.get(cell, 0))
        for cell in before.keys() | after.keys()
        if before.get(cell, 0) != after.get(cell, 0)
    }
    assert {cell: (one.before, one.after) for cell, one in _figures(comparison).items()} == differing


def _only(causes: tuple[Cause, ...]) -> Cause:
    (cause,) = causes
    return cause


def test_builds_of_the_same_say_so(sample: Path, sample_copy: Path) -> None:
    publish(sample_copy)
    comparison = compare(published_path(sample), sample_copy)
    assert (comparison.article_counts, comparison.articles, comparison.mentions, comparison.figures) == ({}, (), (), ())
    assert comparison.same_rules
    told = diembao("compare", str(sample), str(sample_copy)).stdout
    assert "Nothing changed: articles, mentions and figures are the same" in told
    assert comparison.old.rules[0] in told


def test_a_persons_decision_is_the_cause_with_the_reasons_before_and_after(sample: Path, sample_copy: Path) -> None:
    with closing(open_published(sample_copy)) as connection:
        item = next(it for it in items(connection) if it.ruled == "unresolved" and it.topic == "nq68")
    _decided(sample_copy, item.item, "nq68-2020")
    publish(sample_copy)
    comparison = compare(sample, sample_copy)
    (mention,) = comparison.mentions
    assert (mention.change, mention.cause) == ("sense", "decision")
    assert (mention.old_sense, mention.new_sense) == ("unresolved", "nq68-2020")
    assert mention.old_reason == item.because
    assert mention.new_reason == "decided by Lê Mẫu: để thử"
    assert (mention.old_decided_by, mention.new_decided_by) == (None, "Lê Mẫu")
    figures = {cell[3]: figure for cell, figure in _figures(comparison).items()}
    assert _only(figures["nq68-2020"].causes).came == (item.article_id,)
    assert _only(figures["nq68-2020"].causes).cause == "decision"
    assert _only(figures["unresolved"].causes).went == (item.article_id,)
    (reason,) = _only(figures["nq68-2020"].causes).reasons
    assert (reason.old_sense, reason.new_sense, reason.articles) == ("unresolved", "nq68-2020", 1)
    assert (comparison.old.decisions, comparison.new.decisions) == (0, 1)
    _agrees_with_the_tables(comparison, sample, sample_copy)


@pytest.mark.drill
def test_a_mention_decided_to_be_none_leaves_by_a_person(sample: Path, sample_copy: Path) -> None:
    with closing(open_published(sample_copy)) as connection:
        once = "SELECT article_id FROM mentions WHERE topic = 'portal' GROUP BY article_id HAVING count(*) = 1"
        alone = {article for (article,) in connection.execute(once).fetchall()}
        item = next(it for it in items(connection) if it.ruled == "national" and it.article_id in alone)
    _decided(sample_copy, item.item, "none")
    publish(sample_copy)
    comparison = compare(sample, sample_copy)
    assert [(one.change, one.cause, one.new_sense) for one in comparison.mentions] == [("sense", "decision", "none")]
    (figure,) = _figures(comparison).values()
    assert (figure.after - figure.before, _only(figure.causes).cause) == (-1, "decision")


@pytest.mark.drill
def test_a_rule_that_changed_is_the_cause_and_both_fingerprints_are_told(sample: Path, sample_copy: Path) -> None:
    _edit(sample_copy, "topics.yaml", lambda text: text.replace("threshold: 0.6", "threshold: 0.97"))
    comparison = compare(sample, sample_copy)
    assert not comparison.same_rules
    assert len(comparison.old.rules) == len(comparison.new.rules) == 1
    assert comparison.articles == ()
    assert {(one.change, one.cause) for one in comparison.mentions} == {("sense", "rule")}
    assert all(one.old_reason and one.new_reason for one in comparison.mentions)
    figures = _figures(comparison)
    assert {cause.cause for figure in figures.values() for cause in figure.causes} == {"rule"}
    assert sum(figure.after - figure.before for cell, figure in figures.items() if cell[3] == "unresolved") > 0
    _agrees_with_the_tables(comparison, sample, sample_copy)
    assert "They were read by different rules" in diembao("compare", str(sample), str(sample_copy)).stdout


@pytest.mark.drill
def test_a_rule_and_a_decision_at_once_are_told_apart(sample: Path, sample_copy: Path) -> None:
    with closing(open_published(sample_copy)) as connection:
        item = next(it for it in items(connection) if it.ruled == "unresolved" and it.topic == "nq68")
    _decided(sample_copy, item.item, "nq68-2020")
    _edit(sample_copy, "topics.yaml", lambda text: text.replace("threshold: 0.6", "threshold: 0.97"))
    comparison = compare(sample, sample_copy)
    assert {one.cause for one in comparison.mentions} == {"rule", "decision"}
    causes = [cause for figure in _figures(comparison).values() for cause in figure.causes]
    assert [cause.came for cause in causes if cause.cause == "decision" and cause.came] == [(item.article_id,)]
    _agrees_with_the_tables(comparison, sample, sample_copy)


@pytest.mark.drill
def test_an_outlet_that_left_the_registry_takes_its_articles_along(sample: Path, sample_copy: Path) -> None:
    diembao("init", str(sample_copy))
    (sample_copy / "config" / "outlets" / "cafef.yaml").unlink()
    diembao("process", "--data", str(sample_copy))
    publish(sample_copy)
    comparison = compare(sample, sample_copy)
    gone = {article.article_id for article in comparison.articles if article.changes == ["gone"]}
    assert gone
    assert comparison.article_counts["gone"] >= len(gone)
    assert {article.outlet_id for article in comparison.articles if article.changes == ["gone"]} == {"cafef"}
    causes = [cause for figure in _figures(comparison).values() for cause in figure.causes]
    assert {cause.cause for cause in causes} == {"gone"}
    assert {article for cause in causes for article in cause.went} == gone
    _agrees_with_the_tables(comparison, sample, sample_copy)


@pytest.mark.drill
def test_an_outlet_of_another_kind_is_told_as_that(sample: Path, sample_copy: Path) -> None:
    _edit(sample_copy, "outlets/tuoitre.yaml", lambda text: text.replace("kind: press", "kind: aggregator"))
    comparison = compare(sample, sample_copy)
    figures = _figures(comparison)
    assert {cause.cause for figure in figures.values() for cause in figure.causes} == {"outlet"}
    assert {cell[1] for cell in figures} == {"press", "aggregator"}
    _agrees_with_the_tables(comparison, sample, sample_copy)


def test_nights_bring_new_articles_other_texts_and_withdrawals(first_night: Path, sample: Path) -> None:
    comparison = compare(first_night, sample)
    assert comparison.same_rules
    assert comparison.article_counts == {"added": 3, "version": 1, "withdrawn": 1}
    causes = {cause.cause for figure in _figures(comparison).values() for cause in figure.causes}
    assert causes == {"new", "text"}
    assert {(one.change, one.cause) for one in comparison.mentions} == {("added", "new"), ("added", "text")}
    _agrees_with_the_tables(comparison, first_night, sample)
    back = compare(sample, first_night)
    assert back.article_counts == {"gone": 3, "version": 1, "withdrawn": 1}
    assert {cause.cause for figure in _figures(back).values() for cause in figure.causes} == {"gone", "text"}


@pytest.mark.drill
def test_an_article_dated_by_a_person_moves_to_another_month(sample: Path, sample_copy: Path) -> None:
    article = _articles(sample_copy, "topic = 'portal' AND counted_on BETWEEN '2021-07-10' AND '2021-07-20'")[0]
    _decided(sample_copy, f"published:{article}", "2021-06-05T10:00")
    publish(sample_copy)
    comparison = compare(sample, sample_copy)
    (change,) = comparison.articles
    assert (change.article_id, change.changes[:2]) == (article, ["month", "date"])
    assert str(change.new_counted_at).startswith("2021-06-05 10:00:00")
    figures = _figures(comparison)
    assert {cause.cause for figure in figures.values() for cause in figure.causes} == {"month"}
    steps = {cell[0]: figure.after - figure.before for cell, figure in figures.items() if cell[2] == "portal"}
    assert steps == {"2021-06": 1, "2021-07": -1}
    _agrees_with_the_tables(comparison, sample, sample_copy)


@pytest.mark.drill
def test_stories_joined_by_a_person_change_stories_and_not_articles(sample: Path, sample_copy: Path) -> None:
    where = "topic = 'portal' AND outlet_id = '{}' AND counted_on BETWEEN '2021-07-01' AND '2021-07-31'"
    first = _articles(sample_copy, where.format("tuoitre"))[0]
    second = _articles(sample_copy, where.format("vnexpress"))[-1]
    _decided(sample_copy, f"story:{second}", first)
    publish(sample_copy)
    comparison = compare(sample, sample_copy)
    assert "story" in {change for article in comparison.articles for change in article.changes}
    assert _figures(comparison) == {}
    (figure,) = _figures(comparison, "stories").values()
    assert (figure.after - figure.before, _only(figure.causes).cause) == (-1, "stories")


@pytest.mark.drill
def test_json_holds_all_that_is_found(sample: Path, first_night: Path) -> None:
    told = json.loads(diembao("compare", str(first_night), str(sample), "--json").stdout)
    assert told["same_rules"] is True
    assert told["article_counts"]["added"] == 3
    assert {"old", "new", "articles", "mentions", "figures"} <= told.keys()
    assert all(figure["causes"] for figure in told["figures"])


def test_what_is_no_published_database_is_told_with_exit_code_2(sample_copy: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.duckdb"
    text.write_text("không phải cơ sở dữ liệu", encoding="utf-8")
    other, older, newer = (tmp_path / f"{name}.duckdb" for name in ("other", "older", "newer"))
    with closing(duckdb.connect(str(other))) as connection:
        connection.execute("CREATE TABLE articles (article_id VARCHAR)")
    for file, statement in (
        (older, "DELETE FROM schema_version WHERE version > 4"),
        (newer, "INSERT INTO schema_version VALUES (99)"),
    ):
        shutil.copyfile(published_path(sample_copy), file)
        with closing(duckdb.connect(str(file))) as connection:
            connection.execute(statement)
    expected = {
        text: "can't be opened",
        other: "is no database that diembao has published",
        older: "has schema 4, of an older diembao",
        newer: "has schema 99, newer than this program's",
        warehouse_path(sample_copy): "is the writer's database",
        tmp_path / "none.duckdb": "no such file or workspace",
        tmp_path: "nothing is published there yet",
        published_path(sample_copy): "are one file",
    }
    for path, words in expected.items():
        with pytest.raises(NotComparable, match=words):
            compare(path, sample_copy)
    done = diembao("compare", str(text), str(sample_copy), code=2)
    assert "Traceback" not in done.stderr
    assert "name two published databases" in diembao("compare", str(sample_copy), code=2).stderr
