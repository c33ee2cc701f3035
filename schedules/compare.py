"""A sent report against what its figures are now."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from config.load import Config
from reports.changed import causes_by_figure
from reports.frozen import figures
from reports.monthly import build_monthly
from reports.period import Month
from warehouse.compare import Cause, causes_since, last_sent
from warehouse.published import open_published


@dataclass(frozen=True, slots=True)
class ReportedFigure:
    """A figure that is another one now; None where the summary does not print it. `causes` are given of the figures
    that count the month's articles or stories of one sense, and add up to the difference."""

    figure: str
    before: float | None
    after: float | None
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class SinceReported:
    """What was last sent for a period, and how it stands now. `unchanged`: how many figures are what they were."""

    report_id: str
    period: str
    reported_at: str
    database_digest: str
    rules: str
    rules_now: str
    unchanged: int
    figures: tuple[ReportedFigure, ...]


def since_reported(workspace: Path, config: Config, month: Month) -> SinceReported:
    """Sets the summary of `month` as last sent against the published database. Raises NotComparable, NotPublished."""
    reported = last_sent(workspace, "monthly", str(month))
    with closing(open_published(workspace)) as connection:
        summary = build_monthly(connection, month, config.report, config.plan, dt.datetime.now(dt.UTC), relook_days=0)
        found = causes_since(connection, reported, summary.behind.rules)
    targets = {(article["topic"], article["sense"]) for article in summary.behind.articles if article["is_target"]}
    causes = causes_by_figure(found, reported, targets)
    before, after = reported["figures"], figures(summary)
    names = sorted(before.keys() | after.keys())
    changed = [name for name in names if before.get(name) != after.get(name)]
    return SinceReported(
        report_id=reported["report_id"],
        period=reported["period"],
        reported_at=reported["reported_at"],
        database_digest=reported["database_digest"],
        rules=reported["rules"],
        rules_now=summary.behind.rules,
        unchanged=len(names) - len(changed),
        figures=tuple(
            ReportedFigure(name, before.get(name), after.get(name), tuple(causes.get(name, ()))) for name in changed
        ),
    )
