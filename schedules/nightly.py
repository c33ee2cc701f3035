"""The main job: collect, process, load, publish. A live night is one crawl; a replay is one night for each WARC."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.index import ArchiveIndex
from archive.read import Damage, NotAWarc
from archive.replay import ReplayArchive
from archive.workspace import mark_sample
from config.load import Config
from crawler.job import CrawlJob, Event, OutletJob
from crawler.run import CrawlBroken, run_crawl
from pipeline.run import OnFile, ProcessReport, process
from warehouse.database import open_warehouse
from warehouse.publish import publish
from warehouse.summary import Holdings, OutletRun, holdings, run_outcomes

#: A night reaches back this far before the last one that left nothing to try again, since sources announce late.
_OVERLAP = dt.timedelta(days=2)
#: And no further than this, however long an outlet has had a dead source.
_FURTHEST = dt.timedelta(days=30)


class NothingToDo(Exception):
    """No outlet of the registry can be crawled; the message says why."""


@dataclass(frozen=True, slots=True)
class Night:
    """What one night did. `problems` are its failures in a line each; empty means a good night."""

    run: str
    replay: Path | None
    now: dt.datetime
    outlets: tuple[OutletRun, ...]
    before: Holdings
    after: Holdings
    report: ProcessReport
    problems: tuple[str, ...]
    published: Path | None

    @property
    def new_mentions(self) -> int:
        return len(self.after.mention_ids - self.before.mention_ids)

    @property
    def new_articles(self) -> int:
        return self.after.articles - self.before.articles


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
    problems = [f"{replay}: {_line(damage)}" for damage in archive.damages] if archive else []
    with open_warehouse(workspace) as connection:
        before = holdings(connection)
    job = crawl_job(workspace, config, replay, archive, now, only)
    watcher.step("crawl")
    _, broken = _crawl(job, watcher)
    problems += broken
    watcher.step("process")
    report = process(workspace, config, jobs, watcher.file)
    problems += [f"{file}: {_line(damage)}" for file, damage in report.damages]
    problems += report.unreadable
    with open_warehouse(workspace) as connection:
        outlets = tuple(run_outcomes(connection, job.run))
        after = holdings(connection)
    if archive and not any(outlet.reached for outlet in outlets):
        problems.append(
            f"{replay}: none of the feeds and sitemaps of its outlets is in it, so nothing was announced;"
            f" `diembao process {replay}` takes in archives without them"
        )
    silent = {job.outlet.id for job in job.outlets} - {outlet.outlet for outlet in outlets}
    problems += [f"{outlet}: its crawl left no record; run again" for outlet in sorted(silent)]
    if not archive:
        problems += _live_alarms(config, outlets)
    published = None
    if any(outlet.reached for outlet in outlets):
        watcher.step("publish")
        published = publish(workspace)
    return Night(job.run, replay, now, outlets, before, after, report, tuple(problems), published)


def collect(workspace: Path, config: Config, watcher: Watcher, only: Sequence[str]) -> tuple[list[Path], list[str]]:
    """A live crawl alone: the archive files it closed, and its problems. Raises NothingToDo."""
    job = crawl_job(workspace, config, None, None, dt.datetime.now(dt.UTC), only)
    return _crawl(job, watcher)


def crawl_job(
    workspace: Path,
    config: Config,
    replay: Path | None,
    archive: ReplayArchive | None,
    now: dt.datetime,
    only: Sequence[str],
) -> CrawlJob:
    """Which outlets are crawled, and how far back. Raises NothingToDo."""
    index = ArchiveIndex(workspace)
    index.catch_up()  # what it can't read is named by `process`
    chosen = [outlet for outlet in config.outlets if not only or outlet.id in only]
    if archive:
        chosen = [outlet for outlet in chosen if outlet.hosts & archive.hosts]
        if not chosen:
            hosts = ", ".join(sorted(archive.hosts)[:5])
            raise NothingToDo(
                f"{replay}: no outlet of the registry has a host of this file ({hosts}); add one to config/outlets"
            )
    else:
        chosen = [o for o in chosen if any(source.enabled for source in (*o.feeds, *o.sitemaps))]
        if not chosen:
            raise NothingToDo("no outlet of the registry has a verified feed or sitemap; see docs/outlet.md")
    first = now - dt.timedelta(days=config.crawl.first_window_days)
    outlets = [
        OutletJob(outlet=outlet, since=None if archive else _since(index.last_good_crawl(outlet.id), first, now))
        for outlet in chosen
    ]
    run = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    return CrawlJob(
        run=run, workspace=workspace.resolve(), now=now, replay=replay, manners=config.crawl, outlets=outlets
    )


def _since(last_good: dt.datetime | None, first: dt.datetime, now: dt.datetime) -> dt.datetime:
    return max(last_good - _OVERLAP, now - _FURTHEST) if last_good else first


def _crawl(job: CrawlJob, watcher: Watcher) -> tuple[list[Path], list[str]]:
    """Crawls, then reads every closed file back into the index."""
    index = ArchiveIndex(job.workspace)
    problems = []
    try:
        files = run_crawl(job, watcher.event)
    except CrawlBroken as error:
        return [], [f"crawl: {error}; what was collected before is kept and processed"]
    for file in files:
        try:
            report = index.add(file)
        except NotAWarc as error:
            problems.append(f"read-back: {error}")
        else:
            problems += [f"read-back: {report.file}: {_line(damage)}" for damage in report.damages]
    return files, problems


def _live_alarms(config: Config, outlets: Sequence[OutletRun]) -> list[str]:
    """What makes a live night a bad one: an outlet that did not answer or is below its floor, or nothing new at all."""
    floors = {outlet.id: outlet.volume.floor for outlet in config.outlets if outlet.volume}
    problems = []
    for outlet in outlets:
        if not outlet.reached:
            url, reason = next(iter(outlet.source_problems), ("", "no source answered"))
            problems.append(f"{outlet.outlet}: not reached ({reason.replace('_', ' ')}{f': {url}' if url else ''})")
            continue
        problems += [f"{outlet.outlet}: source failed: {url}: {reason}" for url, reason in outlet.source_problems]
        if outlet.outcomes["new"] < floors.get(outlet.outlet, 0):
            problems.append(
                f"{outlet.outlet}: {outlet.outcomes['new']} new articles, below its floor of {floors[outlet.outlet]}"
            )
    if any(outlet.reached for outlet in outlets) and not any(outlet.outcomes["new"] for outlet in outlets):
        problems.append("nothing new from any outlet: a night without one new article is not a good night")
    return problems


def _line(damage: Damage) -> str:
    return f"byte {damage.offset}: {damage.what}; the records around it were read"
