"""Writes one outlet's WARC 1.1 file of one run; it has its final name only when it is whole and on the disk."""

from __future__ import annotations

import base64
import datetime as dt
import fcntl
import hashlib
import io
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.crawl_log import LOG_URI, NOTE_URI, CrawlHead, CrawlLog, Note
from archive.manifest import enter
from archive.read import ASKED_FOR_HEADER, FAILED_HEADER, KIND_HEADER

PART = ".part"
Headers = Sequence[tuple[str, str]]

_PROFILES = "http://netpreserve.org/warc/1.1/revisit/"
#: warcio's own 9 costs twice the time for 1 % less.
_COMPRESSION = 6


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. `request` and `response` are start line and headers, as the HTTP client gives them;
    `payload` is the body as served; `asked_for` is the page whose redirects led here, `failed` why the answer is not
    that page."""

    url: str
    kind: str
    time: dt.datetime
    request: tuple[str, Headers]
    response: tuple[str, Headers]
    payload: bytes
    address: str | None
    asked_for: str | None = None
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """The earlier response whose payload an answer repeats."""

    url: str
    time: dt.datetime
    digest: str | None


class _AsServed(StatusAndHeaders):  # type: ignore[misc]
    """HTTP headers whose bytes stay what they were; warcio percent-escapes those that are not ASCII."""

    def to_ascii_bytes(self, header_filter: object = None) -> bytes:
        written: bytes = self.to_bytes(header_filter, "latin-1")
        return written


class ArchiveFile:
    """An open archive file; `path` is its name once closed. Each record is on the disk's side of a kill when the
    method that wrote it returns. Not safe for threads."""

    def __init__(self, path: Path, head: CrawlHead, software: str, carried: Note | None = None) -> None:
        """`carried` is what the file before it, filled up, left open."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._part = path.with_name(path.name + PART)
        self._file = self._part.open("xb")
        fcntl.flock(self._file, fcntl.LOCK_EX)  # while we write, nobody salvages
        self._builder = WARCWriter(io.BytesIO(), gzip=False, warc_version="WARC/1.1")
        info = {
            "software": software,
            "format": "WARC File Format 1.1",
            "run": head.run,
            "outlet": head.outlet,
            "mode": head.mode,
            "now": head.now.isoformat(),
            "started": head.started.isoformat(),
            "part": str(head.part),
        }
        self._write(self._builder.create_warcinfo_record(path.name, info))
        if carried:
            self.note(carried, head.now)

    def add(self, exchange: Exchange) -> None:
        """Writes a request and its response."""
        status_line, headers = exchange.response
        protocol, _, status = status_line.partition(" ")
        answer = self._builder.create_warc_record(
            exchange.url,
            "response",
            payload=io.BytesIO(exchange.payload),
            http_headers=_AsServed(status, list(headers), protocol=protocol),
            warc_headers_dict=_fields(exchange),
        )
        self._pair(exchange, answer)

    def add_revisit(self, exchange: Exchange, original: Original) -> None:
        """Writes a request and that it was answered by the payload of `original` again, or by 304."""
        status_line, headers = exchange.response
        protocol, _, status = status_line.partition(" ")
        profile = "server-not-modified" if status.startswith("304") else "identical-payload-digest"
        answer = self._builder.create_revisit_record(
            exchange.url,
            digest=original.digest or payload_digest(b""),
            refers_to_uri=original.url,
            refers_to_date=_stamp(original.time),
            http_headers=_AsServed(status, list(headers), protocol=protocol),
            warc_headers_dict=_fields(exchange),
        )
        answer.rec_headers.replace_header("WARC-Profile", _PROFILES + profile)
        self._pair(exchange, answer)

    def note(self, note: Note, time: dt.datetime) -> None:
        """Writes what a source said, or that a page failed, so that a kill does not lose it."""
        self._metadata(NOTE_URI, note.to_json(), time)

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._file.tell()

    def close(self, log: CrawlLog) -> Path:
        """Adds the crawl log, makes the file durable, gives it its name and enters it into SHA256SUMS."""
        self._metadata(LOG_URI, log.to_json(), log.now)
        settle(self._file, self._part, self.path)
        self._file.close()
        enter(self.path)
        return self.path

    def _pair(self, exchange: Exchange, answer: ArcWarcRecord) -> None:
        line, sent = exchange.request
        asked = self._builder.create_warc_record(
            exchange.url,
            "request",
            http_headers=_AsServed(line, list(sent), is_http_request=True),
            warc_headers_dict={
                "WARC-Date": _stamp(exchange.time),
                "WARC-Concurrent-To": answer.rec_headers.get_header("WARC-Record-ID"),
            },
        )
        self._write(answer)
        self._write(asked)

    def _metadata(self, uri: str, content: bytes, time: dt.datetime) -> None:
        self._write(metadata_record(self._builder, uri, content, time))

    def _write(self, record: ArcWarcRecord) -> None:
        self._file.write(member(self._builder, record))
        self._file.flush()


def append_log(file: BinaryIO, log: CrawlLog) -> None:
    """Adds a crawl log to the end of an archive file that a killed run left open."""
    builder = WARCWriter(io.BytesIO(), gzip=False, warc_version="WARC/1.1")
    file.seek(0, os.SEEK_END)
    file.write(member(builder, metadata_record(builder, LOG_URI, log.to_json(), log.now)))
    file.flush()


def settle(file: BinaryIO, part: Path, path: Path) -> None:
    """Makes a finished file durable and gives it its name."""
    file.flush()
    os.fsync(file.fileno())
    part.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def payload_digest(payload: bytes) -> str:
    """A payload's digest as WARC files write it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()


def metadata_record(builder: WARCWriter, uri: str, content: bytes, time: dt.datetime) -> ArcWarcRecord:
    """A JSON metadata record."""
    return builder.create_warc_record(
        uri,
        "metadata",
        payload=io.BytesIO(content),
        warc_content_type="application/json",
        warc_headers_dict={"WARC-Date": _stamp(time)},
    )


def member(builder: WARCWriter, record: ArcWarcRecord) -> bytes:
    """The record as one gzip member."""
    builder.out = io.BytesIO()
    builder.write_record(record)
    return pack(builder.out.getvalue())


def pack(record: bytes) -> bytes:
    """One gzip member."""
    packer = zlib.compressobj(_COMPRESSION, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return packer.compress(record) + packer.flush()


def _fields(exchange: Exchange) -> dict[str, str]:
    fields = {"WARC-Date": _stamp(exchange.time), KIND_HEADER: exchange.kind}
    if exchange.address:
        fields["WARC-IP-Address"] = exchange.address
    if exchange.asked_for and exchange.asked_for != exchange.url:
        fields[ASKED_FOR_HEADER] = exchange.asked_for
    if exchange.failed:
        fields[FAILED_HEADER] = exchange.failed
    return fields


def _stamp(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
