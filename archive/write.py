"""Writes one outlet's WARC 1.1 file of one run; it has its final name only when it is whole and on the disk."""

from __future__ import annotations

import datetime as dt
import fcntl
import io
import os
from collections.abc import Sequence
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.crawl_log import LOG_URI, CrawlLog
from archive.read import KIND_HEADER, Damage, NotAWarc, Record, read_warc

PART = ".part"
Headers = Sequence[tuple[str, str]]


class ArchiveFile:
    """An open archive file; `path` is its name once closed. Not safe for threads."""

    def __init__(self, path: Path, run: str, outlet: str, mode: str, software: str) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._part = path.with_name(path.name + PART)
        self._file = self._part.open("xb")
        fcntl.flock(self._file, fcntl.LOCK_EX)  # while we write, nobody salvages
        self._writer = WARCWriter(self._file, gzip=True, warc_version="WARC/1.1")
        info = {"software": software, "format": "WARC File Format 1.1", "run": run, "outlet": outlet, "mode": mode}
        self._writer.write_record(self._writer.create_warcinfo_record(path.name, info))

    def add(
        self,
        url: str,
        kind: str,
        time: dt.datetime,
        request: tuple[str, Headers],
        response: tuple[str, Headers],
        payload: bytes,
        address: str | None,
    ) -> None:
        """Writes a request and its response; `request` and `response` are start line and headers, as on the wire."""
        fields = {"WARC-Date": _stamp(time), KIND_HEADER: kind}
        if address:
            fields["WARC-IP-Address"] = address
        status_line, headers = response
        protocol, _, status = status_line.partition(" ")
        answer = self._writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(payload),
            http_headers=StatusAndHeaders(status, list(headers), protocol=protocol),
            warc_headers_dict=fields,
        )
        request_line, sent = request
        asked = self._writer.create_warc_record(
            url,
            "request",
            http_headers=StatusAndHeaders(request_line, list(sent), is_http_request=True),
            warc_headers_dict={"WARC-Date": _stamp(time)},
        )
        self._writer.write_request_response_pair(asked, answer)

    def close(self, log: CrawlLog) -> Path:
        """Adds the crawl log, makes the file durable and gives it its name."""
        self._writer.write_record(
            self._writer.create_warc_record(
                LOG_URI,
                "metadata",
                payload=io.BytesIO(log.to_json()),
                warc_content_type="application/json",
                warc_headers_dict={"WARC-Date": _stamp(log.now)},
            )
        )
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        _rename(self._part, self.path)
        return self.path


def salvage(directory: Path) -> list[Path]:
    """Gives each file that a killed run left open its name; only a half-written last record is cut off.

    Returns the salvaged files. A file without one whole response is removed; one that is still written is left alone.
    """
    saved = []
    for part in sorted(directory.rglob(f"*.warc.gz{PART}")):
        with part.open("rb+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            records, last = _contents(part)
            if records < 2:  # the warcinfo record alone tells nothing
                part.unlink()
                continue
            if isinstance(last, Damage):
                file.truncate(last.offset)
            os.fsync(file.fileno())
        path = part.with_name(part.name.removesuffix(PART))
        _rename(part, path)
        saved.append(path)
    return saved


def _contents(part: Path) -> tuple[int, Record | Damage | None]:
    """How many whole records a file has, and what stands last in it."""
    records, last = 0, None
    try:
        for item in read_warc(part):
            records += isinstance(item, Record)
            last = item
    except NotAWarc:
        return 0, None
    return records, last


def _rename(part: Path, path: Path) -> None:
    part.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _stamp(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
