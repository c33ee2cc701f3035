"""Reads what the archive holds and the warehouse does not know yet, loads it, and groups it into stories."""

from __future__ import annotations

import datetime as dt
import filecmp
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from archive.crawl_log import CrawlLog
from archive.index import ArchiveIndex
from archive.manifest import IMPORTED
from archive.read import Damage, NotAWarc, read_warc
from archive.urls import as_held, normalize_url
from config.by_hand import ByHand
from config.facets import Facets
from config.load import Config
from config.outlets import Outlet
from config.plan import Plan
from config.topics import Topics
from pipeline.cluster import read_on_cluster
from pipeline.facts import FileFacts, article_id
from pipeline.fingerprint import rules_fingerprint
from pipeline.stories import group_stories
from pipeline.work import failure, read_file, start_worker, use
from warehouse.database import open_warehouse
from warehouse.load import (
    Batch,
    Row,
    load_batch,
    load_journal,
    load_reference,
    processed,
)
from warehouse.summary import crashes, drifting

#: Captures loaded in one transaction, about: 1.5 KB of text each.
_MOST_LOADED = 20_000

#: So often a pool whose worker was killed is followed by another.
_POOLS = 3

#: Called with a file's name when it has been read, and how many there are in all.
OnFile = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """What `process` did: files read, and what in them could not be; `drift` tells of each outlet whose layouts no
    longer fit its pages."""

    files: tuple[str, ...]
    captures: int
    damages: tuple[tuple[str, Damage], ...]
    unreadable: tuple[str, ...]
    drift: dict[str, str]

    @property
    def problems(self) -> list[str]:
        """What could not be read, a line each."""
        return [*(f"{file}: {damage}" for file, damage in self.damages), *self.unreadable]


def take_in(workspace: Path, warcs: Sequence[Path]) -> list[str]:
    """Copies archives made elsewhere into the workspace's archive; returns what can't be taken in, and why."""
    refused = []
    for warc in warcs:
        if warc.resolve().is_relative_to((workspace / "archive").resolve()):
            continue
        target = workspace / "archive" / IMPORTED / warc.name
        try:
            next(read_warc(warc), None)
            if target.exists() and not filecmp.cmp(warc, target, shallow=False):
                refused.append(f"{warc}: another file of that name was taken in before; rename it")
            elif not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                aside = target.with_name(target.name + ".copy")
                shutil.copyfile(warc, aside)
                aside.rename(target)
        except NotAWarc as error:
            refused.append(str(error))
        except OSError as error:
            refused.append(f"{warc}: can't be taken in: {error.strerror or error}")
    return refused


def process(
    workspace: Path,
    config: Config,
    jobs: int,
    on_file: OnFile,
    everything: bool = False,
    cluster: str | None = None,
) -> ProcessReport:
    """Brings the warehouse up to date with archive, configuration and journal. Safe to repeat. A `cluster`, where its
    address is given, reads the files.

    Raises WarehouseError, JournalError and ClusterError. What can't be read is in the report, and tried again the next
    time.
    """
    index = ArchiveIndex(workspace)
    unreadable = index.catch_up()
    fingerprint = rules_fingerprint(config)
    shutil.rmtree(workspace / "scratch", ignore_errors=True)
    # Of this run alone: a worker of one that was killed may still be writing.
    scratch = workspace / "scratch" / secrets.token_hex(4)
    scratch.mkdir(parents=True)
    try:
        with open_warehouse(workspace) as connection:
            known = {} if everything else processed(connection)
            pending = [file for file in index.files() if known.get(file) != fingerprint]
            if cluster:
                facts, failed = _read_all_on(cluster, workspace, config, fingerprint, pending, scratch, on_file)
            else:
                facts, failed = _read_all(workspace, config, pending, scratch, jobs, on_file)
            load_reference(connection, reference_rows(config))
            load_journal(connection, workspace)
            for batch in _batches(facts):
                load_batch(connection, _batch(config, batch, fingerprint))
            group_stories(connection)
            drift = drifting(connection)
            crashed = crashes(connection, [file for file, _, _ in facts])
    finally:
        shutil.rmtree(workspace / "scratch", ignore_errors=True)
    damages = tuple((file, damage) for file, _, found in facts for damage in found.damages)
    captures = sum(found.captures for _, _, found in facts)
    failed += [
        f"{url}: {problem}: the page broke our reader and is put aside; please report this" for url, problem in crashed
    ]
    return ProcessReport(tuple(file for file, _, _ in facts), captures, damages, (*unreadable, *failed), drift)


Facts = list[tuple[str, Path, FileFacts]]


def _read_all(
    workspace: Path, config: Config, files: Sequence[str], scratch: Path, jobs: int, on_file: OnFile
) -> tuple[Facts, list[str]]:
    """Reads the files with a pool of processes. Where one of them is killed, a new pool reads what is left, and in the
    end one process for each file."""
    facts: Facts = []
    failed: list[str] = []
    todo = {file: scratch / f"{number}.parquet" for number, file in enumerate(files)}
    if todo:
        use(config)

    def read(some: Sequence[str], workers: int) -> bool:
        """Whether the pool lived; what it has read is no longer in `todo`."""
        lived = True
        with ProcessPoolExecutor(workers, get_context("fork"), start_worker) as pool:
            futures: dict[Future[FileFacts], str] = {
                pool.submit(read_file, workspace / file, file, todo[file]): file for file in some
            }
            for future in as_completed(futures):
                file = futures[future]
                try:
                    facts.append((file, todo[file], future.result()))
                except BrokenProcessPool:
                    lived = False
                    continue
                except Exception as error:  # noqa: BLE001 (whatever a file does to its reader, the others are loaded)
                    failed.append(failure(workspace / file, error))
                del todo[file]
                on_file(file, len(files))
        return lived

    for _ in range(_POOLS):
        if not todo or read(list(todo), min(jobs, len(todo))):
            break
    for file in list(todo):
        if not read([file], 1):
            del todo[file]
            failed.append(f"{workspace / file}: its reader was killed again and again; not loaded")
            on_file(file, len(files))
    return sorted(facts), failed


def _read_all_on(
    cluster: str,
    workspace: Path,
    config: Config,
    fingerprint: str,
    files: Sequence[str],
    scratch: Path,
    on_file: OnFile,
) -> tuple[Facts, list[str]]:
    """Reads the files with the workers of a cluster. Raises ClusterError."""
    facts: Facts = []
    failed: list[str] = []
    scratch = scratch.resolve()
    todo = {file: ((workspace / file).resolve(), scratch / f"{number}.parquet") for number, file in enumerate(files)}

    def done(file: str, found: FileFacts | str) -> None:
        if isinstance(found, str):
            failed.append(found if file in found else f"{workspace / file}: {found}")
        else:
            facts.append((file, todo[file][1], found))
        on_file(file, len(files))

    if todo:
        left = read_on_cluster(cluster, config, fingerprint, todo, scratch, done)
        failed += [
            f"{workspace / file}: {cluster} has no workers left; the next `diembao process` reads it" for file in left
        ]
    return sorted(facts), failed


def _batches(facts: Facts) -> Iterator[Facts]:
    """The files in the order of their names, so many to a transaction as memory is sure to hold."""
    batch: Facts = []
    captures = 0
    for file, parquet, found in facts:
        batch.append((file, parquet, found))
        captures += found.captures
        if captures >= _MOST_LOADED:
            yield batch
            batch, captures = [], 0
    if batch:
        yield batch


def _batch(config: Config, facts: Facts, fingerprint: str) -> Batch:
    files = [
        {
            "archive_file": file,
            "fingerprint": fingerprint,
            "captures": found.captures,
            "damages": [{"archive_offset": damage.offset, "what": damage.what} for damage in found.damages],
        }
        for file, _, found in facts
    ]
    logs = [(file, found.log) for file, _, found in facts if found.log]
    crawls = [_crawl_row(file, log) for file, log in logs]
    outlets = {outlet.id: outlet for outlet in config.outlets}
    # An outlet that has left the registry leaves the figures: its pages are not read either.
    known = [(file, log) for file, log in logs if log.outlet in outlets]
    fetches = [row for file, log in known for row in _fetch_rows(file, log, outlets[log.outlet])]
    return Batch([parquet for _, parquet, _ in facts], files, crawls, fetches)


def _crawl_row(file: str, log: CrawlLog) -> Row:
    return {
        "archive_file": file,
        "run_id": log.run,
        "outlet_id": log.outlet,
        "mode": log.mode,
        "crawl_time": log.now,
        "started_at": log.started,
        "ended_at": log.ended,
        "finish": log.finish,
        "reached": log.reached,
        "alarms": list(log.alarms),
    }


def _fetch_rows(file: str, log: CrawlLog, outlet: Outlet) -> Iterable[Row]:
    common = {"archive_file": file, "run_id": log.run, "outlet_id": log.outlet}
    for source in log.sources:
        yield common | {
            "url": source.url,
            "kind": source.kind,
            "announced": False,
            "relook": False,
            "listed": source.listed,
            "items": source.items,
            "newest_at": _time(source.newest),
            "crawled": source.outcome,
            "reason": source.reason,
            "status": source.status,
            "listed_month": source.month,
        }
    for page in log.pages:
        final = normalize_url(page.final_url) if page.final_url else None
        yield common | {
            "url": page.url,
            "kind": "page",
            "article_id": article_id(outlet, final or page.url),
            "announced": page.announced,
            "relook": page.relook,
            "listed": False,
            "announced_at": _time(page.announced_time),
            "announced_by": list(page.announced_by),
            "crawled": page.outcome,
            "reason": page.reason,
            "status": page.status,
            "listed_month": page.month,
        }


def _time(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def reference_rows(config: Config) -> dict[str, list[Row]]:
    """The tables that mirror the configuration."""
    outlets = [
        {
            "outlet_id": outlet.id,
            "name": outlet.name,
            "governing_body": outlet.governing_body,
            "kind": outlet.kind,
            "tier": outlet.tier,
            "language": outlet.language,
            "rolls_up_to": outlet.rolls_up_to,
            "core_document": outlet.core,
            "beyond_reach": outlet.beyond_reach,
            "layouts": len(outlet.layouts),
            "hosts": outlet.every_host,
        }
        for outlet in config.outlets
    ]
    feeds = [
        {
            "outlet_id": outlet.id,
            "url": source.url,
            "kind": kind,
            "label": source.label,
            "verified": source.verified,
        }
        for outlet in config.outlets
        for kind, source in outlet.sources
    ]
    return {
        "outlets": outlets,
        "feeds": feeds,
        "thresholds": [
            {
                "complete_from": config.report.complete_from_percent,
                "watched_from": config.report.watched_days_from_percent,
            }
        ],
        "topics": _topic_rows(config.topics),
        "facet_values": [
            {"kind": kind.id, "kind_label": kind.label, "value": facet.value, "value_label": facet.label}
            for kind in config.facets.kinds
            for facet in config.facets.values(kind)
        ],
        "plan_activities": _plan_rows(config.plan, config.facets),
        **(_by_hand_rows(config.by_hand) if config.by_hand else {}),
    }


def _topic_rows(topics: Topics) -> list[Row]:
    return [
        {
            "topic": topic.id,
            "sense": sense.id,
            "is_target": sense.id == topic.target,
            "undecided": sense.id == topic.undecided,
            "topic_label": topic.name,
            "sense_label": sense.label,
        }
        for topic in topics.topics
        for sense in topic.senses
    ]


def _plan_rows(plan: Plan, facets: Facets) -> list[dict[str, Any]]:
    """What no rule looks for can't be seen, whatever the press could show: a zero would be no count."""
    looked_for = {facet.value for kind in facets.kinds if kind.id == "activity" for facet in facets.values(kind)}
    return [
        {
            "activity_id": activity.id,
            "position": position,
            "group_title": plan.groups[activity.group],
            "activity": activity.activity,
            "starts": activity.start,
            "ends": activity.end,
            "leads": activity.lead,
            "partners": activity.partners,
            "results": activity.results,
            "observable": activity.observable if activity.id in looked_for else "no",
            "topics": activity.topics,
            "target": activity.target,
        }
        for position, activity in enumerate(plan.activities, 1)
    ]


def _by_hand_rows(by_hand: ByHand) -> dict[str, list[Row]]:
    places: Counter[str] = Counter()
    entries = []
    for entry in by_hand.activities:
        places[entry.activity_id] += 1
        entries.append(asdict(entry) | {"position": places[entry.activity_id]})
    return {
        "plan_entries": entries,
        "outcomes": [asdict(outcome) | {"position": n} for n, outcome in enumerate(by_hand.outcomes, 1)],
        "difficulties": [
            asdict(told) | {"position": n, "article": as_held(told.article)}
            for n, told in enumerate(by_hand.difficulties, 1)
        ],
    }
