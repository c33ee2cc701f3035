"""What changed between two published databases, and since a report was sent; why each figure is another one."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import journal
from warehouse.database import migrations
from warehouse.published import published_path
from warehouse.settings import SESSION
from warehouse.statements import literal, statement

#: Older published databases had views for what are tables now.
_OLDEST = 5
#: States of the mail ledger after which the figures are with the recipient, or may be.
_OUT = frozenset({"sending", "sent", "kept", "unknown"})
_FROZEN = pa.schema(
    [
        *((name, pa.string()) for name in ("article_id", "topic", "sense", "outlet_kind", "version_id", "story_id")),
        ("story_begins", pa.bool_()),
    ]
)

#: Kind of outlets, topic, sense, and what is counted: articles or stories.
Counted = tuple[str, str, str, str]


class NotComparable(Exception):
    """A file is no published database of ours, or nothing was sent; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Build:
    """One published database. `rules`: the fingerprints of the rules that read its archive."""

    path: str
    rules: tuple[str, ...]
    articles: int
    mentions: int
    decisions: int


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """`changes`: added, gone, version, date, month, story, withdrawn; then what it was and what it is."""

    article_id: str
    outlet_id: str
    title: str | None
    url: str
    changes: list[str]
    old_version: str | None
    new_version: str | None
    old_counted_at: str | None
    new_counted_at: str | None
    old_story: str | None
    new_story: str | None


@dataclass(frozen=True, slots=True)
class MentionChange:
    """`change`: added, gone or sense. `decided_by` says which person's word counts; empty: the rules'."""

    article_id: str
    topic: str
    mention_id: str
    sentence: str
    surface: str
    change: str
    cause: str
    old_sense: str | None
    new_sense: str | None
    old_reason: str | None
    new_reason: str | None
    old_decided_by: str | None
    new_decided_by: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """What was said of a span before and after (None: not known, or nothing), in so many articles."""

    old_sense: str | None
    new_sense: str | None
    old_reason: str | None
    new_reason: str | None
    articles: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Its share in a figure's difference: the articles that `came` less those that `went`. Of stories there are shares
    alone.

    new: collected since. gone: no longer held. month: counted in another month. outlet: of another kind in the
    registry. rule, decision, text: the sense of a mention, by the rules, by a person, by a page that says something
    else. weight: named more or less often, or elsewhere in the text. stories: joined, parted, begun in another month.
    articles: of stories, by articles that came or went. unexplained: none of these.
    """

    cause: str
    difference: int
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure of coverage_monthly that is another one; the differences of its causes add up to its own."""

    month: str
    outlet_kind: str
    topic: str
    sense: str
    is_target: bool
    measure: str
    before: int
    after: int
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`article_counts`: of all articles, how many changed in which way; `articles` are those of them that name a topic
    in one of the builds. `mentions` and `figures` are all that changed."""

    old: Build
    new: Build
    article_counts: dict[str, int]
    articles: tuple[ArticleChange, ...]
    mentions: tuple[MentionChange, ...]
    figures: tuple[FigureChange, ...]

    @property
    def same_rules(self) -> bool:
        return self.old.rules == self.new.rules


@dataclass(frozen=True, slots=True)
class _Crossing:
    """An article that came into a figure (`step` 1) or went (-1); `spoken`: what was said of the span that
    decides, as in Reason."""

    article_id: str
    step: int
    cause: str
    spoken: dict[str, str | None] | None


def compare(old: Path, new: Path) -> Comparison:
    """`old` and `new` are published databases, or workspaces that have one. Raises NotComparable."""
    paths = _published(old), _published(new)
    if paths[0].samefile(paths[1]):
        raise NotComparable(f"{paths[0]} and {paths[1]} are one file; keep a copy before you publish, and compare that")
    with closing(duckdb.connect()) as connection:
        connection.execute(SESSION)
        before, after = (_attach(connection, path, name) for path, name in zip(paths, ("old", "new"), strict=True))
        connection.execute(statement("compare_builds"))
        connection.execute(statement("compare_mentions"), {"same_rules": before.rules == after.rules})
        connection.execute(statement("compare_figures"))
        return Comparison(
            before,
            after,
            _article_counts(connection),
            _articles(connection),
            _mentions(connection),
            _figures(connection),
        )


def reports_sent(workspace: Path, report: str, before: int | None = None) -> dict[str, dict[str, Any]]:
    """Of each period, oldest first, the journal's line with the figures of the last report that was sent for it; of
    revisions lower than `before`."""
    mails = [
        entry
        for entry in journal.read(workspace, journal.MAIL)
        if entry["report"] == report
        and entry.get("report_id")
        and (before is None or (entry.get("revision") or 0) < before)
    ]
    # By revision: a question about an earlier one may have been settled later.
    mails.sort(key=lambda entry: entry.get("revision") or 0)
    states = {(entry["recipient"], entry["report_id"]): entry["state"] for entry in mails}
    kept = {entry["report_id"]: entry for entry in journal.read(workspace, journal.FIGURES)}
    found = {
        mail["period"]: _with_days(kept[mail["report_id"]])
        for mail in mails
        if states[mail["recipient"], mail["report_id"]] in _OUT and mail["report_id"] in kept
    }
    return dict(sorted(found.items()))


def last_sent(workspace: Path, report: str, period: str) -> dict[str, Any]:
    """The journal's line with the figures of the last report that was sent for the period. Raises NotComparable."""
    found = reports_sent(workspace, report).get(period)
    if not found:
        raise NotComparable(
            f"{workspace / 'journal'}: no figures are kept of a {report} report of {period};"
            f" `diembao {report} {period}` keeps them when it sends them"
        )
    return found


def causes_since(
    connection: duckdb.DuckDBPyConnection, reported: dict[str, Any], rules: str
) -> dict[Counted, tuple[Cause, ...]]:
    """Why a sent report (`last_sent`) would count other articles and stories in the published database of `connection`,
    whose archive was read by `rules`: of what differs."""
    connection.register("given", pa.Table.from_pylist(reported["articles"], schema=_FROZEN))
    connection.execute("CREATE OR REPLACE TEMP TABLE frozen AS FROM given")
    connection.unregister("given")
    days = {"first": reported["first"], "last": reported["last"]}
    given = {
        "decided_until": _time(reported["decided_until"]),
        "collected_until": _time(reported["collected_until"]),
        "same_rules": reported["rules"] == rules,
    }
    crossings: dict[Counted, list[_Crossing]] = defaultdict(list)
    for kind, topic, sense, *crossing in connection.execute(statement("compare_reported"), days | given).fetchall():
        crossings[kind, topic, sense, "articles"].append(_Crossing(*crossing))
    found = {counted: _causes(crossed) for counted, crossed in crossings.items()}
    rows = connection.execute(statement("compare_reported_stories"), days).fetchall()
    for kind, topic, sense, difference, regrouped in rows:
        if causes := _story_causes(difference, regrouped):
            found[kind, topic, sense, "stories"] = causes
    return found


def _with_days(entry: dict[str, Any]) -> dict[str, Any]:
    """Lines of before the days were written down are of calendar months."""
    if "first" in entry:
        return entry
    year, month = (int(part) for part in entry["period"].split("-"))
    last = calendar.monthrange(year, month)[1]
    return entry | {"first": f"{entry['period']}-01", "last": f"{entry['period']}-{last}"}


def _published(path: Path) -> Path:
    if not path.is_dir():
        if not path.is_file():
            raise NotComparable(f"{path}: no such file or workspace")
        return path
    if not (found := published_path(path)).exists():
        raise NotComparable(f"{found}: nothing is published there yet; run `diembao publish` first")
    return found


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> Build:
    """Attaches a published database, once it is known for one. Raises NotComparable."""
    try:
        connection.execute(f"ATTACH {literal(path)} AS {name} (READ_ONLY)")
    except duckdb.Error as error:
        raise NotComparable(f"{path}: can't be opened: {str(error).splitlines()[0]}") from None
    held = f"SELECT table_name FROM duckdb_tables() WHERE database_name = '{name}'"
    tables = {table for (table,) in connection.execute(held).fetchall()}
    if "schema_version" not in tables:
        raise NotComparable(f"{path}: is no database that diembao has published")
    ((schema,),) = connection.execute(f"SELECT coalesce(max(version), 0) FROM {name}.schema_version").fetchall()
    if schema < _OLDEST:
        raise NotComparable(
            f"{path}: has schema {schema}, of an older diembao; those from {_OLDEST} on can be compared: publish it"
            " again"
        )
    if schema > max(migrations()):
        raise NotComparable(
            f"{path}: has schema {schema}, newer than this program's {max(migrations())}; upgrade diembao"
        )
    if "article_texts" not in tables:
        raise NotComparable(f"{path}: is the writer's database; compare what is published from it")
    connection.execute(f"USE {name}")
    ((rules, *counts),) = connection.execute(statement("compare_build")).fetchall()
    connection.execute("USE memory")
    return Build(str(path), tuple(rules or ()), *counts)


def _article_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    query = "SELECT unnest(changes) AS change, count(*) FROM article_changes GROUP BY change ORDER BY change"
    return dict(connection.execute(query).fetchall())


def _articles(connection: duckdb.DuckDBPyConnection) -> tuple[ArticleChange, ...]:
    query = """
        SELECT * REPLACE (old_counted_at::VARCHAR AS old_counted_at, new_counted_at::VARCHAR AS new_counted_at)
        FROM article_changes
        WHERE article_id IN (SELECT article_id FROM judged)
        ORDER BY changes, outlet_id, article_id
    """
    return tuple(ArticleChange(*row) for row in connection.execute(query).fetchall())


def _mentions(connection: duckdb.DuckDBPyConnection) -> tuple[MentionChange, ...]:
    query = "FROM mention_changes ORDER BY change, cause, topic, article_id, mention_id"
    return tuple(MentionChange(*row) for row in connection.execute(query).fetchall())


def _figures(connection: duckdb.DuckDBPyConnection) -> tuple[FigureChange, ...]:
    crossings: dict[tuple[str, ...], list[_Crossing]] = defaultdict(list)
    for *figure, article, step, cause, spoken in connection.execute("FROM crossings ORDER BY ALL").fetchall():
        crossings[tuple(figure)].append(_Crossing(article, step, cause, spoken))
    regrouped = {tuple(cell): difference for *cell, difference in connection.execute("FROM regrouped").fetchall()}
    rows = connection.execute(
        "FROM figure_changes ORDER BY month DESC, outlet_kind, topic, is_target DESC, sense, measure"
    ).fetchall()
    found = []
    for month, kind, topic, sense, is_target, measure, before, after in rows:
        cell = month, kind, topic, sense
        if measure == "stories":
            causes = _story_causes(after - before, regrouped.get(cell, 0))
        else:
            causes = _causes(crossings[*cell, measure])
        found.append(FigureChange(*cell, is_target, measure, before, after, causes))
    return tuple(found)


def _story_causes(difference: int, regrouped: int) -> tuple[Cause, ...]:
    """What regrouping did among the articles that stayed; the rest is by articles that came or went."""
    causes = Cause("stories", regrouped), Cause("articles", difference - regrouped)
    return tuple(cause for cause in causes if cause.difference)


def _causes(crossings: Iterable[_Crossing]) -> tuple[Cause, ...]:
    by_cause: dict[str, list[_Crossing]] = defaultdict(list)
    for crossing in crossings:
        by_cause[crossing.cause].append(crossing)
    return tuple(
        Cause(
            cause,
            sum(crossing.step for crossing in found),
            tuple(crossing.article_id for crossing in found if crossing.step > 0),
            tuple(crossing.article_id for crossing in found if crossing.step < 0),
            _reasons(found),
        )
        for cause, found in sorted(by_cause.items())
    )


def _reasons(crossings: Iterable[_Crossing]) -> tuple[Reason, ...]:
    """Most frequent first."""
    columns = ("old_sense", "new_sense", "old_reason", "new_reason")
    said = Counter(tuple(one.spoken[column] for column in columns) for one in crossings if one.spoken)
    return tuple(
        Reason(old_sense, new_sense, old_reason, new_reason, count)
        for (old_sense, new_sense, old_reason, new_reason), count in said.most_common()
    )


def _time(text: str | None) -> dt.datetime:
    """A time of the journal; before all times where there was none yet."""
    return dt.datetime.fromisoformat(text) if text else dt.datetime(1, 1, 2, tzinfo=dt.UTC)
