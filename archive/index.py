"""The index of the archive: which address was captured when, with what, and where it lies.

A cache of the WARC files, rebuildable from them at any time. All that the crawler knows of the past is asked here.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.crawl_log import LOG_URI, CrawlLog
from archive.manifest import ManifestError, archive_files, enter, unlisted
from archive.read import Damage, NotAWarc, read_log, read_warc
from archive.recover import salvage
from archive.urls import normalize_url
from archive.write import Original

_SCHEMA = (Path(__file__).parent / "index.sql").read_text(encoding="utf-8")
_VERSION = 2
_WAIT_SECONDS = 60
#: Whoever holds the workspace and still finds a file being written waits for a crawl to see that its run was killed.
_DYING_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a page: when, and what status it answered."""

    time: dt.datetime
    status: int


@dataclass(frozen=True, slots=True)
class SourceLook:
    """How a source answered in one live crawl; `newest` is the time of its newest item."""

    time: dt.datetime
    outcome: str
    reason: str | None
    newest: dt.datetime | None
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A page announced and not got yet: by crawls from `first` to `last`. `put_off`: the last one did not try."""

    url: str
    announced_time: dt.datetime | None
    first: dt.datetime
    last: dt.datetime
    put_off: bool


@dataclass(frozen=True, slots=True)
class FileReport:
    """What reading an archive file back found."""

    file: str
    captures: int
    damages: tuple[Damage, ...]
    log: CrawlLog | None


class ArchiveIndex:
    """`archive/index.sqlite` of a workspace. File names in it are relative to the workspace."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        directory = workspace / "archive"
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / "index.sqlite"
        if self.path.exists() and self._version() != _VERSION:
            self.path.unlink()
        with self._connection() as db:
            db.executescript(_SCHEMA)

    def add(self, path: Path) -> FileReport:
        """Reads the closed file whole and indexes it. Adding a file again changes nothing. Raises NotAWarc."""
        file = path.relative_to(self._workspace).as_posix()
        log: CrawlLog | None = None
        captures, damages = [], []
        for item in read_warc(path):
            if isinstance(item, Damage):
                damages.append(item)
            elif capture := item.capture:
                page = normalize_url(capture.url) or capture.url
                seen = (_text(capture.time), capture.status, capture.digest, capture.revisit)
                captures.append((page, capture.kind, *seen, file, item.offset))
            elif item.url == LOG_URI:
                found = read_log(item)
                if isinstance(found, Damage):
                    damages.append(found)
                else:
                    log = found
        with self._connection() as db:
            for table in ("files", "captures", "source_looks", "left_over", "redirects"):
                db.execute(f"DELETE FROM {table} WHERE file = ?", (file,))
            known = (log.run, log.outlet, log.mode, _text(log.now), log.reached, log.fresh) if log else (None,) * 6
            db.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", (file, *known))
            db.executemany("INSERT INTO captures VALUES (?, ?, ?, ?, ?, ?, ?, ?)", captures)
            if log:
                _add_log(db, file, log)
        return FileReport(file, len(captures), tuple(damages), log)

    def catch_up(self, on_file: Callable[[str, int], None] = lambda _, __: None) -> list[str]:
        """Takes up what killed runs left open and every file not indexed yet; returns what can't be read, and why."""
        salvage(self._workspace / "archive", _DYING_SECONDS)
        unreadable = []
        todo = self.unindexed()
        for path in todo:
            try:
                self.add(path)
            except NotAWarc as error:
                unreadable.append(str(error))
            on_file(path.name, len(todo))
        for path in unlisted(self._workspace / "archive"):
            try:
                enter(path)
            except (ManifestError, OSError) as error:
                unreadable.append(f"{path}: can't be entered into SHA256SUMS: {error}")
        return unreadable

    def forget(self) -> None:
        """Empties the index, to be made anew from the files."""
        with self._connection() as db:
            for table in ("files", "captures", "source_looks", "left_over", "redirects"):
                db.execute(f"DELETE FROM {table}")

    def files(self) -> list[str]:
        """All indexed files, oldest name first."""
        with self._connection() as db:
            return [file for (file,) in db.execute("SELECT file FROM files ORDER BY file")]

    def unindexed(self) -> list[Path]:
        """Archive files on the disk that the index does not know."""
        known = set(self.files())
        found = archive_files(self._workspace / "archive")
        return [path for path in found if path.relative_to(self._workspace).as_posix() not in known]

    @contextmanager
    def reader(self) -> Iterator[IndexReader]:
        """The index for many questions: one connection, closed at the end."""
        with self._connection() as db:
            yield IndexReader(db)

    def _version(self) -> int:
        with self._connection() as db:
            return int(db.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, timeout=_WAIT_SECONDS)
        try:
            with db:
                yield db
        finally:
            db.close()


class IndexReader:
    """What the crawler asks of the past. Addresses are normalised."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def looks(self, urls: Sequence[str]) -> list[Look]:
        """Every look at a page that answers under these addresses, oldest first."""
        marks = ", ".join("?" * len(urls))
        rows = self._db.execute(
            f"SELECT time, status FROM captures WHERE kind = 'page' AND url IN ({marks}) ORDER BY time", (*urls,)
        )
        return [Look(_time(time), status) for time, status in rows]

    def pages_seen(self, host: str, since: dt.datetime) -> dict[str, list[Look]]:
        """Every look, oldest first, at those pages of a host that were looked at since then."""
        found: dict[str, list[Look]] = {}
        for scheme in ("https", "http"):  # http: hosts with a port of their own
            between = (f"{scheme}://{host}/", f"{scheme}://{host}0")  # '0' comes next after '/'
            rows = self._db.execute(
                "SELECT url, time, status FROM captures WHERE kind = 'page' AND url IN ("
                "SELECT url FROM captures WHERE kind = 'page' AND url >= ? AND url < ? AND time >= ?"
                ") ORDER BY url, time",
                (*between, _text(since)),
            )
            for url, time, status in rows:
                found.setdefault(url, []).append(Look(_time(time), status))
        return found

    def redirect(self, url: str) -> str | None:
        """Where an announced address led the last time it led elsewhere."""
        row = self._db.execute(
            "SELECT final_url FROM redirects WHERE url = ? ORDER BY file DESC LIMIT 1", (url,)
        ).fetchone()
        return row[0] if row else None

    def original(self, url: str) -> Original | None:
        """The last response of an address that holds its payload."""
        row = self._db.execute(
            "SELECT time, digest FROM captures WHERE url = ? AND NOT revisit AND status = 200"
            " ORDER BY time DESC LIMIT 1",
            (url,),
        ).fetchone()
        return Original(url, _time(row[0]), row[1]) if row else None

    def left_over(self, outlet: str, since: dt.datetime) -> list[LeftOver]:
        """Pages that live crawls since then were told of and did not get, the longest waiting first."""
        rows = self._db.execute(
            # SQLite gives the other columns of the row that max() found.
            "SELECT url, announced_time, (SELECT min(now) FROM left_over AS early WHERE early.url = late.url) AS first,"
            " max(now), put_off FROM left_over AS late WHERE outlet = ? AND now >= ? GROUP BY url ORDER BY first, url",
            (outlet, _text(since)),
        )
        return [
            LeftOver(url, _time(time) if time else None, _time(first), _time(last), bool(put_off))
            for url, time, first, last, put_off in rows
        ]

    def source_looks(self, url: str) -> list[SourceLook]:
        """How a source answered in every live crawl that asked it, oldest first."""
        rows = self._db.execute(
            "SELECT now, outcome, reason, newest, etag, last_modified FROM source_looks WHERE url = ? ORDER BY now",
            (url,),
        )
        return [
            SourceLook(_time(now), outcome, reason, _time(newest) if newest else None, etag, modified)
            for now, outcome, reason, newest, etag, modified in rows
        ]

    def nights(self, outlet: str) -> list[tuple[dt.datetime, int]]:
        """Every live crawl that reached the outlet, oldest first: when, and how many new pages it got."""
        rows = self._db.execute(
            "SELECT min(now) AS night, sum(fresh) FROM files WHERE outlet = ? AND mode = 'live'"
            " GROUP BY run HAVING max(reached) ORDER BY night",
            (outlet,),
        )
        return [(_time(now), fresh) for now, fresh in rows]


def _add_log(db: sqlite3.Connection, file: str, log: CrawlLog) -> None:
    led = [(file, page.url, normalize_url(page.final_url)) for page in log.pages if page.final_url]
    db.executemany("INSERT INTO redirects VALUES (?, ?, ?)", [row for row in led if row[2] and row[2] != row[1]])
    if log.mode != "live":
        return
    db.executemany(
        "INSERT INTO source_looks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (file, s.url, _text(log.now), s.outcome, s.reason, s.items, s.newest, s.etag, s.last_modified)
            for s in log.sources
            if s.outcome != "waiting"
        ],
    )
    db.executemany(
        "INSERT INTO left_over VALUES (?, ?, ?, ?, ?, ?)",
        [
            (file, page.url, log.outlet, _text(log.now), page.announced_time, page.outcome == "deferred")
            for page in log.pages
            if page.is_left_over
        ],
    )


def _text(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).isoformat()


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
