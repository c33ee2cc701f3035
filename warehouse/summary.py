"""What a run did and what the warehouse holds, in numbers that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from warehouse.statements import statement

#: The outcomes of announced pages, in the order of design.md; their sum is what was announced.
OUTCOMES = ("new", "changed", "unchanged", "withdrawn", "failed", "deferred", "refused", "not_in_archive")


@dataclass(slots=True)
class OutletRun:
    """One outlet in one run. `failed_because` and `refused_because` split their outcome by reason; `relooks` counts
    known pages that were fetched again, announced or not, by outcome; `sources` counts feeds, sitemaps and section
    pages by outcome, `unchanged_sources` those of them that answered 304, and `source_problems` names those that
    failed."""

    outlet: str
    reached: bool
    alarms: tuple[str, ...] = ()
    outcomes: Counter[str] = field(default_factory=Counter)
    failed_because: Counter[str] = field(default_factory=Counter)
    refused_because: Counter[str] = field(default_factory=Counter)
    relooks: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    unchanged_sources: int = 0
    source_problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def announced(self) -> int:
        return self.outcomes.total()


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the warehouse holds: `mentions` and `articles_naming` by (topic, sense)."""

    articles: int
    stories: int
    mention_ids: frozenset[str]
    mentions: dict[tuple[str, str], int]
    articles_naming: dict[tuple[str, str], int]


def run_outcomes(connection: duckdb.DuckDBPyConnection, run: str) -> list[OutletRun]:
    """Each outlet of the run, in the order of their names."""
    outlets: dict[str, OutletRun] = {}
    for outlet, reached, alarms, url, kind, outcome, reason, status in _rows(connection, "run_sources", run):
        entry = outlets.setdefault(outlet, OutletRun(outlet, reached, tuple(alarms)))
        if url and kind != "robots":
            entry.sources[outcome] += 1
            entry.unchanged_sources += status == 304
        if outcome == "failed":
            entry.source_problems.append((url, reason or "failed"))
    for outlet, announced, relook, outcome, reason, pages in _rows(connection, "run_outcomes", run):
        entry = outlets[outlet]
        if relook:
            entry.relooks[outcome] += pages
        if not announced:
            continue
        entry.outcomes[outcome] += pages
        if outcome == "failed":
            entry.failed_because[reason] += pages
        if outcome == "refused":
            entry.refused_because[reason] += pages
    return list(outlets.values())


def drifting(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The outlets whose layouts no longer fit their pages, with what outlet_health says of them."""
    found = connection.execute(
        "SELECT outlet_id, drift FROM outlet_health WHERE drift IS NOT NULL ORDER BY ALL"
    ).fetchall()
    return dict(found)


def crashes(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> list[tuple[str, str]]:
    """The pages of these archive files that broke the program that read them, with how."""
    return connection.execute(
        "SELECT url, problem FROM captures WHERE starts_with(problem, 'crashed_') AND list_contains(?, archive_file)"
        " ORDER BY ALL",
        [list(files)],
    ).fetchall()


def holdings(connection: duckdb.DuckDBPyConnection) -> Holdings:
    """What is held now."""
    counted = connection.execute(
        "SELECT topic, sense, coalesce(mentions, 0), coalesce(articles, 0) FROM topics LEFT JOIN ("
        "SELECT topic, sense, sum(mentions)::BIGINT AS mentions, count(*) AS articles FROM article_topics GROUP BY ALL"
        ") USING (topic, sense) ORDER BY topic, is_target DESC, sense"
    ).fetchall()
    (articles,) = connection.execute("SELECT count(*) FROM articles").fetchall()[0]
    (stories,) = connection.execute("SELECT count(DISTINCT story_id) FROM articles").fetchall()[0]
    ids = connection.execute("SELECT mention_id FROM mentions").fetchall()
    return Holdings(
        articles,
        stories,
        frozenset(mention for (mention,) in ids),
        {(topic, sense): mentions for topic, sense, mentions, _ in counted},
        {(topic, sense): naming for topic, sense, _, naming in counted},
    )


def _rows(connection: duckdb.DuckDBPyConnection, name: str, run: str) -> list[tuple[Any, ...]]:
    return connection.execute(statement(name), {"run": run}).fetchall()
