"""Loads what grouping finds: links between texts, the stories they make, and what people have decided of these."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from warehouse import rows
from warehouse.database import insert_rows, replace_rows, run_script, stage, transaction


def load_links(connection: duckdb.DuckDBPyConnection, links: Sequence[tuple[str, str, str]]) -> None:
    """Adds pairs of near-copies: the earlier article, the later one, and what they share (text or sentences)."""
    insert_rows(connection, "story_links", [{"earlier_id": a, "later_id": b, "shared": how} for a, b, how in links])


def load_members(connection: duckdb.DuckDBPyConnection, members: Sequence[tuple[str, str]]) -> None:
    """Adds pairs of article and story, of the articles that stories_reach.sql has reached."""
    stage(connection, "grouped", [{"article_id": a, "story_id": s} for a, s in members], rows.MEMBERS)
    run_script(connection, "load_members")
    decide_stories(connection)


def load_texts(connection: duckdb.DuckDBPyConnection, texts: Sequence[dict[str, object]]) -> None:
    """Loads rows.TEXTS as articles of which nothing is known but their text and time, to be grouped."""
    with transaction(connection):
        stage(connection, "incoming", texts, rows.TEXTS)
        run_script(connection, "load_texts")
        run_script(connection, "load_likeness")


def decide_stories(connection: duckdb.DuckDBPyConnection) -> None:
    """Works out the stories that people have decided: an article with another's story goes where that one goes; where
    two are sent to each other they meet in the story that comes first."""
    said = connection.execute(
        "SELECT subject_key, decision, decided_by FROM decisions WHERE subject = 'story'"
    ).fetchall()
    named = [name for article, decision, _ in said for name in (article, decision)]
    by_text = dict(
        connection.execute(
            "SELECT article_id, story_id FROM story_members WHERE article_id IN (SELECT unnest(?))", [named]
        ).fetchall()
    )
    sent = {article: decision for article, decision, _ in said if article in by_text}

    def story(article: str) -> str:
        passed: list[str] = []
        while article in sent and article not in passed:
            if sent[article] == "alone":
                return f"{article}-alone"
            passed.append(article)
            article = sent[article]
        if article in passed:
            return str(min(by_text[member] for member in passed[passed.index(article) :] if member in by_text))
        return str(by_text.get(article, article))

    decided = [
        {"article_id": article, "story_id": story(article), "decided_by": by}
        for article, _, by in said
        if article in sent
    ]
    replace_rows(connection, "story_overrides", decided)
