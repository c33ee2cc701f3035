"""The index of the archive: which address was captured when, with what, and where it lies.

A cache of the WARC files, rebuildable from them at any time. All that the crawler knows of the past is asked here.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.crawl_log import LOG_URI, CrawlLog
from archive.read import Damage, NotAWarc, read_log, read_warc
from archive.urls import normalize_url
from archive.write import salvage

_SCHEMA = (Path(__file__).parent / "index.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a page: when, and what status it answered."""

    time: dt.datetime
    status: int


@dataclass(frozen=True, slots=True)
class FileReport:
    """What reading an archive file back found."""

    file: str
    captures: int
    damages: tuple[Damage, ...]


class ArchiveIndex:
    """`archive/index.sqlite` of a workspace. File names in it are relative to the workspace."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        directory = workspace / "archive"
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / "index.sqlite"
        with self._connection() as db:
            db.executescript(_SCHEMA)

    def add(self, path: Path) -> FileReport:
        """Reads the closed file whole and indexes its captures. Adding a file again changes nothing.

        Raises NotAWarc.
        """
        file = path.relative_to(self._workspace).as_posix()
        log: CrawlLog | None = None
        captures, damages = [], []
        for item in read_warc(path):
            if isinstance(item, Damage):
                damages.append(item)
            elif capture := item.capture:
                page = normalize_url(capture.url) or capture.url
                captures.append(
                    (
                        page,
                        capture.kind,
                        _text(capture.time),
                        capture.status,
                        capture.digest,
                        file,
                        item.offset,
                    )
                )
            elif item.url == LOG_URI:
                found = read_log(item)
                if isinstance(found, Damage):
                    damages.append(found)
                else:
                    log = found
        with self._connection() as db:
            db.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
                (
                    file,
                    *((log.run, log.outlet, log.mode, _text(log.now), log.complete) if log else (None,) * 5),
                ),
            )
            db.executemany("INSERT OR REPLACE INTO captures VALUES (?, ?, ?, ?, ?, ?, ?)", captures)
        return FileReport(file, len(captures), tuple(damages))

    def catch_up(self) -> list[str]:
        """Takes up what killed runs left open and every file not indexed yet; returns what can't be read, and why."""
        salvage(self._workspace / "archive")
        unreadable = []
        for path in self.unindexed():
            try:
                self.add(path)
            except NotAWarc as error:
                unreadable.append(str(error))
        return unreadable

    def files(self) -> list[str]:
        """All indexed files, oldest name first."""
        with self._connection() as db:
            return [file for (file,) in db.execute("SELECT file FROM files ORDER BY file")]

    def unindexed(self) -> list[Path]:
        """Archive files on the disk that the index does not know."""
        known = set(self.files())
        archive = self._workspace / "archive"
        found = sorted([*archive.rglob("*.warc.gz"), *archive.rglob("*.warc")])
        return [path for path in found if path.relative_to(self._workspace).as_posix() not in known]

    def looks(self, host: str) -> dict[str, list[Look]]:
        """Every look at every page of a host, by normalised address, oldest first."""
        looks: dict[str, list[Look]] = {}
        with self._connection() as db:
            for scheme in ("https", "http"):  # http: hosts with a port of their own
                for url, time, status in db.execute(
                    "SELECT url, time, status FROM captures WHERE kind = 'page' AND url >= ? AND url < ? ORDER BY time",
                    (f"{scheme}://{host}/", f"{scheme}://{host}0"),  # '0' comes next after '/'
                ):
                    looks.setdefault(url, []).append(Look(dt.datetime.fromisoformat(time), status))
        return looks

    def last_good_crawl(self, outlet: str) -> dt.datetime | None:
        """The `now` of the outlet's last live crawl that left nothing to try again."""
        with self._connection() as db:
            row = db.execute(
                "SELECT max(now) FROM files WHERE outlet = ? AND mode = 'live' AND complete", (outlet,)
            ).fetchone()
        return dt.datetime.fromisoformat(row[0]) if row and row[0] else None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path)
        try:
            with db:
                yield db
        finally:
            db.close()


def _text(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).isoformat()
