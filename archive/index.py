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

from archive.crawl_log import CUT_OFF, LOG_URI, CrawlLog
from archive.manifest import IMPORTED, ManifestError, archive_files, enter, unlisted
from archive.read import Damage, NotAWarc, read_log, read_warc
from archive.recover import salvage
from archive.urls import normalize_url
from archive.write import Original

_SCHEMA = (Path(__file__).parent / "index.sql").read_text(encoding="utf-8")
VERSION = 3
_WAIT_SECONDS = 60
#: Whoever holds the workspace and still finds a file being written waits for a crawl to see that its run was killed.
_DYING_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a page: when, what status it answered, and whether that was the page."""

    time: dt.datetime
    status: int
    good: bool


@dataclass(frozen=True, slots=True)
class SourceLook:
    """How a source answered in one live crawl; `newest` is the time of its newest item, `unknown` how many of its items
    the archive did not hold yet."""

    time: dt.datetime
    outcome: str
    reason: str | None
    newest: dt.datetime | None
    unknown: int | None
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
class Held:
    """Where a capture lies, and what its record says of its payload."""

    file: str
    offset: int
    time: dt.datetime
    digest: str | None
    revisit: bool


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
        self.path = index_path(workspace)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self._version() != VERSION:
            self.delete()
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
                seen = (_text(capture.time), capture.status, capture.digest, capture.revisit, capture.good)
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
            db.executemany("INSERT INTO captures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", captures)
            if log:
                _add_log(db, file, log)
        return FileReport(file, len(captures), tuple(damages), log)

    def catch_up(self, on_file: Callable[[FileReport], None] = lambda _: None) -> list[str]:
        """Takes up what killed runs left open, indexes every file that is not indexed yet, and enters into SHA256SUMS
        those that are not listed and read back whole. Returns what can't be read or entered, and why."""
        archive = self._workspace / "archive"
        salvaged = salvage(archive, _DYING_SECONDS)
        problems = [f"{path}: left by a killed run without one whole record; kept" for path in salvaged.unreadable]
        for path in self.unindexed():
            try:
                on_file(self.add(path))
            except NotAWarc as error:
                problems.append(str(error))
        for path in unlisted(archive):
            try:
                # Whatever is entered counts as right from then on: what our crawler wrote must be whole.
                if IMPORTED not in path.parts and any(isinstance(item, Damage) for item in read_warc(path)):
                    problems.append(f"{path}: is damaged, so not entered into SHA256SUMS: see `diembao archive verify`")
                else:
                    enter(path)
            except (NotAWarc, ManifestError, OSError) as error:
                problems.append(f"{path}: can't be entered into SHA256SUMS: {error}")
        return problems

    def delete(self) -> None:
        """Removes the index; the next one is made anew from the files."""
        for suffix in ("", "-journal", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

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

    def _version(self) -> int | None:
        """None for a file that is no index at all, or a broken one."""
        try:
            with self._connection() as db:
                db.execute("SELECT count(*) FROM files").fetchone()
                return int(db.execute("PRAGMA user_version").fetchone()[0])
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return None
            raise  # it is locked, or the disk fails: nothing is wrong with the index
        except sqlite3.DatabaseError:
            return None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, timeout=_WAIT_SECONDS)
        try:
            with db:
                yield db
        finally:
            db.close()


def index_path(workspace: Path) -> Path:
    return workspace / "archive" / "index.sqlite"


def indexed_files(workspace: Path) -> list[str]:
    """The files that an index knows, without touching it; none where there is no index, or it can't be read."""
    try:
        db = sqlite3.connect(f"{index_path(workspace).resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error:
        return []
    try:
        return [file for (file,) in db.execute("SELECT file FROM files ORDER BY file")]
    except sqlite3.Error:
        return []
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
            f"SELECT time, status, good FROM captures WHERE kind = 'page' AND url IN ({marks}) ORDER BY time", (*urls,)
        )
        return [Look(_time(time), status, bool(good)) for time, status, good in rows]

    def pages_seen(self, host: str, since: dt.datetime) -> list[str]:
        """Addresses of a host's pages that a crawl of its news had at least once since then: pages of past months, had
        by a backfill, are not looked at again."""
        found: list[tuple[str]] = []
        for scheme in ("https", "http"):  # http: hosts with a port of their own
            between = (f"{scheme}://{host}/", f"{scheme}://{host}0")  # '0' comes next after '/'
            found += self._db.execute(
                "SELECT DISTINCT url FROM captures WHERE kind = 'page' AND url >= ? AND url < ? AND time >= ?"
                " AND file NOT IN (SELECT file FROM files WHERE mode = 'backfill')",
                (*between, _text(since)),
            ).fetchall()
        return sorted(url for (url,) in found)

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

    def held(self, urls: Sequence[str]) -> list[Held]:
        """Every capture under these addresses, oldest first."""
        marks = ", ".join("?" * len(urls))
        rows = self._db.execute(
            f"SELECT file, offset, time, digest, revisit FROM captures WHERE url IN ({marks}) ORDER BY time", (*urls,)
        )
        return [Held(file, offset, _time(time), digest, bool(again)) for file, offset, time, digest, again in rows]

    def left_over(self, outlet: str, since: dt.datetime) -> list[LeftOver]:
        """Pages that live crawls since then were told of and did not get, the longest waiting first."""
        rows = self._db.execute(
            # SQLite gives the other columns of the row that max() found. What a backfill left is for the next backfill.
            "WITH backfills AS (SELECT file FROM files WHERE mode = 'backfill')"
            " SELECT url, announced_time, (SELECT min(now) FROM left_over AS early"
            " WHERE early.url = late.url AND early.file NOT IN backfills) AS first, max(now), put_off"
            " FROM left_over AS late WHERE outlet = ? AND now >= ? AND file NOT IN backfills"
            " GROUP BY url ORDER BY first, url",
            (outlet, _text(since)),
        )
        return [
            LeftOver(url, _time(time) if time else None, _time(first), _time(last), bool(put_off))
            for url, time, first, last, put_off in rows
        ]

    def source_looks(self, url: str) -> list[SourceLook]:
        """How a source answered in every live crawl that asked it, oldest first."""
        rows = self._db.execute(
            # A run in which nobody answered was our own failure, and no source's.
            "SELECT look.now, outcome, reason, newest, unknown, etag, last_modified FROM source_looks AS look"
            " JOIN files USING (file) WHERE url = ?"
            " AND run IN (SELECT run FROM files WHERE mode = 'live' AND reached) ORDER BY look.now",
            (url,),
        )
        return [
            SourceLook(_time(now), outcome, reason, _time(newest) if newest else None, *said)
            for now, outcome, reason, newest, *said in rows
        ]

    def finished_sitemaps(self) -> set[str]:
        """Sitemaps of past months that a backfill read whole, and of whose pages nothing is to be had any more."""
        rows = self._db.execute(
            "SELECT DISTINCT url FROM source_looks JOIN files USING (file)"
            " WHERE mode = 'backfill' AND outcome = 'ok' AND reason IS NULL AND unknown = 0"
        )
        return {url for (url,) in rows}

    def backfill_failures(self, url: str) -> int:
        """How many backfills tried a page and did not get it."""
        row = self._db.execute(
            "SELECT count(DISTINCT run) FROM left_over JOIN files USING (file)"
            " WHERE mode = 'backfill' AND url = ? AND NOT put_off",
            (url,),
        ).fetchone()
        return int(row[0])

    def nights(self, outlet: str) -> list[tuple[dt.datetime, int]]:
        """Every live crawl that reached the outlet, oldest first: when, and how many new pages it got."""
        rows = self._db.execute(
            "SELECT min(now) AS night, sum(fresh) FROM files WHERE outlet = ? AND mode = 'live'"
            " GROUP BY run HAVING max(reached) ORDER BY night",
            (outlet,),
        )
        return [(_time(now), fresh) for now, fresh in rows]


def _add_log(db: sqlite3.Connection, file: str, log: CrawlLog) -> None:
    got = [page for page in log.pages if page.outcome == "fetched"]
    led = [(file, page.url, normalize_url(page.final_url)) for page in got if page.final_url]
    db.executemany("INSERT INTO redirects VALUES (?, ?, ?)", [row for row in led if row[2] and row[2] != row[1]])
    if log.mode == "replay":
        return
    db.executemany(
        "INSERT INTO source_looks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (file, s.url, _text(log.now), s.outcome, s.reason, s.items, s.unknown, s.newest, s.etag, s.last_modified)
            for s in log.sources
            if s.outcome != "waiting" and s.reason not in CUT_OFF
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
