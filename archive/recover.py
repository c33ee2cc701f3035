"""What a crawl that was cut off can still tell, and the files that killed runs left open."""

from __future__ import annotations

import datetime as dt
import fcntl
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, get_args

from archive.capture import Capture
from archive.crawl_log import LOG_URI, NOTE_URI, CrawlLog, Mode, PageLog, SourceLog
from archive.read import Damage, NotAWarc, Record, read_note, read_warc
from archive.urls import normalize_url
from archive.write import PART, append_log, settle

#: What becomes of the name of a file without one whole record.
UNREADABLE = ".unreadable"

_OUR_NAME = re.compile(r"(?P<run>\d{8}T\d{6}Z-[0-9a-f]+)-(?P<outlet>[a-z0-9_]+)(?:-(?P<part>\d+))?\.warc\.gz")


class Recovery:
    """Takes the records of one file in order and puts its crawl log together from notes and responses.

    `name` is the file's, which also says whose it is, should its first record be lost.
    """

    def __init__(self, name: str) -> None:
        self._told: dict[str, str] = {}
        self._name = _OUR_NAME.match(Path(name).name)
        self._sources: dict[str, SourceLog] = {}
        self._pages: dict[str, PageLog] = {}
        self._last: dt.datetime | None = None

    def see(self, record: Record) -> None:
        if record.kind == "warcinfo":
            lines = (line.partition(": ") for line in record.block.decode(errors="replace").splitlines())
            self._told |= {name: value.strip() for name, _, value in lines}
        elif record.capture:
            self._last = record.capture.time
            self._see_capture(record.capture)
        elif record.url == NOTE_URI:
            note = read_note(record)
            if not isinstance(note, Damage):
                self._sources |= {source.url: source for source in note.sources}
                self._pages |= {page.url: self._told_of(page) for page in note.pages}

    def _told_of(self, page: PageLog) -> PageLog:
        """A source may announce a page that has come already, and whose outcome was not settled then."""
        known = self._pages.get(page.url)
        if known and known.outcome in ("fetched", "failed") and page.reason == "unfinished":
            return replace(known, announced_by=page.announced_by)
        return page

    def log(self) -> CrawlLog | None:
        """None for a file that no crawl of ours wrote, or in which it had not yet heard anything."""
        if not (self._sources or self._pages or self._last):
            return None
        told = self._told or self._told_by_name()
        mode: Any = told.get("mode")
        if mode not in get_args(Mode):
            return None
        started = dt.datetime.fromisoformat(told["started"])
        return CrawlLog(
            run=told["run"],
            outlet=told["outlet"],
            mode=mode,
            now=dt.datetime.fromisoformat(told["now"]),
            started=started,
            ended=max(self._last or started, started),
            finish="killed",
            sources=tuple(self._sources.values()),
            pages=tuple(self._pages.values()),
            part=int(told["part"]),
            alarms=("the crawl was killed; what it had collected is kept, the rest is left for the next run",),
        )

    def _told_by_name(self) -> dict[str, str]:
        """A file that lost its first record was written by a live crawl: a replay's answers are held elsewhere."""
        if not self._name:
            return {}
        run, outlet, part = self._name["run"], self._name["outlet"], self._name["part"]
        begun = dt.datetime.strptime(run[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC).isoformat()
        return {"run": run, "outlet": outlet, "mode": "live", "now": begun, "started": begun, "part": part or "1"}

    def _see_capture(self, capture: Capture) -> None:
        if capture.kind != "page" or 300 <= capture.status < 400:
            return
        url = normalize_url(capture.asked_for or capture.url) or capture.url
        page = self._pages.get(url) or PageLog(url, True, False, "deferred")
        self._pages[url] = replace(
            page,
            outcome="fetched" if capture.good else "failed",
            reason=None if capture.good else capture.failed or f"http_{capture.status}",
            status=capture.status,
            final_url=capture.url,
        )


@dataclass(frozen=True, slots=True)
class Salvaged:
    """The files that were closed, and those that can't be read at all, which are kept aside under another name."""

    files: tuple[Path, ...]
    unreadable: tuple[Path, ...]


def salvage(directory: Path, patience_seconds: float = 0) -> Salvaged:
    """Closes each file that a killed run left open: a half-written last record is cut off, a crawl log is added.

    A file that tells nothing is removed; one that is still written after `patience_seconds` is left alone.
    """
    saved, unreadable = [], []
    for part in sorted(directory.rglob(f"*.warc.gz{PART}")):
        with part.open("rb+") as file:
            if not _is_ours(file, patience_seconds):
                continue
            found = _contents(part)
            if found.is_empty:
                part.unlink()
                continue
            if not found.records:
                unreadable.append(part.rename(part.with_name(part.name.removesuffix(PART) + UNREADABLE)))
                continue
            if found.end is not None:
                file.truncate(found.end)
            if found.log and not found.closed:
                append_log(file, found.log)
            path = part.with_name(part.name.removesuffix(PART))
            settle(file, part, path)
            saved.append(path)
    return Salvaged(tuple(saved), tuple(unreadable))


def _is_ours(file: BinaryIO, patience_seconds: float) -> bool:
    """Locks the file, unless somebody still writes it when the patience ends."""
    end = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= end:
                return False
            time.sleep(0.05)
        else:
            return True


@dataclass(frozen=True, slots=True)
class _Contents:
    """What an open file holds: its records, the crawl log that they tell, where its damaged end begins, whether its
    own crawl log was written already, and whether nothing at all was lost with it."""

    records: int
    log: CrawlLog | None
    end: int | None
    closed: bool
    is_empty: bool


def _contents(part: Path) -> _Contents:
    recovery, records, end, closed = Recovery(part.name), 0, None, False
    try:
        for item in read_warc(part):
            if isinstance(item, Damage):
                end = item.offset if end is None else end
                continue
            records += 1
            end = None  # a damage in the middle stays where it is: the records behind it are good
            closed = item.url == LOG_URI
            recovery.see(item)
    except NotAWarc:
        return _Contents(0, None, None, False, is_empty=part.stat().st_size == 0)
    log = recovery.log()
    # The first record, whole or not, says only whose file it is.
    return _Contents(
        records,
        log,
        end,
        closed,
        is_empty=log is None and records <= 1 and not closed and (end is None or records == 1),
    )
