"""Reads what the archive holds and the warehouse does not know yet, loads it, and groups it into stories."""

from __future__ import annotations

import datetime as dt
import filecmp
import multiprocessing
import os
import pickle
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive.crawl_log import CrawlLog
from archive.index import ArchiveIndex
from archive.manifest import IMPORTED
from archive.read import Damage, NotAWarc, read_warc
from archive.urls import normalize_url
from config.by_hand import ByHand
from config.load import Config, load_config
from config.outlets import Outlet
from config.plan import Plan
from config.topics import Topics
from pipeline.facts import FactsReader, FileFacts, article_id
from pipeline.fingerprint import rules_fingerprint
from pipeline.limits import PageClock, last_page
from pipeline.stories import group_stories
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

#: A file with more pages that end their reader is not worth its while.
_MOST_SKIPPED = 100

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


def process(workspace: Path, config: Config, jobs: int, on_file: OnFile, everything: bool = False) -> ProcessReport:
    """Brings the warehouse up to date with archive, configuration and journal. Safe to repeat.

    Raises WarehouseError and JournalError. What can't be read is in the report, and tried again the next time.
    """
    index = ArchiveIndex(workspace)
    unreadable = index.catch_up()
    fingerprint = rules_fingerprint(config)
    scratch = workspace / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        with open_warehouse(workspace) as connection:
            known = {} if everything else processed(connection)
            pending = [file for file in index.files() if known.get(file) != fingerprint]
            facts, failed = _read_all(workspace, config, pending, scratch, jobs, on_file)
            load_reference(connection, reference_rows(config))
            load_journal(connection, workspace)
            for batch in _batches(facts):
                load_batch(connection, _batch(config, batch, fingerprint))
            group_stories(connection)
            drift = drifting(connection)
            crashed = crashes(connection, [file for file, _, _ in facts])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    damages = tuple((file, damage) for file, _, found in facts for damage in found.damages)
    captures = sum(found.captures for _, _, found in facts)
    failed += [
        f"{url}: {problem}: the page broke our reader and is put aside; please report this" for url, problem in crashed
    ]
    return ProcessReport(tuple(file for file, _, _ in facts), captures, damages, (*unreadable, *failed), drift)


_reader: FactsReader | None = None


def _start_worker(config_directory: Path) -> None:
    global _reader  # noqa: PLW0603 (one reader a process: compiling the rules takes longer than a page)
    # The parent decides when to stop; a worker finishes its page.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _reader = FactsReader(load_config(config_directory))


def _end_with_parent() -> None:
    """A worker whose parent was killed would hold the workspace's lock for good: the lock came with the fork."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


class ReaderKilled(Exception):
    """Page after page of a file ended its reader, or something else did."""


def _read_file(workspace: Path, file: str, parquet: Path) -> FileFacts:
    """Reads a file in a child of this process, again without each page that ended it. Raises NotAWarc, ReaderKilled."""
    # Where the reader notes which page it is at.
    marker = parquet.with_suffix(".page")
    skip: set[int] = set()
    while (answer := _read_in_child(workspace / file, file, parquet, marker, frozenset(skip))) is None:
        page = last_page(marker)
        if page is None or page in skip or len(skip) == _MOST_SKIPPED:
            raise ReaderKilled(f"{workspace / file}: its reader was killed again and again; not loaded")
        skip.add(page)
    if isinstance(answer, Exception):
        raise answer
    return answer


def _read_in_child(
    warc: Path, name: str, parquet: Path, marker: Path, skip: frozenset[int]
) -> FileFacts | Exception | None:
    """What the child found or raised; None where it was ended. A fork of this process has the rules and the tokenizer
    loaded, which a new one takes seconds for."""
    if _reader is None:
        raise RuntimeError("worker was not started")
    answer = parquet.with_suffix(".answer")
    answer.unlink(missing_ok=True)
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        # Our own child wrote it.
        return pickle.loads(answer.read_bytes()) if answer.exists() else None  # noqa: S301
    try:
        threading.Thread(target=_end_with_parent, daemon=True).start()
        found: FileFacts | Exception
        try:
            found = _reader.write(warc, name, parquet, PageClock(marker), skip)
        except Exception as error:  # noqa: BLE001 (the parent raises it)
            found = error
        answer.write_bytes(pickle.dumps(found))
    finally:
        os._exit(0)


Facts = list[tuple[str, Path, FileFacts]]


def _read_all(
    workspace: Path, config: Config, files: Sequence[str], scratch: Path, jobs: int, on_file: OnFile
) -> tuple[Facts, list[str]]:
    """Reads the files with a pool of processes; where one dies, those that are left are read one by one."""
    facts: Facts = []
    failed: list[str] = []
    todo = {file: scratch / f"{number}.parquet" for number, file in enumerate(files)}
    if not todo:
        return facts, failed
    with _pool(min(jobs, len(files)), config) as pool:
        futures: dict[Future[FileFacts], str] = {
            pool.submit(_read_file, workspace, file, parquet): file for file, parquet in todo.items()
        }
        for future in as_completed(futures):
            file = futures[future]
            try:
                facts.append((file, todo[file], future.result()))
            except (NotAWarc, ReaderKilled) as error:
                failed.append(str(error))
            except BrokenProcessPool:
                continue  # stays in todo
            except Exception as error:  # noqa: BLE001 (whatever a file does to its reader, the others are loaded)
                failed.append(_crashed(workspace / file, error))
            del todo[file]
            on_file(file, len(files))
    for file, parquet in todo.items():
        try:
            with _pool(1, config) as pool:
                facts.append((file, parquet, pool.submit(_read_file, workspace, file, parquet).result()))
        except (NotAWarc, ReaderKilled) as error:
            failed.append(str(error))
        except BrokenProcessPool:
            failed.append(f"{workspace / file}: its reader was killed again and again; not loaded")
        except Exception as error:  # noqa: BLE001 (as above)
            failed.append(_crashed(workspace / file, error))
        on_file(file, len(files))
    return sorted(facts), failed


def _crashed(path: Path, error: Exception) -> str:
    return f"{path}: its reader failed ({type(error).__name__}: {error}); not loaded; please report this"


def _pool(workers: int, config: Config) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, initializer=_start_worker, initargs=(config.directory,))


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
        "plan_activities": _plan_rows(config.plan),
        **_by_hand_rows(config.by_hand),
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


def _plan_rows(plan: Plan) -> list[dict[str, Any]]:
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
            "observable": activity.observable,
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
        "difficulties": [asdict(told) | {"position": n} for n, told in enumerate(by_hand.difficulties, 1)],
    }
