"""The record of one outlet's crawl: its archive files, written by a thread beside the crawl, and what they tell."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from pathlib import Path

from archive.crawl_log import CrawlHead, CrawlLog, Note, PageLog, SourceLog
from archive.index import IndexReader
from archive.urls import normalize_url
from archive.write import ArchiveFile, Exchange, payload_digest
from crawler.frontier import Frontier

#: A file that has grown to this is closed, and the crawl goes on in another.
ROLL_BYTES = 1 << 30
#: What may wait to be written; beyond it the crawl waits.
_BACKLOG_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files go, and what they say of the software that wrote them."""

    directory: Path
    software: str
    roll_bytes: int = ROLL_BYTES


#: Finds the alarms of a crawl, given all its pages.
Judge = Callable[[Sequence[PageLog]], tuple[str, ...]]


class NotWritten(Exception):
    """The archive file could not be written or closed; what is in it is taken up by the next run."""


class CrawlRecord:
    """Called by one thread; writes on `writer`, which must have a single worker.

    `failure` is set when a record could not be written: the crawl must then end.
    """

    def __init__(
        self, head: CrawlHead, place: Place, frontier: Frontier, past: IndexReader | None, writer: Executor
    ) -> None:
        """Without a `past` every answer is archived whole."""
        self.sources: dict[str, SourceLog] = {}
        self.failure: Exception | None = None
        self._head = head
        self._place = place
        self._frontier = frontier
        self._past = past
        self._writer = writer
        self._waiting: deque[tuple[Future[None], int]] = deque()
        self._waiting_bytes = 0
        self._pages: list[PageLog] = []
        self._file = ArchiveFile(self._path(head.part), head, place.software)
        self._closed: list[Path] = []

    def keep(self, exchange: Exchange) -> None:
        """Archives a response, as a revisit where the address has answered just so before."""
        url = normalize_url(exchange.url) or exchange.url
        status = exchange.response[0].split(" ")[1]
        original = self._past.original(url) if self._past and status in ("200", "304") else None
        if original and (status == "304" or original.digest == payload_digest(exchange.payload)):
            same = original
            self._write(lambda: self._file.add_revisit(exchange, same), len(exchange.payload))
        else:
            self._write(lambda: self._file.add(exchange), len(exchange.payload))

    def source_answered(self, source: SourceLog, announced: Sequence[PageLog] = ()) -> None:
        """Takes down a source's answer, and the pages it announced."""
        self.sources[source.url] = source
        self._note(Note((source,), tuple(announced)))

    def taken_up(self, pages: Sequence[PageLog]) -> None:
        """Takes down pages that no source announced this time."""
        if pages:
            self._note(Note((), tuple(pages)))

    def settled(self, page: PageLog) -> None:
        """Takes down a page's outcome; what was fetched tells of itself by its response."""
        if page.outcome != "fetched":
            self._note(Note((), (page,)))
        if self._file.size >= self._place.roll_bytes:
            self._roll()

    def close(self, finish: str, left_because: str, judge: Judge) -> list[Path]:
        """Closes the last file and returns all. Raises NotWritten."""
        pages = self._frontier.tell_rest(left_because)
        self._pages.extend(pages)
        log = replace(
            self._log(finish, pages), last=True, sources=tuple(self.sources.values()), alarms=judge(self._pages)
        )
        self._write(lambda: self._closed.append(self._file.close(log)), 0)
        self._wait_for(0)
        if self.failure:
            raise NotWritten(str(self.failure))
        return self._closed

    def _roll(self) -> None:
        """Goes on in a new file, open before the old one is closed, so that a kill always leaves one to salvage."""
        pages = self._frontier.tell_settled()
        self._pages.extend(pages)
        log = self._log("goes on", pages)
        self._head = replace(self._head, part=self._head.part + 1)
        head, path = self._head, self._path(self._head.part)
        carried = Note(tuple(self.sources.values()), self._frontier.open_pages())

        def roll() -> None:
            full, self._file = self._file, ArchiveFile(path, head, self._place.software, carried)
            self._closed.append(full.close(log))

        self._write(roll, 0)
        self._wait_for(0)

    def _log(self, finish: str, pages: tuple[PageLog, ...]) -> CrawlLog:
        head, ended = self._head, dt.datetime.now(dt.UTC)
        whose = (head.run, head.outlet, head.mode, head.now, head.started)
        return CrawlLog(*whose, ended, finish, (), pages, head.part, last=False)

    def _note(self, note: Note) -> None:
        self._write(lambda: self._file.note(note, self._head.now), 0)

    def _write(self, write: Callable[[], None], size: int) -> None:
        if self.failure is None:
            self._waiting.append((self._writer.submit(write), size))
            self._waiting_bytes += size
            self._wait_for(_BACKLOG_BYTES)

    def _wait_for(self, most: int) -> None:
        """Takes in what is written, and waits while more than `most` bytes are not."""
        while self._waiting and (self._waiting[0][0].done() or self._waiting_bytes > most or most == 0):
            done, size = self._waiting.popleft()
            self._waiting_bytes -= size
            error = done.exception()
            if error and self.failure is None:
                self.failure = error if isinstance(error, Exception) else RuntimeError(str(error))

    def _path(self, part: int) -> Path:
        suffix = "" if part == 1 else f"-{part}"
        return self._place.directory / f"{self._head.run}-{self._head.outlet}{suffix}.warc.gz"
