"""Every byte that changed and every cut is found, and each finding says where it is and what to do."""

from __future__ import annotations

import fcntl
import gzip
import io
import random
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from warcio.warcwriter import WARCWriter

from archive.crawl_log import LOG_URI, CrawlHead, CrawlLog
from archive.manifest import IMPORTED, MANIFEST, enter
from archive.read import Record, read_warc
from archive.verify import Finding, VerifyReport, verify
from archive.write import ArchiveFile, Exchange
from tests.conftest import SAMPLES, WriteWarc, at, first_of, html

NOW = at("2021-08-01T18:30:00+00:00")
URL = "https://vnexpress.net/bai-4280000.html"
DAY = Path("archive/2026/11/24")


def _crawl(workspace: Path, name: str = "r1-vnexpress.warc.gz", pages: int = 1) -> Path:
    """A file as the crawler closes it."""
    head = CrawlHead("r1", "vnexpress", "live", NOW, NOW)
    file = ArchiveFile(workspace / DAY / name, head, "test")
    for number in range(pages):
        answer = ("HTTP/1.1 200 OK", [("Content-Type", "text/html")])
        file.add(Exchange(URL, "page", NOW, ("GET / HTTP/1.1", []), answer, b"<p>%d</p>" % number, None))
    manifest = file.path.with_name(MANIFEST)
    before = manifest.read_bytes() if manifest.exists() else b""
    path = file.close(CrawlLog("r1", "vnexpress", "live", NOW, NOW, NOW, "finished", (), ()))
    manifest.write_bytes(before)  # each test enters the file when it wants to
    if not before:
        manifest.unlink()
    return path


@pytest.fixture
def crawled(tmp_path: Path) -> Path:
    """The one archive file of a workspace, entered."""
    path = _crawl(tmp_path)
    enter(path)
    return path


def _whats(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.what for finding in findings]


def _flips(data: bytes, positions: Iterable[int], masks: Iterable[int]) -> Iterator[bytes]:
    for position in positions:
        for mask in masks:
            yield data[:position] + bytes([data[position] ^ mask]) + data[position + 1 :]


def _records(path: Path) -> list[tuple[str, str | None, bytes]]:
    return [(item.kind, item.url, item.block) for item in read_warc(path) if isinstance(item, Record)]


def _offsets(path: Path) -> list[int]:
    return [item.offset for item in read_warc(path)]


def test_whole_archive_is_counted_and_nothing_is_found_or_changed(tmp_path: Path, crawled: Path) -> None:
    enter(_crawl(tmp_path, "r1-tuoitre.warc.gz", pages=3))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    heard: list[tuple[str, int]] = []
    report = verify(tmp_path, on_file=lambda file, size: heard.append((file, size)))
    sizes = [(path.relative_to(tmp_path).as_posix(), path.stat().st_size) for path in sorted(crawled.parent.glob("r*"))]
    assert report == VerifyReport(files=2, records=4 + 8, bytes=sum(size for _, size in sizes), findings=())
    assert heard == sizes
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("mask", first_of(1, [0xFF, 0x01, 0x80]))
def test_every_flipped_byte_is_found(mask: int, tmp_path: Path, crawled: Path) -> None:
    data = crawled.read_bytes()
    for flipped in _flips(data, range(len(data)), (mask,)):
        crawled.write_bytes(flipped)
        assert verify(tmp_path).errors, [n for n in range(len(data)) if data[n] != flipped[n]]


def test_every_cut_is_found(tmp_path: Path, crawled: Path) -> None:
    data = crawled.read_bytes()
    for length in range(len(data)):
        crawled.write_bytes(data[:length])
        assert verify(tmp_path).errors, length


def test_without_sums_every_cut_of_a_crawl_file_is_found_all_the_same(tmp_path: Path) -> None:
    path = _crawl(tmp_path)
    data = path.read_bytes()
    assert verify(tmp_path).errors == ()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        assert verify(tmp_path).errors, length


@pytest.mark.drill
def test_without_sums_a_flip_that_is_not_found_has_changed_no_record(tmp_path: Path) -> None:
    path = _crawl(tmp_path)
    data, records = path.read_bytes(), _records(path)
    for flipped in _flips(data, range(len(data)), (0xFF, 0x01)):
        path.write_bytes(flipped)
        assert verify(tmp_path).errors or _records(path) == records


@pytest.mark.parametrize("flips", first_of(1, [100, 300]))
def test_every_flipped_byte_of_a_sample_night_is_found(flips: int, tmp_path: Path) -> None:
    path = Path(shutil.copy(SAMPLES / "night-1.warc.gz", tmp_path))
    enter(path)
    data = path.read_bytes()
    chance = random.Random(68)
    for position in chance.sample(range(len(data)), flips):
        (flipped,) = _flips(data, [position], (chance.randrange(1, 256),))
        path.write_bytes(flipped)
        assert verify(tmp_path, [path]).errors, position


def test_every_flipped_byte_of_the_sums_is_found_or_makes_a_file_unlisted(tmp_path: Path, crawled: Path) -> None:
    sums = crawled.with_name(MANIFEST)
    data = sums.read_bytes()
    for flipped in _flips(data, range(len(data)), (0xFF, 0x01, 0x80)):
        sums.write_bytes(flipped)
        assert verify(tmp_path).findings, flipped


def test_damaged_record_is_named_by_its_offset_and_the_whole_ones_are_counted(tmp_path: Path, crawled: Path) -> None:
    offset = _offsets(crawled)[1]
    data = bytearray(crawled.read_bytes())
    data[offset + 40] ^= 0xFF
    crawled.write_bytes(data)
    report = verify(tmp_path)
    assert [finding.offset for finding in report.errors] == [None, offset]
    assert report.errors[0].file == (DAY / "r1-vnexpress.warc.gz").as_posix()
    assert "SHA-256" in report.errors[0].what
    assert all("backup copy" in error.remedy and "diembao archive reindex" in error.remedy for error in report.errors)
    assert report.records == 3


def test_damage_that_no_record_digest_covers_is_said_to_be_that(tmp_path: Path) -> None:
    path = Path(shutil.copy(SAMPLES / "night-2025-06.warc.gz", tmp_path))
    enter(path)
    data = bytearray(path.read_bytes())
    data[4] ^= 0xFF  # the time in the first gzip header
    path.write_bytes(data)
    (error,) = verify(tmp_path, [path]).errors
    assert "every record is well" in error.what
    assert f"compare file and {MANIFEST} with the backup copy" in error.remedy


@pytest.mark.parametrize("position", range(3, 10))
def test_gzip_header_that_our_writer_does_not_write_is_found_without_sums(tmp_path: Path, position: int) -> None:
    path = _crawl(tmp_path)
    data, offset = bytearray(path.read_bytes()), _offsets(path)[2]
    data[offset + position] ^= 0x01
    path.write_bytes(data)
    assert offset in [error.offset for error in verify(tmp_path).errors]


@pytest.mark.parametrize("added", [b"\0", b"\x1f", b"\r\n", gzip.compress(b""), gzip.compress(b"more")])
def test_bytes_between_and_behind_the_records_are_found_without_sums(tmp_path: Path, added: bytes) -> None:
    path = _crawl(tmp_path)
    data, offset = path.read_bytes(), _offsets(path)[2]
    for place in (offset, len(data)):
        path.write_bytes(data[:place] + added + data[place:])
        assert place in [error.offset for error in verify(tmp_path).errors]


def test_cut_at_a_record_end_is_missed_by_readers_and_found_here(tmp_path: Path, crawled: Path) -> None:
    crawled.write_bytes(crawled.read_bytes()[: _offsets(crawled)[-1]])
    assert _whats(verify(tmp_path).errors)[1:] == ["ends without its crawl log: cut at a record's end?"]


def test_crawl_file_that_is_damaged_is_an_error_whatever_is_listed(tmp_path: Path) -> None:
    path = _crawl(tmp_path)
    path.write_bytes(path.read_bytes()[: _offsets(path)[-1]])
    enter(path)  # as after SHA256SUMS was lost
    assert _whats(verify(tmp_path).errors) == ["ends without its crawl log: the run that wrote it was killed"]


def test_damage_that_was_there_when_the_file_was_entered_is_a_warning(tmp_path: Path, write_warc: WriteWarc) -> None:
    path = tmp_path / "archive" / IMPORTED / "cut.warc.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(write_warc("cut.warc.gz", [html(URL), html(URL)]).read_bytes()[:-9])
    enter(path)
    report = verify(tmp_path, [path])
    assert report.errors == ()
    assert "truncated" in report.warnings[0].what
    assert "since it was entered" in report.warnings[0].remedy


def test_crawl_file_that_someone_compressed_anew_before_it_was_entered_is_well(tmp_path: Path) -> None:
    path = _crawl(tmp_path)
    data, starts = path.read_bytes(), _offsets(path)
    members = [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]
    path.write_bytes(b"".join(gzip.compress(gzip.decompress(member), mtime=1) for member in members))
    assert all("gzip header" in what for what in _whats(verify(tmp_path).errors))
    assert len(verify(tmp_path).errors) == len(members)
    enter(path)
    assert verify(tmp_path).findings == ()


def test_crawl_file_that_someone_unpacked_is_well(tmp_path: Path) -> None:
    packed = _crawl(tmp_path)
    plain = tmp_path / "plain.warc"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    report = verify(tmp_path, [plain])
    assert (report.records, report.errors) == (4, ())


def test_crawl_log_that_cannot_be_read_is_named_by_its_offset(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, warc_version="WARC/1.1")
        writer.write_record(writer.create_warcinfo_record(path.name, {"run": "r1", "outlet": "vnexpress"}))
        offset = file.tell()
        writer.write_record(writer.create_warc_record(LOG_URI, "metadata", payload=io.BytesIO(b"[]")))
    (error,) = verify(tmp_path, [path]).errors
    assert (error.offset, "crawl log can't be read" in error.what) == (offset, True)


def test_listed_file_that_is_missing_is_an_error(tmp_path: Path, crawled: Path) -> None:
    crawled.unlink()
    (error,) = verify(tmp_path).findings
    assert (error.file, error.what) == ((DAY / "r1-vnexpress.warc.gz").as_posix(), f"listed in {MANIFEST} but missing")
    assert "backup copy" in error.remedy


def test_day_that_is_gone_with_its_sums_is_missed_by_the_index_only(tmp_path: Path, crawled: Path) -> None:
    known = crawled.relative_to(tmp_path).as_posix()
    assert verify(tmp_path, indexed=[known]).findings == ()
    crawled.unlink()
    assert len(verify(tmp_path, indexed=[known]).errors) == 1, "not twice"
    shutil.rmtree(crawled.parent)
    (error,) = verify(tmp_path, indexed=[known]).errors
    assert error.file == known
    assert verify(tmp_path).findings == ()


def test_file_that_is_not_listed_yet_is_a_warning(tmp_path: Path, crawled: Path) -> None:
    _crawl(tmp_path, "r2-vnexpress.warc.gz")
    (warning,) = verify(tmp_path).findings
    assert warning == Finding(
        (DAY / "r2-vnexpress.warc.gz").as_posix(),
        None,
        f"not listed in {MANIFEST} yet",
        "the next run enters it",
        "warning",
    )


def test_file_left_open_by_a_killed_run_is_a_warning_and_one_being_written_is_none(
    tmp_path: Path, crawled: Path
) -> None:
    part = crawled.with_name("r2-vnexpress.warc.gz.part")
    with part.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert verify(tmp_path).findings == ()
    (warning,) = verify(tmp_path).findings
    assert (warning.file, warning.severity) == ((DAY / part.name).as_posix(), "warning")
    assert "salvages" in warning.remedy


def test_malformed_line_of_the_sums_is_an_error_and_a_torn_one_a_warning(tmp_path: Path, crawled: Path) -> None:
    with crawled.with_name(MANIFEST).open("a") as sums:
        sums.write("no digest\nhalf a li")
    report = verify(tmp_path)
    assert _whats(report.errors) == ["line 2 is no line of a SHA256SUMS: 'no digest'"]
    assert _whats(report.warnings) == ["line 3 has no end: 'half a li'"]


def test_sums_that_cannot_be_read_are_an_error_and_the_files_are_read_all_the_same(
    tmp_path: Path, crawled: Path
) -> None:
    crawled.with_name(MANIFEST).unlink()
    crawled.with_name(MANIFEST).mkdir()
    report = verify(tmp_path)
    assert ["can't be read" in what for what in _whats(report.errors)] == [True]
    assert report.records == 4


@pytest.mark.parametrize("name", ["elsewhere.warc.gz", "elsewhere.warc"])
def test_archive_made_elsewhere_is_checked_for_structure_and_the_report_says_so(
    tmp_path: Path, write_warc: WriteWarc, name: str
) -> None:
    path = write_warc(name, [html(URL), html(URL)])
    report = verify(tmp_path / "workspace", [path])
    assert (report.files, report.records, report.errors) == (1, 2, ())
    assert _whats(report.warnings) == [f"no {MANIFEST}: only the structure was checked"]
    path.write_bytes(path.read_bytes()[:-30])
    (error,) = verify(tmp_path / "workspace", [path]).errors
    assert "truncated" in error.what
    assert "from where it came" in error.remedy


def test_given_file_is_compared_with_the_sums_beside_it_and_others_are_left_alone(tmp_path: Path) -> None:
    one, other = _crawl(tmp_path, "one.warc.gz"), _crawl(tmp_path, "other.warc.gz")
    enter(one)
    enter(other)
    other.unlink()
    report = verify(tmp_path / "workspace", [one])
    assert (report.files, report.findings) == (1, ())


@pytest.mark.parametrize("content", [None, b"", b"<html>"])
def test_what_is_no_archive_or_not_there_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.warc.gz"
    if content is not None:
        path.write_bytes(content)
    assert len(verify(tmp_path, [path]).errors) == 1


def test_empty_workspace_has_no_findings(tmp_path: Path) -> None:
    assert verify(tmp_path) == VerifyReport(0, 0, 0, ())
