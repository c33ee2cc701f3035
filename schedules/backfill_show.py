"""How a backfill looks on a terminal, and as JSON: the same numbers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from schedules.backfill import Backfill, Remaining


def print_backfill(console: Console, done: Backfill) -> None:
    """A line a month, what is left, and what failed."""
    headings = ("sitemaps read", "listed", "held", "%", "gone", "left", "failed", "state")
    table = Table("outlet", "month", *headings, title=f"Backfill {done.run}: what the outlet's own sitemaps list")
    for column in table.columns[2:-1]:
        column.justify = "right"
    for row in done.progress:
        share = "-" if row.share is None else f"{row.share:.1f}"
        counts = (row.listed, row.held, share, row.gone, row.left_over, row.failed)
        sitemaps = f"{row.sitemaps_read}/{row.sitemaps}"
        table.add_row(row.outlet, row.month, sitemaps, *(str(count) for count in counts), row.state)
    for name, months in done.missing.items():
        for month in months:
            table.add_row(name, month, "0/0", *["-"] * 6, "no sitemap")
    console.print(table)
    for outlet in done.outlets:
        for outcome, reasons in (("failed", outlet.failed_because), ("refused", outlet.refused_because)):
            if reasons:
                words = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
                console.print(f"{outlet.outlet}: {outcome}: {words}", markup=False)
    elsewhere = sum(row.elsewhere for row in done.progress)
    if elsewhere:
        console.print(
            f"{elsewhere} of the articles held give another month than the sitemap that lists them; they are kept, and"
            " figures count them in their own month"
        )
    console.print(f"New in this run: {done.new_articles} articles")
    for left in done.remaining:
        console.print(_time_to_go(left), markup=False)
    for problem in done.problems:
        console.print(f"PROBLEM: {problem}", style="red", markup=False)
    if done.published:
        console.print(f"Published: {done.published}", markup=False)


def backfill_json(done: Backfill) -> dict[str, Any]:
    """The numbers of print_backfill."""
    return {
        "run": done.run,
        "months": list(done.months),
        "new": done.new_articles,
        "progress": [asdict(row) for row in done.progress],
        "missing": {outlet: list(months) for outlet, months in done.missing.items()},
        "remaining": [asdict(left) | {"nights": left.nights} for left in done.remaining],
        "problems": list(done.problems),
        "published": str(done.published) if done.published else None,
    }


def _time_to_go(left: Remaining) -> str:
    if not left.listed and not left.unread:
        return f"{left.outlet}: nothing is left to be had for these months"
    listed = f"{left.listed:,} pages listed and not had yet"
    if left.estimated is None:
        return f"{left.outlet}: left: {listed}, and {left.unread} sitemaps not read: how long it takes is not known yet"
    unread = f", about {left.estimated:,} in {left.unread} sitemaps not read yet" if left.unread else ""
    runs = "one more run" if left.nights == 1 else f"about {left.nights} more runs"
    return f"{left.outlet}: left: {listed}{unread}: {runs} of {left.a_night:,} pages; run the same command again"
