"""Past months, collected from the sitemaps that list them: a budget of pages a run, then read and published.

What is left is known from the archive: a run that is killed is taken up by the next one, and no page is had twice.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.crawl_log import CrawlLog, SourceLog
from archive.index import ArchiveIndex
from config.load import Config
from config.outlets import Outlet
from crawler.job import CrawlJob
from pipeline.run import ProcessReport, process
from schedules.nightly import Collected, NothingToDo, Watcher, new_run, publish_what_came, run_job
from warehouse.backfill import BackfillMonth, backfill_months
from warehouse.database import open_warehouse
from warehouse.summary import OutletRun, run_outcomes

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
#: More than twenty years is a slip of the finger.
_MOST_MONTHS = 240


class BadMonths(ValueError):
    """The months asked for are none that a backfill can collect; the message says why."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is still to be had of an outlet. `listed` pages are known; `estimated` are those of the `unread` sitemaps,
    by the average of the ones that were read, None where none was. `a_night` is what a run takes, by its budget, its
    minutes, and the pace of this one."""

    outlet: str
    listed: int
    unread: int
    estimated: int | None
    a_night: int

    @property
    def nights(self) -> int | None:
        """How many more runs, about; None while nobody can know."""
        return None if self.estimated is None else math.ceil((self.listed + self.estimated) / self.a_night)


@dataclass(frozen=True, slots=True)
class Backfill:
    """What one run did. `missing` are the months for which an outlet names no sitemap."""

    run: str
    months: tuple[str, ...]
    outlets: tuple[OutletRun, ...]
    progress: tuple[BackfillMonth, ...]
    remaining: tuple[Remaining, ...]
    missing: dict[str, tuple[str, ...]]
    report: ProcessReport
    problems: tuple[str, ...]
    published: Path | None

    @property
    def new_articles(self) -> int:
        return sum(outlet.outcomes["new"] for outlet in self.outlets)


def months_between(first: str, last: str, today: dt.date) -> tuple[str, ...]:
    """The months from `first` to `last`, both included. Raises BadMonths."""
    for text in (first, last):
        if not _MONTH.fullmatch(text):
            raise BadMonths(f"'{text}' is no month; write it as 2020-11")
    if last < first:
        raise BadMonths(f"--to {last} lies before --from {first}; exchange the two")
    if last >= f"{today:%Y-%m}":
        raise BadMonths(f"{last} is not over: a backfill collects past months, the night collects this one")
    months = []
    year, month = int(first[:4]), int(first[5:])
    while (text := f"{year}-{month:02}") <= last:
        months.append(text)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    if len(months) > _MOST_MONTHS:
        raise BadMonths(f"{first} to {last} are {len(months)} months; ask for {_MOST_MONTHS} at most")
    return tuple(months)


def backfill(
    workspace: Path,
    config: Config,
    only: Sequence[str],
    months: tuple[str, ...],
    pages: int | None,
    jobs: int,
    watcher: Watcher,
) -> Backfill:
    """One run; the caller holds the workspace. Raises NothingToDo, WarehouseError, JournalError."""
    chosen = _chosen(config, only)
    manners = config.crawl if pages is None else config.crawl.model_copy(update={"pages_per_night": pages})
    ArchiveIndex(workspace).catch_up()  # what it can't read is named by `process`
    job = CrawlJob(
        run=new_run(),
        workspace=workspace.resolve(),
        now=dt.datetime.now(dt.UTC),
        replay=None,
        manners=manners,
        outlets=chosen,
        errand="backfill",
        patient=False,
        months=months,
    )
    watcher.step("crawl")
    collected = run_job(job, watcher)
    problems, missing, undated = list(collected.problems), {}, []
    for outlet in chosen:
        seen = _Seen(outlet, tuple(log for log in collected.logs if log.outlet == outlet.id))
        problems += seen.faults
        if seen.is_undated:
            undated.append(
                f"{outlet.id}: nothing to collect: it names no sitemap for any month from {months[0]} to {months[-1]}"
            )
        elif seen.answered and (without := seen.without_sitemap(months)):
            missing[outlet.id] = without
            problems.append(f"{outlet.id}: no sitemap for {', '.join(without)}: nothing of them can be collected")
    if len(undated) == len(chosen):
        raise NothingToDo("; ".join(undated))
    problems += undated
    watcher.step("process")
    report = process(workspace, config, jobs, watcher.file)
    problems += report.problems
    with open_warehouse(workspace) as connection:
        outlets = tuple(run_outcomes(connection, job.run))
        progress = tuple(backfill_months(connection, [outlet.id for outlet in chosen], months))
    problems += _unread(outlets, collected)
    published = publish_what_came(workspace, outlets, watcher, problems)
    remaining = tuple(_remaining(job, outlet.id, progress, collected) for outlet in chosen)
    return Backfill(
        job.run, months, outlets, progress, remaining, missing, report, tuple(dict.fromkeys(problems)), published
    )


class _Seen:
    """What this run saw of one outlet."""

    def __init__(self, outlet: Outlet, logs: Sequence[CrawlLog]) -> None:
        self._outlet = outlet
        self._sitemaps = [source for log in logs for source in log.sources if source.kind == "sitemap"]
        self._sources = [source for log in logs for source in log.sources]
        self._months = {source.month for source in self._sitemaps if source.month}
        self._months |= {page.month for log in logs for page in log.pages if page.month}
        self._written = bool(logs)

    @property
    def answered(self) -> bool:
        """Whether anything that names its sitemaps was read."""
        return any(source.outcome == "ok" for source in self._sources if source.month is None)

    @property
    def is_undated(self) -> bool:
        """Whether all that names its sitemaps was read, and none of them is one of the months."""
        tops = [source for source in self._sources if source.month is None]
        return bool(tops) and not self._months and all(source.outcome == "ok" for source in tops)

    @property
    def faults(self) -> list[str]:
        if not self._written:
            return [f"{self._outlet.id}: its crawl left no record; run again"]
        return [f"{self._outlet.id}: {told}" for source in self._sources if (told := _fault(source))]

    def without_sitemap(self, months: Sequence[str]) -> tuple[str, ...]:
        # A sitemap that names a year alone, and whose turn has not come, may list any month of it.
        open_years = [source for source in self._sitemaps if source.month is None and source.outcome == "waiting"]
        return () if open_years else tuple(month for month in months if month not in self._months)


def _fault(source: SourceLog) -> str | None:
    why = (source.reason or "no reason given").replace("_", " ")
    if source.outcome in ("failed", "refused"):
        return f"{source.kind} {source.outcome}: {source.url}: {why}"
    if source.outcome == "ok" and source.reason not in (None, "not_modified"):
        return f"{source.kind} not read whole: {source.url}: {why}, after {source.items} entries"
    return None


def _chosen(config: Config, only: Sequence[str]) -> list[Outlet]:
    chosen = [outlet for outlet in config.outlets if outlet.id in only]
    beyond = [f"{outlet.id}: {outlet.beyond_reach}" for outlet in chosen if outlet.beyond_reach]
    if beyond:
        raise NothingToDo(f"nothing to collect: {'; '.join(beyond)}; see docs/outlet.md")
    return chosen


def _unread(outlets: Sequence[OutletRun], collected: Collected) -> list[str]:
    return [
        f"{outlet.outlet}: {came} pages came, and none could be read as an article"
        for outlet in outlets
        if (came := collected.fresh(outlet.outlet)) and not outlet.outcomes["new"]
    ]


def _remaining(job: CrawlJob, outlet: str, progress: Sequence[BackfillMonth], collected: Collected) -> Remaining:
    months = [month for month in progress if month.outlet == outlet]
    read = sum(month.sitemaps_read for month in months)
    logs = [log for log in collected.logs if log.outlet == outlet]
    of_years = [
        source
        for log in logs
        for source in log.sources
        if source.kind == "sitemap" and source.outcome == "waiting" and source.month is None
    ]
    unread = sum(month.sitemaps for month in months) - read + len(of_years)
    listed = sum(month.listed for month in months)
    estimated = 0 if not unread else round(listed / read * unread) if read else None
    seconds = sum((log.ended - log.started).total_seconds() for log in logs[-1:])
    fetched = sum(page.outcome in ("fetched", "failed") for log in logs for page in log.pages)
    pace = max(job.manners.delay_seconds, seconds / fetched if fetched else 0)
    most = job.manners.minutes_per_night * 60 / pace if pace else job.manners.pages_per_night
    a_night = max(1, min(job.manners.pages_per_night, int(most)))
    return Remaining(outlet, sum(month.left_over for month in months), unread, estimated, a_night)
