"""How `diembao compare` looks on a terminal; --json has the same facts, and all that is cut short here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from schedules.compare import SinceReported
from warehouse.compare import ArticleChange, Build, Cause, Comparison, FigureChange, MentionChange

#: Of articles and of reasons, no more than these are printed.
_MOST = 20
_CAUSES = {
    "new": "articles collected since",
    "gone": "articles no longer held",
    "month": "articles counted in another month",
    "outlet": "outlets of another kind in the registry",
    "rule": "sense changed by rule",
    "decision": "sense changed by a person",
    "text": "the page says something else",
    "weight": "named more or less often, or elsewhere in the text",
    "stories": "stories joined, parted or begun in another month",
    "articles": "stories of articles that came or went",
    "unexplained": "unexplained",
}
_CHANGES = {
    "added": "added",
    "gone": "gone",
    "version": "with another text",
    "month": "in another month",
    "date": "at another time",
    "story": "in another story",
    "withdrawn": "withdrawn, or back",
}


def print_comparison(console: Console, found: Comparison) -> None:
    """The two builds, then articles, figures with their causes, and why senses changed."""
    for name, build in (("old", found.old), ("new", found.new)):
        console.print(f"{name}: {_build(build)}", markup=False)
    same = "were read by the same rules" if found.same_rules else "were read by different rules"
    console.print(f"Both {same}" if found.same_rules else f"They {same}", markup=False)
    if not (found.article_counts or found.mentions or found.figures):
        console.print("Nothing changed: articles, mentions and figures are the same", markup=False)
        return
    told = [f"{count} {_CHANGES[change]}" for change, count in found.article_counts.items()]
    console.print(f"Articles: {', '.join(told) or 'unchanged'}", markup=False)
    _print_articles(console, found.articles)
    _print_mentions(console, found.mentions)
    _print_figures(console, found.figures)


def print_reported(console: Console, found: SinceReported) -> None:
    """What was sent, and each figure that is another one now."""
    console.print(
        f"Report {found.report_id} of {found.period}, {found.reported_at}; database sha256 {found.database_digest}",
        markup=False,
    )
    rules = (
        f"the same rules, {found.rules}"
        if found.rules == found.rules_now
        else f"{found.rules} then, {found.rules_now} now"
    )
    console.print(f"Rules: {rules}", markup=False)
    if found.figures:
        table = Table(*_columns("figure", "then", "now", "difference", "why"), title="Figures that are others now")
        for figure in found.figures:
            before, after = figure.before, figure.after
            difference = None if before is None or after is None else after - before
            numbers = (_number(before), _number(after), "" if difference is None else _signed(difference))
            table.add_row(*(Text(text) for text in (figure.figure, *numbers, _why(figure.causes))))
        console.print(table)
        for figure in found.figures:
            for line in _reasons(figure.causes):
                console.print(f"{figure.figure}: {line}", markup=False)
    console.print(f"{found.unchanged} figures are what they were; {len(found.figures)} are not", markup=False)


def comparison_json(found: Comparison) -> dict[str, Any]:
    """The facts of print_comparison, whole."""
    return {"same_rules": found.same_rules} | asdict(found)


def _build(build: Build) -> str:
    held = f"{build.articles} articles, {build.mentions} mentions, {build.decisions} decisions of people"
    return f"{build.path}: {held}; rules {'+'.join(build.rules) or 'none'}"


def _print_articles(console: Console, articles: Sequence[ArticleChange]) -> None:
    for article in articles[:_MOST]:
        changes = ", ".join(_CHANGES[change] for change in article.changes)
        moved = f" ({article.old_counted_at} → {article.new_counted_at})" if "date" in article.changes else ""
        title = article.title or "(no headline)"
        console.print(f"  {article.article_id} {article.outlet_id}: {changes}{moved}: {title}", markup=False)
    if len(articles) > _MOST:
        console.print(f"  and {len(articles) - _MOST} more that name a topic; --json lists them", markup=False)


def _print_mentions(console: Console, mentions: Sequence[MentionChange]) -> None:
    """How many, by what happened to them and why, with what was said of them."""
    counts = Counter(mention.change for mention in mentions)
    words = {"added": "added", "gone": "gone", "sense": "with another sense"}
    console.print(
        f"Mentions: {', '.join(f'{count} {words[change]}' for change, count in counts.items()) or 'unchanged'}",
        markup=False,
    )
    said = Counter(
        (one.topic, _CAUSES[one.cause], one.old_sense, one.new_sense, one.old_reason, one.new_reason)
        for one in mentions
        if one.cause not in ("new", "gone")
    )
    for (topic, cause, *words_of_both), count in said.most_common(_MOST):
        console.print(f"  {topic}: {count}: {cause}: {_both(*words_of_both)}", markup=False)
    if len(said) > _MOST:
        console.print(f"  and {len(said) - _MOST} more reasons; --json lists all mentions", markup=False)


def _print_figures(console: Console, figures: Sequence[FigureChange]) -> None:
    if not figures:
        console.print("Figures: unchanged", markup=False)
        return
    columns = _columns("month", "outlets", "topic", "sense", "figure", "before", "after", "difference", "why")
    table = Table(*columns, title="Figures of coverage_monthly")
    for one in figures:
        sense = one.sense if one.is_target else f"{one.sense} (in no total)"
        numbers = (str(one.before), str(one.after), _signed(one.after - one.before))
        row = (one.month, one.outlet_kind, one.topic, sense, one.measure, *numbers, _why(one.causes))
        table.add_row(*(Text(text) for text in row))
    console.print(table)


def _columns(*names: str) -> list[Column]:
    right = {"before", "after", "then", "now", "difference"}
    return [Column(name, justify="right" if name in right else "left", overflow="fold") for name in names]


def _why(causes: Sequence[Cause]) -> str:
    """Each cause with its share, and what came and went where both did."""
    told = []
    for cause in causes:
        both = f" ({len(cause.came)} came, {len(cause.went)} went)" if cause.came and cause.went else ""
        told.append(f"{_signed(cause.difference)} {_CAUSES[cause.cause]}{both}")
    return "; ".join(told)


def _reasons(causes: Sequence[Cause]) -> list[str]:
    return [
        f"{_CAUSES[cause.cause]}: {reason.articles}: "
        f"{_both(reason.old_sense, reason.new_sense, reason.old_reason, reason.new_reason)}"
        for cause in causes
        for reason in cause.reasons[:_MOST]
    ]


def _both(old_sense: str | None, new_sense: str | None, old_reason: str | None, new_reason: str | None) -> str:
    """From what to what; a reason that is not known is left out."""
    sides = [
        f"{sense or 'no mention'}{f' ({reason})' if reason else ''}"
        for sense, reason in ((old_sense, old_reason), (new_sense, new_reason))
    ]
    return " → ".join(sides)


def _number(value: float | None) -> str:
    if value is None:
        return "not printed"
    return str(value) if isinstance(value, int) else f"{value:.2f}"


def _signed(value: float) -> str:
    return f"{value:+d}" if isinstance(value, int) else f"{value:+.2f}"
