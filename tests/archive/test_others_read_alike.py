"""Other programs read our archives as we do: warcio, FastWARC and cdxj-indexer agree on every record."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
import fastwarc.warc
import pytest
import warcio.archiveiterator
from cdxj_indexer.main import CDXJIndexer

from archive.crawl_log import CrawlHead, CrawlLog, Note, PageLog, SourceLog
from archive.read import Record, read_warc
from archive.write import ArchiveFile, Exchange, Original, payload_digest
from tests.conftest import SAMPLES, at

NOW = at("2021-08-01T18:30:00+00:00")
#: As they came off the wire: bytes that are no ASCII reach the archive as Latin-1, as Scrapy's headers do.
SERVED = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Set-Cookie", "a=1; path=/"),
    ("Set-Cookie", "b=2; path=/"),
    ("X-Chuyen-Muc", "Thời sự – Kinh tế".encode().decode("latin-1")),
    ("X-Empty", ""),
]
TEXT = "<p>Cổng Dịch vụ công quốc gia</p>".encode() * 300
PAYLOADS = {
    "https://vnexpress.net/bai-4280000.html": ("200 OK", [], TEXT),
    "https://vnexpress.net/bai-4280001.html": ("200 OK", [("Content-Encoding", "gzip")], gzip.compress(TEXT)),
    "https://vnexpress.net/bai-4280002.html": ("200 OK", [("Content-Encoding", "br")], brotli.compress(TEXT)),
    "https://vnexpress.net/cu?q=ngh%E1%BB%8B%20quy%E1%BA%BFt": ("301 Moved Permanently", [("Location", "/moi")], b""),
    "https://vnexpress.net/mat": ("404 Not Found", [], b"\0\xff\r\n\r\nWARC/1.1\r\n\r\n\x1f\x8b\x08"),
}


@dataclass(frozen=True)
class Row:
    """What every reader says of a record. `headers` and `payload` are those of HTTP, where it is HTTP."""

    offset: int
    record_id: str
    kind: str
    url: str | None
    date: str
    digest: str | None
    headers: tuple[tuple[str, str], ...]
    payload: bytes


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A file with every kind of record that the crawler writes."""
    path = tmp_path / "archive" / "r1-vnexpress.warc.gz"
    file = ArchiveFile(path, CrawlHead("r1", "vnexpress", "live", NOW, NOW), "test")
    for url, (status, headers, payload) in PAYLOADS.items():
        file.add(_exchange(url, status, headers, payload))
    url = next(iter(PAYLOADS))
    original = Original(url, NOW, payload_digest(TEXT))
    file.add_revisit(_exchange(url, "200 OK", [], TEXT), original)
    file.add_revisit(_exchange(url, "304 Not Modified", [("ETag", '"a"')], b""), original)
    file.note(
        Note((SourceLog("https://vnexpress.net/rss", "feed", "ok"),), (PageLog(url, True, False, "failed"),)), NOW
    )
    return file.close(CrawlLog("r1", "vnexpress", "live", NOW, NOW, NOW, "finished", (), ()))


def _exchange(url: str, status: str, headers: Sequence[tuple[str, str]], payload: bytes) -> Exchange:
    request = ("GET / HTTP/1.1", [("Host", "vnexpress.net"), ("User-Agent", "diembao")])
    return Exchange(url, "page", NOW, request, (f"HTTP/1.1 {status}", [*SERVED, *headers]), payload, "203.0.113.7")


@pytest.fixture(params=["written", *(path.name for path in sorted(SAMPLES.glob("*.warc.gz")))])
def path(request: pytest.FixtureRequest) -> Path:
    if request.param == "written":
        found: Path = request.getfixturevalue("written")
        return found
    return SAMPLES / str(request.param)


def _warcio(path: Path) -> list[Row]:
    rows = []
    with path.open("rb") as file:
        records = warcio.archiveiterator.ArchiveIterator(file, check_digests="raise")
        for record in records:
            named, http = record.rec_headers, record.http_headers
            payload = record.raw_stream.read()
            rows.append(
                Row(
                    records.get_record_offset(),
                    named.get_header("WARC-Record-ID"),
                    record.rec_type,
                    named.get_header("WARC-Target-URI"),
                    named.get_header("WARC-Date"),
                    named.get_header("WARC-Payload-Digest"),
                    tuple(http.headers) if http else (),
                    payload,
                )
            )
    return rows


def _fastwarc(path: Path) -> list[Row]:
    rows = []
    for record in fastwarc.warc.ArchiveIterator(str(path), parse_http=False):
        named = dict(record.headers.to_tuples())
        kind = named["WARC-Type"]
        assert record.record_type == getattr(fastwarc.warc.WarcRecordType, kind)
        assert record.verify_block_digest()
        record.parse_http()
        # A revisit's payload digest is that of the payload it repeats; FastWARC knows no payload but HTTP's.
        assert kind == "revisit" or not record.is_http or record.verify_payload_digest()
        rows.append(
            Row(
                record.stream_pos,
                named["WARC-Record-ID"],
                kind,
                named.get("WARC-Target-URI"),
                named["WARC-Date"],
                named.get("WARC-Payload-Digest"),
                tuple((_text(name), _text(value)) for name, value in record.http_headers.items_bytes())
                if record.is_http_parsed
                else (),
                record.reader.read(),
            )
        )
    return rows


def _text(raw: bytes) -> str:
    """warcio reads header bytes as UTF-8 where they are, else as Latin-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _ours(path: Path) -> list[Record]:
    items = list(read_warc(path))
    records = [item for item in items if isinstance(item, Record)]
    assert len(records) == len(items), "we find no damage"
    return records


def test_warcio_and_fastwarc_read_the_same_records(path: Path) -> None:
    rows = _warcio(path)
    assert rows == _fastwarc(path)
    assert len({row.record_id for row in rows}) == len(rows)


def test_warcio_reads_the_records_that_we_read(path: Path) -> None:
    rows, records = _warcio(path), _ours(path)
    assert [(row.offset, row.kind, row.url) for row in rows] == [(r.offset, r.kind, r.url) for r in records]
    assert [at(row.date) for row in rows] == [record.time for record in records]
    assert all(record.block.endswith(row.payload) for row, record in zip(rows, records, strict=True))
    captures = [(record.capture, row) for row, record in zip(rows, records, strict=True) if record.capture]
    assert [(row.headers, row.payload, row.digest) for _, row in captures] == [
        (capture.headers, capture.payload, capture.digest) for capture, _ in captures
    ]


def test_cdxj_indexer_lists_every_record_that_has_an_address(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "index.cdxj"
    fields = "warc-record-id,warc-type,warc-date"
    CDXJIndexer(str(out), [str(path)], records="response,request,revisit,metadata", fields=fields).process_all()
    lines: list[dict[str, Any]] = [json.loads(line.split(" ", 2)[2]) for line in out.read_text().splitlines()]
    rows = [row for row in _warcio(path) if row.url]
    assert [
        (int(line["offset"]), line["warc-record-id"], line["warc-type"], line["url"], line["warc-date"])
        for line in lines
    ] == [(row.offset, row.record_id, row.kind, row.url, row.date) for row in rows]
    assert [line["digest"] for line in lines] == [row.digest for row in rows]
    starts = [int(line["offset"]) for line in lines]
    ends = [int(line["offset"]) + int(line["length"]) for line in lines]
    assert ends == [*starts[1:], path.stat().st_size], "one record begins where the one before it ends"


def test_payloads_are_read_as_they_were_served(written: Path) -> None:
    served = [(url, payload) for url, (_, _, payload) in PAYLOADS.items()]
    assert [(row.url, row.payload) for row in _fastwarc(written) if row.kind == "response"] == served


def test_header_bytes_are_read_as_they_were_served(written: Path) -> None:
    for record in fastwarc.warc.ArchiveIterator(str(written), fastwarc.warc.response | fastwarc.warc.revisit):
        served = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in SERVED]
        assert list(record.http_headers.items_bytes())[: len(SERVED)] == served


def test_repeated_headers_are_read_in_their_order(written: Path) -> None:
    for row in _fastwarc(written):
        if row.kind in ("response", "revisit"):
            assert [value for name, value in row.headers if name == "Set-Cookie"] == ["a=1; path=/", "b=2; path=/"]


def test_every_kind_of_record_was_written(written: Path) -> None:
    assert {row.kind for row in _fastwarc(written)} == {"warcinfo", "request", "response", "revisit", "metadata"}
