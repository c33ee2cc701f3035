"""What a crawl that was cut off can still tell, and the files that killed runs left open."""

from __future__ import annotations

import datetime as dt
import fcntl
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from archive.capture import Capture
from archive.crawl_log import LOG_URI, NOTE_URI, CrawlLog, PageLog, SourceLog
from archive.read import Damage, NotAWarc, Record, read_note, read_warc
from archive.urls import normalize_url
from archive.write import PART, append_log, settle


class Recovery:
    """Takes the records of one file in order and puts its crawl log together from notes and responses."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}
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
                self._pages |= {page.url: page for page in note.pages}

    def log(self) -> CrawlLog | None:
        """None for a file that no crawl of ours wrote, or in which it had not yet heard anything."""
        mode: Any = self._told.get("mode")
        if mode not in ("live", "replay") or not (self._sources or self._pages or self._last):
            return None
        now = dt.datetime.fromisoformat(self._told["now"])
        started = dt.datetime.fromisoformat(self._told["started"])
        return CrawlLog(
            run=self._told["run"],
            outlet=self._told["outlet"],
            mode=mode,
            now=now,
            started=started,
            ended=max(self._last or started, started),
            finish="killed",
            sources=tuple(self._sources.values()),
            pages=tuple(self._pages.values()),
            part=int(self._told["part"]),
            alarms=("the crawl was killed; what it had collected is kept, the rest is left for the next run",),
        )

    def _see_capture(self, capture: Capture) -> None:
        if capture.kind != "page" or 300 <= capture.status < 400:
            return
        url = normalize_url(capture.asked_for or capture.url) or capture.url
        page = self._pages.get(url) or PageLog(url, True, False, "deferred")
        good = capture.status == 200
        self._pages[url] = replace(
            page,
            outcome="fetched" if good else "failed",
            reason=None if good else f"http_{capture.status}",
            status=capture.status,
            final_url=capture.url,
        )


def salvage(directory: Path, patience_seconds: float = 0) -> list[Path]:
    """Closes each file that a killed run left open: a half-written last record is cut off, a crawl log is added.

    Returns the salvaged files. A file that tells nothing is removed; one that is still written after
    `patience_seconds` is left alone.
    """
    saved = []
    for part in sorted(directory.rglob(f"*.warc.gz{PART}")):
        with part.open("rb+") as file:
            if not _is_ours(file, patience_seconds):
                continue
            recovery, end, closed = _contents(part)
            log = recovery.log()
            if log is None:
                part.unlink()
                continue
            if end is not None:
                file.truncate(end)
            if not closed:
                append_log(file, log)
            path = part.with_name(part.name.removesuffix(PART))
            settle(file, part, path)
            saved.append(path)
    return saved


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


def _contents(part: Path) -> tuple[Recovery, int | None, bool]:
    """What the file tells, where its damaged end begins, and whether its crawl log was written already."""
    recovery, end, closed = Recovery(), None, False
    try:
        for item in read_warc(part):
            if isinstance(item, Damage):
                end = item.offset if end is None else end
                continue
            end = None  # a damage in the middle stays where it is: the records behind it are good
            closed = item.url == LOG_URI
            recovery.see(item)
    except NotAWarc:
        return Recovery(), None, False
    return recovery, end, closed
