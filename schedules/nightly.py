"""The main job: collect, process, load, publish. A live night is one crawl; a replay is one night for each WARC."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archive.crawl_log import CrawlLog
from archive.index import ArchiveIndex
from archive.read import NotAWarc
from archive.replay import ReplayArchive
from archive.workspace import mark_sample
from config.load import Config
from crawler.job import CrawlJob, Event
from crawler.run import CrawlBroken, run_crawl
from pipeline.run import OnFile, ProcessReport, process
from warehouse.database import WarehouseError, open_warehouse
from warehouse.publish import publish
from warehouse.summary import Holdings, OutletRun, holdings, run_outcomes


class NothingToDo(Exception):
    """No outlet of the registry can be crawled; the message says why."""


@dataclass(frozen=True, slots=True)
class Night:
    """What one night did. `problems` are its failures in a line each; empty means a good night. `not_asked` are the
    outlets of the registry that a live night passed by, and why; `drift` tells whose layouts no longer fit."""

    run: str
    replay: Path | None
    now: dt.datetime
    outlets: tuple[OutletRun, ...]
    before: Holdings
    after: Holdings
    report: ProcessReport
    problems: tuple[str, ...]
    published: Path | None
    not_asked: dict[str, str]
    drift: dict[str, str]

    @property
    def new_mentions(self) -> int:
        return len(self.after.mention_ids - self.before.mention_ids)

    @property
    def new_articles(self) -> int:
        return self.after.articles - self.before.articles


@dataclass(frozen=True, slots=True)
class Collected:
    """What a crawl left in the archive: its files, their logs, and what went wrong with the crawl as a whole."""

    files: tuple[Path, ...]
    logs: tuple[CrawlLog, ...]
    problems: tuple[str, ...]

    def fresh(self, outlet: str) -> int:
        """Pages of an outlet that were got for the first time."""
        return sum(log.fresh for log in self.logs if log.outlet == outlet)

    @property
    def alarms(self) -> list[str]:
        return [f"{log.outlet}: {alarm}" for log in self.logs for alarm in log.alarms]


@dataclass(frozen=True, slots=True)
class Watcher:
    """What a night tells while it works: crawl events, files read, and the name of each step."""

    step: Callable[[str], None]
    event: Callable[[Event], None]
    file: OnFile


def nightly(
    workspace: Path,
    config: Config,
    replay: Path | None,
    jobs: int,
    watcher: Watcher,
    only: Sequence[str] = (),
) -> Night:
    """Runs one night; the caller holds the workspace. Raises NotAWarc, NothingToDo, WarehouseError, JournalError."""
    archive = ReplayArchive(replay) if replay else None
    now = archive.now if archive else dt.datetime.now(dt.UTC)
    if archive and archive.sample:
        mark_sample(workspace)
    problems = [f"{replay}: {damage}" for damage in archive.damages] if archive else []
    with open_warehouse(workspace) as connection:
        before = holdings(connection)
    job = crawl_job(workspace, config, replay, archive, now, only)
    watcher.step("crawl")
    collected = run_job(job, watcher)
    problems += collected.problems
    watcher.step("process")
    report = process(workspace, config, jobs, watcher.file)
    problems += report.problems
    with open_warehouse(workspace) as connection:
        outlets = tuple(run_outcomes(connection, job.run))
        after = holdings(connection)
    drift = {outlet.outlet: report.drift[outlet.outlet] for outlet in outlets if outlet.outlet in report.drift}
    if archive and not any(outlet.reached for outlet in outlets):
        problems.append(
            f"{replay}: none of the feeds and sitemaps of its outlets is in it, so nothing was announced;"
            f" `diembao process {replay}` takes in archives without them"
        )
    silent = {outlet.id for outlet in job.outlets} - {outlet.outlet for outlet in outlets}
    problems += [f"{outlet}: its crawl left no record; run again" for outlet in sorted(silent)]
    if not archive:
        problems += _live_alarms(outlets, collected)
        problems += [f"{outlet}: {what}" for outlet, what in drift.items()]
    not_asked = {} if archive or only else _not_asked(config)
    published = publish_what_came(workspace, outlets, watcher, problems)
    return Night(job.run, replay, now, outlets, before, after, report, tuple(problems), published, not_asked, drift)


def publish_what_came(
    workspace: Path, outlets: Sequence[OutletRun], watcher: Watcher, problems: list[str]
) -> Path | None:
    """Publishes where an outlet was reached. What keeps it from being published is added to `problems`."""
    if not any(outlet.reached for outlet in outlets):
        return None
    watcher.step("publish")
    try:
        return publish(workspace)
    except WarehouseError as error:
        problems.append(str(error))
        return None


def collect(workspace: Path, config: Config, watcher: Watcher, only: Sequence[str]) -> Collected:
    """A live crawl alone. Raises NothingToDo."""
    unreadable = ArchiveIndex(workspace).catch_up()
    collected = run_job(crawl_job(workspace, config, None, None, dt.datetime.now(dt.UTC), only), watcher)
    return replace(collected, problems=(*unreadable, *collected.problems))


def crawl_job(
    workspace: Path,
    config: Config,
    replay: Path | None,
    archive: ReplayArchive | None,
    now: dt.datetime,
    only: Sequence[str],
) -> CrawlJob:
    """Which outlets are crawled. Raises NothingToDo."""
    ArchiveIndex(workspace).catch_up()  # what it can't read is named by `process`
    chosen = [outlet for outlet in config.outlets if not only or outlet.id in only]
    if archive:
        chosen = [outlet for outlet in chosen if any(outlet.owns(host) for host in archive.hosts)]
        if not chosen:
            hosts = ", ".join(sorted(archive.hosts)[:5])
            raise NothingToDo(
                f"{replay}: no outlet of the registry has a host of this file ({hosts}); add one to config/outlets"
            )
    else:
        left_out = _not_asked(config)
        reasons = [f"{outlet.id}: {left_out[outlet.id]}" for outlet in chosen if outlet.id in left_out]
        chosen = [outlet for outlet in chosen if outlet.id not in left_out]
        if not chosen:
            why = "; ".join(reasons) if only else "no outlet of the registry has a verified feed or sitemap"
            raise NothingToDo(f"nothing to crawl: {why}; see docs/outlet.md")
    return CrawlJob(
        run=new_run(),
        workspace=workspace.resolve(),
        now=now,
        replay=replay,
        manners=config.crawl,
        outlets=chosen,
        patient=not only,  # whoever names an outlet wants it asked
    )


def new_run() -> str:
    """A name for a run: its second, and four digits that no other run of that second has."""
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def _not_asked(config: Config) -> dict[str, str]:
    """Outlets that a live crawl passes by, and why."""
    found = {}
    for outlet in config.outlets:
        if outlet.beyond_reach:
            found[outlet.id] = outlet.beyond_reach
        elif not any(source.enabled for _, source in outlet.sources):
            found[outlet.id] = "none of its addresses has been seen alive; run `diembao outlets check`"
    return found


def run_job(job: CrawlJob, watcher: Watcher) -> Collected:
    """Crawls, then reads every closed file back into the index."""
    index = ArchiveIndex(job.workspace)
    problems, logs = [], []
    try:
        files = run_crawl(job, watcher.event)
    except CrawlBroken as error:
        files = error.files
        problems.append(f"crawl: {error}; what was collected before is kept and processed")
    for file in files:
        try:
            report = index.add(file)
        except NotAWarc as error:
            problems.append(f"read-back: {error}")
            continue
        problems += [f"read-back: {report.file}: {damage}" for damage in report.damages]
        logs += [report.log] if report.log else []
    return Collected(tuple(files), tuple(logs), tuple(problems))


def _live_alarms(outlets: Sequence[OutletRun], collected: Collected) -> list[str]:
    """What makes a live night a bad one: what the crawl saw, and pages that came and could not be read."""
    problems = []
    for outlet in outlets:
        problems += [f"{outlet.outlet}: {alarm}" for alarm in outlet.alarms]
        came = collected.fresh(outlet.outlet)
        if came and not outlet.outcomes["new"]:
            problems.append(f"{outlet.outlet}: {came} new pages came, and none could be read as an article")
    return problems
