"""Takes what belongs to our outlets out of archives made elsewhere, byte for byte, each record with where it came from.

The records lie in files of our own, `archive/imported/<name>-<digest of the source>-<part>.warc.gz`, so that the
workspace needs nothing but itself. How far an import has come is written between them: after a kill it goes on from
there, and what was written since then is known by its origin.
"""

from __future__ import annotations

import base64
import datetime as dt
import fcntl
import hashlib
import json
import re
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from archive.capture import Capture
from archive.index import ArchiveIndex, Held
from archive.manifest import IMPORTED, ManifestError, enter, sha256
from archive.read import ASKED_FOR_HEADER, FAILED_HEADER, KIND_HEADER, Damage, NotAWarc, Record, read_at, read_warc
from archive.urls import normalize_url
from archive.write import PART, pack, payload_digest, settle
from config.outlets import Outlet

ORIGIN_FILE = "Diembao-Origin-File"
ORIGIN_OFFSET = "Diembao-Origin-Offset"
ORIGIN_ID = "Diembao-Origin-Record-ID"
PROGRESS_URI = "urn:diembao:import-progress"

#: What a copied record keeps of its WARC headers; kind, asked-for and failed are of archives of ours, made elsewhere.
_KEPT = (
    *("WARC-IP-Address", "WARC-Profile", "WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date"),
    *("WARC-Truncated", "WARC-Identified-Payload-Type", KIND_HEADER, ASKED_FOR_HEADER, FAILED_HEADER),
)
#: A file is the unit of work: large ones would keep one process busy while the others have nothing to do.
_PART_BYTES = 64 << 20
#: Between two notes of progress: some seconds of reading.
_NOTED_BYTES = 32 << 20
#: A file of noise should not fill the progress with its damages.
_MOST_DAMAGES = 100

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_OUR_DIGEST = re.compile(r"sha1:[A-Z2-7]{32}")

Verdict = Literal["other", "foreign_host", "not_a_page", "wanted"]
#: Called after each record with the byte that reading has come to, and the size of the file.
OnProgress = Callable[[int, int], None]


@dataclass(slots=True)
class Counts:
    """What became of each record read; they add up. `other` are no HTTP responses: requests, metadata, and records that
    lack date or address. `damaged` stretches hold no good record, so they are counted apart."""

    read: int = 0
    taken: int = 0
    duplicate: int = 0
    foreign_host: int = 0
    not_a_page: int = 0
    other: int = 0
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the import of a source has come: `last` is the offset of the last record that is dealt with, `choice`
    tells by which rules records were chosen: under others an import begins anew."""

    choice: str = ""
    last: int = -1
    counts: Counts = field(default_factory=Counts)
    damages: tuple[Damage, ...] = ()
    finished: bool = False

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Progress:
        """Raises ValueError where `data` is no progress."""
        try:
            fields = json.loads(data)
            counts = Counts(**fields["counts"])
            return cls(**{**fields, "counts": counts, "damages": tuple(Damage(**one) for one in fields["damages"])})
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an import's progress: {error}") from None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did with one source. `went_on`: an earlier run of it had been stopped. `stopped` says what stopped
    this one; what it had taken by then is kept."""

    source: Path
    counts: Counts
    damages: tuple[Damage, ...]
    files: tuple[Path, ...]
    went_on: bool
    stopped: str | None = None


class Choice:
    """Which records are taken: pages of registered outlets that may be articles; with `host_only` all that their hosts
    answered."""

    def __init__(self, outlets: Sequence[Outlet], host_only: bool) -> None:
        self._by_host = {host: outlet for outlet in outlets for host in outlet.every_host}
        self._host_only = host_only
        decisive = {"id", "domains", "article_urls", "not_article_urls"}
        rules = [str(host_only), *sorted(outlet.model_dump_json(include=decisive) for outlet in outlets)]
        self.digest = hashlib.sha256("\n".join(rules).encode()).hexdigest()[:16]

    def judge(self, capture: Capture | None) -> tuple[Verdict, list[str]]:
        """What to do with a record, and every spelling of its address where it is wanted."""
        if capture is None:
            return "other", []
        url = normalize_url(capture.url)
        outlet = self._by_host.get(url.split("/", 3)[2]) if url else None
        if url is None or outlet is None:
            return "foreign_host", []
        if not self._host_only and not capture.is_page(url, outlet):
            return "not_a_page", []
        return "wanted", sorted(outlet.spellings(url))


def import_warc(
    workspace: Path, source: Path, choice: Choice, software: str, on_progress: OnProgress = lambda _, __: None
) -> Imported:
    """Takes in what `choice` wants of a source, where that has not been done. The caller holds the workspace, and
    ArchiveIndex.catch_up() has taken up what killed runs left. Raises NotAWarc."""
    try:
        digest = sha256(source)
    except OSError as error:
        raise NotAWarc(f"{source}: can't be read: {error.strerror or error}") from None
    folder = workspace / "archive" / IMPORTED
    name = f"{_UNSAFE.sub('_', _stem(source))[:80]}-{digest[:12]}"
    before, written_since, parts = _earlier(folder, digest[:12])
    went_on = before.choice == choice.digest and not before.finished and before.last >= 0
    if not went_on:
        before = Progress(choice.digest)
    target = _Target(folder, name, parts, software)
    job = _Import(workspace, source, digest, choice, before, written_since, target)
    stopped = None
    try:
        job.run(on_progress)
    except OSError as error:
        stopped = f"{error.filename or folder}: {error.strerror or error}"
    except sqlite3.OperationalError as error:
        stopped = f"{workspace / 'archive' / 'index.sqlite'}: {error}"
    except NotAWarc as error:
        if not job.counts.taken:
            raise
        stopped = str(error)
    return Imported(source, job.counts, tuple(job.damages), tuple(job.target.files), went_on, stopped)


class _Import:
    """One source on its way in."""

    def __init__(
        self,
        workspace: Path,
        source: Path,
        digest: str,
        choice: Choice,
        before: Progress,
        written_since: frozenset[int],
        target: _Target,
    ) -> None:
        self._workspace = workspace
        self._source = source
        self._digest = digest
        self._choice = choice
        self._written_since = written_since
        self._last = before.last
        #: Whether what lies in the archive says that this import has not come to its end.
        self._unfinished = before.last >= 0
        self._index = ArchiveIndex(workspace)
        #: What the open file holds and the index does not know yet.
        self._open: set[tuple[str, ...]] = set()
        self._other_forms: dict[tuple[str, str], str] = {}
        self.target = target
        self.counts = replace(before.counts)
        self.damages = list(before.damages)

    def run(self, on_progress: OnProgress) -> None:
        """Raises NotAWarc, and OSError where it can't go on writing."""
        size = self._source.stat().st_size
        start, noted = self._last, max(self._last, 0)
        try:
            for item in read_warc(self._source, max(start, 0)):
                if item.offset <= start:
                    continue
                self._deal_with(item)
                self._last = item.offset
                on_progress(item.offset, size)
                if self.target.is_open and item.offset - noted > _NOTED_BYTES:
                    self._note()
                    noted = item.offset
                if self.target.size > _PART_BYTES:
                    self._close()
            if self.target.is_open or self._unfinished:
                self._close(finished=True)
        except (OSError, NotAWarc):
            self.target.abandon()
            raise

    def _deal_with(self, item: Record | Damage) -> None:
        if isinstance(item, Damage):
            self.counts.damaged += 1
            if len(self.damages) < _MOST_DAMAGES:
                self.damages.append(item)
            return
        self.counts.read += 1
        verdict, spellings = self._choice.judge(item.capture)
        if verdict == "other":
            self.counts.other += 1
        elif verdict == "foreign_host":
            self.counts.foreign_host += 1
        elif verdict == "not_a_page":
            self.counts.not_a_page += 1
        elif item.capture and item.offset in self._written_since:
            self.counts.taken += 1
        elif item.capture:
            self._take(item, item.capture, spellings)

    def _take(self, record: Record, capture: Capture, spellings: list[str]) -> None:
        with self._index.reader() as reader:
            held = reader.held(spellings)
        digest = self._revisited(capture, spellings[0], held) if capture.revisit else payload_digest(capture.payload)
        keys: set[tuple[str, ...]]
        if capture.revisit:
            keys = {(spellings[0], digest or "", capture.time.isoformat())}
            known = any(one.revisit and one.time == capture.time and one.digest == digest for one in held)
        else:
            # Chunks are of the connection, not of the page.
            digests = {digest, payload_digest(capture.content())}
            keys = {(spellings[0], one or "") for one in digests}
            known = any(self._digest_of(one) in digests for one in held if not one.revisit)
        if known or not self._open.isdisjoint(keys):
            self.counts.duplicate += 1
            return
        self.target.open(self._source, self._digest)
        self.target.write(self._copied(record, capture, digest))
        self.counts.taken += 1
        self._open |= keys
        if not capture.revisit and digest and capture.digest and capture.digest != digest:
            self._other_forms[spellings[0], capture.digest] = digest

    def _copied(self, record: Record, capture: Capture, digest: str | None) -> bytes:
        headers = {
            "WARC-Type": record.kind,
            "WARC-Target-URI": capture.url,
            "WARC-Date": capture.time.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
            ORIGIN_FILE: quote(self._source.name),
            ORIGIN_OFFSET: str(record.offset),
            ORIGIN_ID: record.header("WARC-Record-ID"),
            "WARC-Payload-Digest": digest,
            **{name: record.header(name) for name in _KEPT},
        }
        return _record({name: value for name, value in headers.items() if value}, "application/http", record.block)

    def _digest_of(self, held: Held) -> str | None:
        """A held payload's digest in our form; where a whole file of others' was taken in, it may have to be read."""
        if held.digest and _OUR_DIGEST.fullmatch(held.digest):
            return held.digest
        capture = self._read(held)
        return payload_digest(capture.payload) if capture else held.digest

    def _revisited(self, capture: Capture, url: str, held: Sequence[Held]) -> str | None:
        """The digest of the payload that a revisit repeats, in the form in which we hold that payload."""
        stated = capture.digest
        if not stated:
            return None
        if known := self._other_forms.get((url, stated)):
            return known
        algorithm, _, value = stated.partition(":")
        if algorithm.lower() == "sha1" and len(value) == 32:
            return f"sha1:{value.upper()}"
        for one in held:
            if one.revisit or not (found := self._read(one)):
                continue
            if any(_same_digest(algorithm, value, body) for body in {found.payload, found.content()}):
                return self._digest_of(one)
        return stated

    def _read(self, held: Held) -> Capture | None:
        try:
            return read_at(self._workspace / held.file, held.offset).capture
        except NotAWarc:
            return None

    def _note(self, finished: bool = False) -> None:
        progress = Progress(self._choice.digest, self._last, self.counts, tuple(self.damages), finished)
        self.target.note(progress)

    def _close(self, finished: bool = False) -> None:
        self.target.open(self._source, self._digest)
        self._note(finished)
        self._unfinished = not finished
        self._index.add(self.target.close())
        self._open.clear()
        self._other_forms.clear()


class _Target:
    """The files that are written, one after another; each is open only once there is something to write."""

    def __init__(self, folder: Path, name: str, parts: int, software: str) -> None:
        self._folder = folder
        self._name = name
        self._parts = parts
        self._software = software
        self._file: _Part | None = None
        self.files: list[Path] = []

    @property
    def is_open(self) -> bool:
        return self._file is not None

    @property
    def size(self) -> int:
        return self._file.size if self._file else 0

    def open(self, source: Path, digest: str) -> None:
        if self._file:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._parts += 1
        self._file = _Part(self._folder / f"{self._name}-{self._parts:03}.warc.gz")
        told = {
            "software": self._software,
            "format": "WARC File Format 1.1",
            "import": self._name,
            "source": quote(source.name),
            "source-sha256": digest,
            "source-bytes": str(source.stat().st_size),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        headers = {"WARC-Type": "warcinfo", "WARC-Date": _now(), "WARC-Filename": self._file.path.name}
        self.write(_record(headers, "application/warc-fields", lines.encode()))

    def write(self, record: bytes) -> None:
        if self._file:
            self._file.write(pack(record))

    def note(self, progress: Progress) -> None:
        headers = {"WARC-Type": "metadata", "WARC-Target-URI": PROGRESS_URI, "WARC-Date": _now()}
        self.write(_record(headers, "application/json", progress.to_json()))

    def close(self) -> Path:
        if not self._file:
            raise RuntimeError("no file is open")
        path = self._file.close()
        self._file = None
        self.files.append(path)
        return path

    def abandon(self) -> None:
        """After a failure: the whole records are kept, and closed by the next run where even that fails."""
        part, self._file = self._file, None
        if part and part.abandon():
            self.files.append(part.path)


class _Part:
    """A file that is being written, locked as the crawler's are, so that nobody salvages it meanwhile."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._records = 0
        self._part = path.with_name(path.name + PART)
        self._file = self._part.open("xb", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def write(self, member: bytes) -> None:
        """The whole member, or nothing of it. Raises OSError."""
        try:
            rest = memoryview(member)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            self._file.truncate(self.size)
            raise
        self.size += len(member)
        self._records += 1

    def close(self) -> Path:
        settle(self._file, self._part, self.path)
        self._file.close()
        enter(self.path)
        return self.path

    def abandon(self) -> bool:
        """Whether it was closed all the same. The first record says only whose file it is."""
        try:
            if self._records > 1:
                self.close()
                return True
            self._part.unlink(missing_ok=True)
        except (OSError, ManifestError):
            pass
        finally:
            self._file.close()
        return False


def _earlier(folder: Path, digest: str) -> tuple[Progress, frozenset[int], int]:
    """How far earlier imports of a source had come, the offsets of what they wrote after that, and the number of the
    last file they wrote."""
    files = sorted(folder.glob(f"*-{digest}-[0-9][0-9][0-9].warc.gz"))
    last = int(files[-1].name[-11:-8]) if files else 0
    since: set[int] = set()
    for file in reversed(files):
        progress, behind = _progress(file)
        since |= behind
        if progress:
            return progress, frozenset(since), last
    return Progress(), frozenset(since), last


def _progress(file: Path) -> tuple[Progress | None, set[int]]:
    progress = None
    since: set[int] = set()
    for item in read_warc(file):
        if isinstance(item, Damage):
            continue
        if item.url == PROGRESS_URI:
            progress, since = Progress.from_json(item.block), set()
        elif offset := item.header(ORIGIN_OFFSET):
            since.add(int(offset))
    return progress, since


def _same_digest(algorithm: str, value: str, payload: bytes) -> bool:
    try:
        digest = hashlib.new(algorithm.lower(), payload, usedforsecurity=False)
    except ValueError:
        return False
    return value.lower().rstrip("=") in (
        digest.hexdigest(),
        base64.b32encode(digest.digest()).decode().lower().rstrip("="),
    )


def _record(headers: dict[str, str], content_type: str, block: bytes) -> bytes:
    """A WARC record; values of others' headers stay on their line."""
    block_digest = payload_digest(block)
    told = {
        **headers,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid4()}>",
        "WARC-Block-Digest": block_digest,
        "Content-Type": f"{content_type}; msgtype=response" if content_type == "application/http" else content_type,
        "Content-Length": str(len(block)),
    }
    lines = "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in told.items())
    return f"WARC/1.1\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def _stem(source: Path) -> str:
    return re.sub(r"\.warc(\.gz)?$|\.gz$", "", source.name)


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
