"""A damaged archive gives all its good records and names each damage; what is no archive is said to be none."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.capture import MAX_BODY_BYTES, BodyError, Capture
from archive.read import Damage, NotAWarc, Record, read_at, read_warc
from tests.conftest import WriteWarc, at, html

URLS = [f"https://vnexpress.net/bai-{n}-4280000.html" for n in range(5)]


def _read(path: Path) -> tuple[list[Record], list[Damage]]:
    items = list(read_warc(path))
    return [i for i in items if isinstance(i, Record)], [i for i in items if isinstance(i, Damage)]


@pytest.fixture
def warc(write_warc: WriteWarc) -> Path:
    return write_warc("five.warc.gz", [html(url, f"<p>trang {n}</p>".encode() * 50) for n, url in enumerate(URLS)])


def test_whole_file_gives_every_record_and_each_is_found_again_at_its_offset(warc: Path) -> None:
    records, damages = _read(warc)
    assert [record.url for record in records] == URLS
    assert damages == []
    assert [read_at(warc, record.offset).block for record in records] == [record.block for record in records]


def test_uncompressed_file_reads_alike(write_warc: WriteWarc) -> None:
    plain = write_warc("five.warc", [html(url) for url in URLS])
    records, damages = _read(plain)
    assert [record.url for record in records] == URLS
    assert damages == []
    assert [read_at(plain, record.offset).block for record in records] == [record.block for record in records]


def test_truncated_last_record_is_named_though_readers_pass_it(warc: Path) -> None:
    warc.write_bytes(warc.read_bytes()[:-20])
    records, damages = _read(warc)
    assert [record.url for record in records] == URLS[:4]
    assert ["truncated" in damage.what for damage in damages] == [True]


def test_bytes_lost_in_the_middle_cost_only_their_own_record(warc: Path) -> None:
    records, _ = _read(warc)
    data = bytearray(warc.read_bytes())
    middle = records[2].offset
    data[middle + 40 : middle + 60] = b"\0" * 20
    warc.write_bytes(data)
    good, damages = _read(warc)
    assert [record.url for record in good] == URLS[:2] + URLS[3:]
    assert [damage.offset for damage in damages] == [middle]


@pytest.mark.parametrize("length", [b"7", b"99999", b"-4", b"many"])
def test_record_with_a_bad_length_is_named_and_the_next_one_is_read(warc: Path, length: bytes) -> None:
    data, (records, _) = warc.read_bytes(), _read(warc)
    start, end = records[1].offset, records[2].offset
    member = gzip.decompress(data[start:end])
    old = next(line for line in member.split(b"\r\n") if line.startswith(b"Content-Length"))
    warc.write_bytes(data[:start] + gzip.compress(member.replace(old, b"Content-Length: " + length, 1)) + data[end:])
    good, damages = _read(warc)
    assert [record.url for record in good] == [URLS[0], *URLS[2:]]
    assert [damage.offset for damage in damages] == [start]


def test_changed_payload_is_found_by_its_digest(warc: Path) -> None:
    data, (records, _) = warc.read_bytes(), _read(warc)
    start, end = records[0].offset, records[1].offset
    member = gzip.decompress(data[start:end]).replace(b"trang 0", b"trang 9", 1)
    warc.write_bytes(gzip.compress(member) + data[end:])
    good, damages = _read(warc)
    assert [record.url for record in good] == URLS[1:]
    assert "digest" in damages[0].what


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"<html>", "not a WARC"),
        (gzip.compress(b"hello", mtime=0), "no WARC records"),
    ],
)
def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(content)
    with pytest.raises(NotAWarc, match=rf"x\.warc\.gz: .*{says}"):
        _read(path)


def test_missing_file_and_wrong_offset_are_not_archives(tmp_path: Path, warc: Path) -> None:
    with pytest.raises(NotAWarc, match="can't be read"):
        list(read_warc(tmp_path / "none.warc.gz"))
    with pytest.raises(NotAWarc, match="no whole record at byte 3"):
        read_at(warc, 3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_or_cut_costs_at_most_two_records_and_is_named(warc: Path, data: st.DataObject) -> None:
    original = warc.read_bytes()
    try:
        position = data.draw(st.integers(0, len(original) - 1))
        if data.draw(st.booleans()):
            broken = original[:position]
        else:
            broken = (
                original[:position]
                + bytes([original[position] ^ data.draw(st.integers(1, 255))])
                + original[position + 1 :]
            )
        warc.write_bytes(broken)
        try:
            records, damages = _read(warc)
        except NotAWarc:
            return
        urls = [record.url for record in records]
        if urls == URLS:
            # Bytes of a gzip header that say nothing (time, system) may change without harm.
            assert [record.block for record in records] == [read_at(warc, record.offset).block for record in records]
        elif broken == original[:position]:
            assert urls == URLS[: len(urls)]
            assert damages or position in _ends(original)
        else:
            assert damages
            assert len(urls) >= len(URLS) - 2
    finally:
        warc.write_bytes(original)


def _ends(data: bytes) -> set[int]:
    """A file cut exactly between two records is whole as far as it goes."""
    return {n for n in range(len(data)) if data[n : n + 3] == b"\x1f\x8b\x08"}


def _capture(payload: bytes, **headers: str) -> Capture:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Capture("https://a.vn/", at("2021-07-01T00:00:00Z"), 200, pairs, payload, "page", 0, None)


def test_body_is_unpacked_and_the_payload_stays_as_served() -> None:
    packed = gzip.compress("Cổng".encode())
    capture = _capture(packed, Content_Encoding="GZIP")
    assert capture.body().decode() == "Cổng"
    assert capture.payload == packed


def test_chunked_payload_of_other_archives_is_joined() -> None:
    capture = _capture(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", Transfer_Encoding="chunked")
    assert capture.body() == b"abcde"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "two gzip members", "raw deflate"])
def test_every_encoding_we_may_meet_is_unpacked_and_a_cut_body_is_never_taken_for_whole(encoding: str) -> None:
    text = "Cổng Dịch vụ công quốc gia. ".encode() * 400
    raw = zlib.compressobj(wbits=-15)
    payload = {
        "gzip": gzip.compress(text),
        "deflate": zlib.compress(text),
        "br": brotli.compress(text),
        "two gzip members": gzip.compress(text[:500]) + gzip.compress(text[500:]),
        "raw deflate": raw.compress(text) + raw.flush(),
    }[encoding]
    name = {"two gzip members": "gzip", "raw deflate": "deflate"}.get(encoding, encoding)
    assert _capture(payload, Content_Encoding=name).body() == text
    with pytest.raises(BodyError, match=r"truncated_body|bad_encoding"):
        _capture(payload[: len(payload) * 2 // 3], Content_Encoding=name).body()


@pytest.mark.parametrize(
    ("payload", "encoding", "reason"),
    [
        (b"x", "zstd-lies", "unknown_encoding"),
        (gzip.compress(b"0" * (MAX_BODY_BYTES + 1), mtime=0), "gzip", "body_too_large"),
    ],
)
def test_bodies_that_cannot_be_had_say_why(payload: bytes, encoding: str, reason: str) -> None:
    with pytest.raises(BodyError, match=reason):
        _capture(payload, Content_Encoding=encoding).body()
