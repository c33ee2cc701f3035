"""Which articles share a text. The same body is one story whatever the time between; near-copies join within 72 hours.

A near-copy is found by MinHash over word 5-shingles (likeness.py) and decided by containment: how much of the shorter
text stands in the longer one, in shingles, so that a cut tail or an added lead still matches, or in whole sentences, so
that a copy with paragraphs dropped, moved and added does, while the pages of one template, whose sentences differ by a
figure, don't. Sentences that other texts hold at other times (laws, forms, a paper's standing phrases) are no news.
Every article gets a story, named after its earliest article; one alone is a story.

Only what changed is looked at, and what a change touches: the links (pairs of near-copies) of the articles that are new
or changed, and of those whose sentences have become, or are no longer, standing ones. The outcome is the same in
whatever order and in however many steps the articles were loaded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from pipeline.likeness import contained, likeness, shingles
from warehouse.database import new_warehouse, run_script, transaction
from warehouse.stories import load_links, load_members, load_texts

#: Articles looked at in one step (and one transaction).
_STEP = 20_000


@dataclass(frozen=True, slots=True)
class StoryText:
    """What grouping needs of an article."""

    article_id: str
    counted_at: dt.datetime
    body_hash: str
    body: str


def group_stories(connection: duckdb.DuckDBPyConnection) -> None:
    """Brings story_links and story_members up to date with the articles that the loads since have touched."""
    with transaction(connection):
        run_script(connection, "stories_changed")
    while _pending(connection):
        with transaction(connection):
            connection.execute("SET VARIABLE step = ?", [_STEP])
            run_script(connection, "stories_pairs")
            load_links(connection, _links(connection))
            run_script(connection, "stories_reach")
            load_members(connection, _members(connection))


def assign_stories(texts: Iterable[StoryText]) -> list[tuple[str, str]]:
    """Pairs of article and story, of texts outside any warehouse. The order given does not matter."""
    with new_warehouse() as connection:
        load_texts(connection, [text_row(text) for text in texts])
        group_stories(connection)
        return connection.execute("SELECT article_id, story_id FROM story_members ORDER BY ALL").fetchall()


def text_row(text: StoryText) -> dict[str, object]:
    """The text as a row of rows.TEXTS."""
    like = likeness(text.body)
    row = {"article_id": text.article_id, "told_at": text.counted_at, "body": text.body, "body_hash": text.body_hash}
    return row | (like.row() if like else {})


def _pending(connection: duckdb.DuckDBPyConnection) -> bool:
    return bool(connection.execute("SELECT 1 FROM story_pending LIMIT 1").fetchall())


def _links(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """The near-copies among the candidates: those that share their sentences are known; others are read. Pairs that
    share some sentences are kept as well: where more of the others become standing ones they may be near-copies."""
    found = connection.execute("SELECT earlier_id, later_id FROM pairs WHERE retold").fetchall()
    links = [(earlier, later, "sentences") for earlier, later in found]
    bodies = dict(
        connection.execute(
            "SELECT text_no, body FROM article_versions WHERE text_no IN ("
            "SELECT earlier_no FROM pairs WHERE NOT retold UNION SELECT later_no FROM pairs WHERE NOT retold)"
        ).fetchall()
    )
    read = {text: shingles(body) for text, body in bodies.items()}
    unread = connection.execute(
        "SELECT earlier_id, later_id, earlier_no, later_no, some_shared FROM pairs WHERE NOT retold"
    ).fetchall()
    for earlier, later, first, second, some in unread:
        if contained(read[first], read[second]):
            links.append((earlier, later, "text"))
        elif some:
            links.append((earlier, later, "some"))
    return links


def _members(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Pairs of article and story, of all articles that the step can have moved from one story to another."""
    reached = connection.execute("SELECT article_id FROM reached ORDER BY story_at, article_id").fetchall()
    order = {article: n for n, (article,) in enumerate(reached)}
    names = list(order)
    parent = list(range(len(names)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    for one, other in connection.execute("FROM joined").fetchall():
        first, second = sorted((root(order[one]), root(order[other])))
        parent[second] = first
    return [(name, names[root(n)]) for n, name in enumerate(names)]
