"""Reads a WARC file record by record and says what is wrong with it, losing nothing that is right.

Each record is a gzip member of its own, so a damaged one is skipped and reading goes on at the next member. The usual
readers pass a truncated last member without a word (measured with warcio 1.8.1 and FastWARC 2.0.1), so each member's
end, length and digests are checked here.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from archive.capture import MAX_BODY_BYTES, Capture
from archive.crawl_log import CrawlLog, Note

KIND_HEADER = "Diembao-Kind"
ASKED_FOR_HEADER = "Diembao-Asked-For"
FAILED_HEADER = "Diembao-Failed"
_GZIP_MAGIC = b"\x1f\x8b\x08"
_CHUNK = 1 << 20
_MAX_MEMBER_BYTES = MAX_BODY_BYTES + (1 << 20)


class NotAWarc(Exception):
    """The file is no WARC at all, or can't be opened."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: `block` is its content, `capture` is set for HTTP responses, revisits included; `headers` are those
    of WARC."""

    kind: str
    url: str | None
    time: dt.datetime | None
    offset: int
    block: bytes
    capture: Capture | None
    headers: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str | None:
        """The first WARC header of that name, compared without case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of the file that holds no good record."""

    offset: int
    what: str

    def __str__(self) -> str:
        return f"byte {self.offset}: {self.what}; the records around it were read"


def read_warc(path: Path, start: int = 0) -> Iterator[Record | Damage]:
    """Yields records and damages in file order, from those at byte `start` on. Raises NotAWarc before the first."""
    try:
        with path.open("rb") as file:
            yield from _read(file, path, start)
    except OSError as error:
        raise NotAWarc(f"{path}: can't be read: {error.strerror or error}") from None


def read_at(path: Path, offset: int) -> Record:
    """The record that starts at `offset`. Raises NotAWarc where there is no good one."""
    try:
        with path.open("rb") as file:
            magic = file.read(3)
            file.seek(offset)
            if magic == _GZIP_MAGIC:
                member = next(_members(file, offset), None)
                found = _parse(member[1], member[0]) if isinstance(member, tuple) else member
            else:
                found = next(_uncompressed(file), None)
    except OSError as error:
        raise NotAWarc(f"{path}: can't be read: {error.strerror or error}") from None
    if isinstance(found, Record) and found.offset == offset:
        return found
    raise NotAWarc(f"{path}: no whole record at byte {offset}")


def read_log(record: Record) -> CrawlLog | Damage:
    """The crawl log that a record of LOG_URI holds."""
    try:
        return CrawlLog.from_json(record.block)
    except ValueError as error:
        return Damage(record.offset, f"crawl log can't be read ({error})")


def read_note(record: Record) -> Note | Damage:
    """The note that a record of NOTE_URI holds."""
    try:
        return Note.from_json(record.block)
    except ValueError as error:
        return Damage(record.offset, f"note can't be read ({error})")


def _read(file: BinaryIO, path: Path, start: int) -> Iterator[Record | Damage]:
    magic = file.read(5)
    file.seek(0)
    if magic.startswith(_GZIP_MAGIC):
        good = 0
        file.seek(start)
        for found in _members(file, start):
            item = found if isinstance(found, Damage) else _parse(found[1], found[0])
            if not good and not start and isinstance(item, Damage) and item.what.startswith("not a WARC record"):
                raise NotAWarc(f"{path}: is gzip, but holds no WARC records")
            good += isinstance(item, Record)
            yield item
    elif magic.startswith(b"WARC/"):
        yield from (item for item in _uncompressed(file) if item.offset >= start)
    elif not magic:
        raise NotAWarc(f"{path}: is empty")
    else:
        raise NotAWarc(f"{path}: is not a WARC file (neither gzip nor 'WARC/' at its start)")


def _members(file: BinaryIO, offset: int) -> Iterator[tuple[int, bytes] | Damage]:
    """The gzip members from `offset` on, unpacked, each with the offset of its first byte."""
    pending = b""
    while True:
        if not pending:
            pending = file.read(_CHUNK)
            if not pending:
                return
        start, unpacker, parts, size = offset, zlib.decompressobj(wbits=31), [], 0
        fault = ""
        while not unpacker.eof:
            if not pending:
                pending = file.read(_CHUNK)
                if not pending:
                    fault = "file ends inside a record (truncated)"
                    break
            before = len(pending)
            try:
                parts.append(unpacker.decompress(pending, _MAX_MEMBER_BYTES - size))
            except zlib.error as error:
                fault = f"gzip member is damaged ({error})"
                break
            size += len(parts[-1])
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            offset += before - len(rest)
            pending = rest
            if size >= _MAX_MEMBER_BYTES and not unpacker.eof:
                fault = (
                    f"record is larger than {_MAX_MEMBER_BYTES >> 20} MB, or the file is not one gzip member a record"
                )
                break
        if not fault:
            yield start, b"".join(parts)
            continue
        yield Damage(start, fault)
        resumed = _next_member(file, start + 1)
        if resumed is None:
            return
        offset, pending = resumed, b""
        file.seek(offset)


def _next_member(file: BinaryIO, start: int) -> int | None:
    """Offset of the next gzip member at or after `start` that opens with a WARC record."""
    file.seek(start)
    base, window = start, b""
    while chunk := file.read(_CHUNK):
        window += chunk
        at = window.find(_GZIP_MAGIC)
        while at >= 0:
            if _opens_record(file, base + at):
                return base + at
            at = window.find(_GZIP_MAGIC, at + 1)
        file.seek(base + len(window))
        base, window = base + len(window) - 2, window[-2:]
    return None


def _opens_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        return zlib.decompressobj(wbits=31).decompress(file.read(512), 5) == b"WARC/"
    except zlib.error:
        return False


def _parse(member: bytes, offset: int) -> Record | Damage:
    if not member.startswith(b"WARC/"):
        return Damage(offset, "not a WARC record")
    head = member.find(b"\r\n\r\n") + 4
    try:
        record = next(iter(ArchiveIterator(io.BytesIO(member), check_digests=True)))
        declared = int(record.rec_headers.get_header("Content-Length") or "")
    except (StopIteration, ArchiveLoadFailed, ValueError, EOFError) as error:
        return Damage(offset, f"record can't be parsed ({error or 'no content'})")
    actual = len(member) - head - len(b"\r\n\r\n")
    if declared != actual:
        return Damage(offset, f"record says {declared} bytes and holds {actual}")
    return _checked(record, offset, member[head : head + declared])


def _uncompressed(file: BinaryIO) -> Iterator[Record | Damage]:
    records = ArchiveIterator(file, check_digests=True)
    offset = 0
    try:
        for record in records:
            declared = record.length
            if declared is not None and declared > _MAX_MEMBER_BYTES:
                offset = records.get_record_offset()
                yield Damage(offset, f"record is larger than {_MAX_MEMBER_BYTES >> 20} MB")
                continue
            content = _drain(record)
            offset = records.get_record_offset()  # only now: asked earlier, it skips the content
            size = len(content) + (len(record.http_headers.to_bytes()) if record.http_headers else 0)
            if declared is not None and declared > size and file.read(1) == b"":
                yield Damage(offset, "file ends inside a record (truncated)")
                return
            yield _checked(record, offset, _block_at(file, offset, declared or 0), content)
    except (ArchiveLoadFailed, EOFError, ValueError) as error:
        yield Damage(offset, f"reading stops here: {error}")


def _block_at(file: BinaryIO, offset: int, length: int) -> bytes:
    """A record's block as it stands in an uncompressed file."""
    head = os.pread(file.fileno(), _CHUNK, offset).find(b"\r\n\r\n") + 4
    return os.pread(file.fileno(), length, offset + head)


def _checked(record: ArcWarcRecord, offset: int, block: bytes, payload: bytes | None = None) -> Record | Damage:
    headers = record.rec_headers
    kind, url = record.rec_type, headers.get_header("WARC-Target-URI")
    time = _time(headers.get_header("WARC-Date"))
    try:
        payload = _drain(record) if payload is None else payload
        problems = _digest_problems(record, payload)
    except ValueError as error:  # binascii.Error among them
        return Damage(offset, f"digest can't be read: {error}")
    if problems:
        return Damage(offset, f"digest does not match: {'; '.join(problems)}")
    capture = None
    if kind in ("response", "revisit") and record.http_headers is not None and url and time:
        status = record.http_headers.get_statuscode()
        capture = Capture(
            url=url.strip("<>"),
            time=time,
            status=int(status) if status.isdigit() else 0,
            headers=tuple(record.http_headers.headers),
            payload=payload,
            kind=headers.get_header(KIND_HEADER),
            offset=offset,
            digest=headers.get_header("WARC-Payload-Digest"),
            asked_for=headers.get_header(ASKED_FOR_HEADER),
            revisit=kind == "revisit",
            failed=headers.get_header(FAILED_HEADER),
        )
    return Record(kind, url, time, offset, block, capture, tuple(headers.headers))


def _digest_problems(record: ArcWarcRecord, payload: bytes) -> list[str]:
    """What is wrong with a record's digests. Other writers' payload digests may be that of the body without its chunks
    (WARC 1.1, 5.9), or in small letters; an algorithm that we don't have proves nothing."""
    if record.digest_checker.passed is not False:
        return []
    problems = [what for what in record.digest_checker.problems if "unknown hash algorithm" not in what]
    of_block = [what for what in problems if not what.startswith("payload digest")]
    if of_block or not problems:
        return of_block
    algorithm, _, stated = record.rec_headers.get_header("WARC-Payload-Digest").partition(":")
    bodies = [payload]
    if record.http_headers and (record.http_headers.get_header("Transfer-Encoding") or "").lower() == "chunked":
        bodies.append(b"".join(iter(ChunkedDataReader(io.BytesIO(payload)).read, b"")))
    digests = [hashlib.new(algorithm.lower(), body).digest() for body in bodies]
    forms = {base64.b32encode(digest).decode().rstrip("=").lower() for digest in digests}
    return [] if stated.rstrip("=").lower() in forms | {digest.hex() for digest in digests} else problems


def _drain(record: ArcWarcRecord) -> bytes:
    parts = []
    while part := record.raw_stream.read(_CHUNK):
        parts.append(part)
    return b"".join(parts)


def _time(text: str | None) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=dt.UTC) if moment and moment.tzinfo is None else moment
