"""What the crawler writes is whole when it has its name, reads back, and is found again after a kill."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.crawl_log import LOG_URI, CrawlLog, PageLog, SourceLog
from archive.index import ArchiveIndex
from archive.read import Record, read_warc
from archive.replay import ReplayArchive
from archive.write import PART, ArchiveFile, salvage
from tests.conftest import WriteWarc, at, html

NOW = at("2021-08-01T18:30:00+00:00")
URL = "https://vnexpress.net/bai-4280000.html"
LOG = CrawlLog(
    run="r1",
    outlet="vnexpress",
    mode="live",
    now=NOW,
    started=NOW,
    ended=NOW,
    finish="finished",
    sources=(SourceLog("https://vnexpress.net/rss/a.rss", "feed", "ok", items=3, newest=NOW.isoformat()),),
    pages=(PageLog(URL, True, False, "fetched", status=200, final_url=URL),),
)


def _open(workspace: Path, name: str = "r1-vnexpress.warc.gz") -> ArchiveFile:
    file = ArchiveFile(workspace / "archive" / name, "r1", "vnexpress", "live", "test")
    request = ("GET /bai-4280000.html HTTP/1.1", [("Host", "vnexpress.net")])
    response = (
        "HTTP/1.1 200 OK",
        [("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")],
    )
    file.add(URL, "page", NOW, request, response, b"<p>xin chao</p>", "203.0.113.7")
    return file


def test_file_has_its_name_only_when_closed(tmp_path: Path) -> None:
    file = _open(tmp_path)
    assert not file.path.exists()
    file.close(LOG)
    assert file.path.exists()
    assert not list(tmp_path.rglob(f"*{PART}"))


def test_closed_file_reads_back_with_headers_kind_and_log(tmp_path: Path) -> None:
    path = _open(tmp_path).close(LOG)
    records = [item for item in read_warc(path) if isinstance(item, Record)]
    assert [record.kind for record in records] == ["warcinfo", "response", "request", "metadata"]
    capture = records[1].capture
    assert capture is not None
    assert (capture.url, capture.kind, capture.time) == (URL, "page", NOW)
    assert capture.payload == b"<p>xin chao</p>"
    assert [value for name, value in capture.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert records[3].url == LOG_URI
    assert CrawlLog.from_json(records[3].block) == LOG


def test_index_knows_looks_and_last_good_crawl_and_is_rebuilt_from_the_files(tmp_path: Path) -> None:
    path = _open(tmp_path).close(LOG)
    index = ArchiveIndex(tmp_path)
    assert index.unindexed() == [path]
    for _ in range(2):  # adding again changes nothing
        report = index.add(path)
        assert (report.captures, report.damages) == (1, ())
    assert index.unindexed() == []
    assert [(look.time, look.status) for look in index.looks("vnexpress.net")[URL]] == [(NOW, 200)]
    assert index.looks("express.net") == {}
    assert index.last_good_crawl("vnexpress") == NOW
    assert index.last_good_crawl("tuoitre") is None


def test_file_left_open_by_a_killed_run_is_salvaged_up_to_its_last_whole_record(tmp_path: Path) -> None:
    left_open = _open(tmp_path)
    part = left_open.path.with_name(f"r1-vnexpress.warc.gz{PART}")
    whole = part.stat().st_size
    assert salvage(tmp_path / "archive") == [], "who still writes it keeps it"
    del left_open  # as when its process is killed
    with part.open("ab") as file:
        file.write(b"\x1f\x8b\x08half a record")
    (saved,) = salvage(tmp_path / "archive")
    assert saved.stat().st_size == whole
    assert ArchiveIndex(tmp_path).add(saved).captures == 1


def test_damage_in_the_middle_of_a_file_left_open_costs_nothing_behind_it(tmp_path: Path) -> None:
    left_open = _open(tmp_path)
    part = left_open.path.with_name(f"r1-vnexpress.warc.gz{PART}")
    first = part.stat().st_size
    left_open.add(URL, "page", NOW, ("GET / HTTP/1.1", []), ("HTTP/1.1 200 OK", []), b"second", None)
    left_open.add(URL, "page", NOW, ("GET / HTTP/1.1", []), ("HTTP/1.1 200 OK", []), b"third", None)
    del left_open
    data = bytearray(part.read_bytes())
    data[first + 30 : first + 40] = b"\0" * 10
    part.write_bytes(data)
    (saved,) = salvage(tmp_path / "archive")
    payloads = [item.capture.payload for item in read_warc(saved) if isinstance(item, Record) and item.capture]
    assert payloads == [b"<p>xin chao</p>", b"third"]


def test_file_left_open_without_one_response_is_removed(tmp_path: Path) -> None:
    ArchiveFile(tmp_path / "archive" / "r2-x.warc.gz", "r2", "x", "live", "test")
    assert salvage(tmp_path / "archive") == []
    assert not list(tmp_path.rglob("*.warc.gz*"))


def test_replay_answers_with_the_last_record_and_goes_by_the_latest_time(write_warc: WriteWarc) -> None:
    path = write_warc("n.warc.gz", [html(URL, b"first"), html(URL, b"second")], "2021-08-02T00:00:00Z")
    replay = ReplayArchive(path)
    capture = replay.get(URL + "?utm_source=rss")
    assert capture is not None
    assert capture.payload == b"second"
    assert replay.get("https://vnexpress.net/other-4280001.html") is None
    assert replay.now == at("2021-08-02T00:00:00Z")
    assert replay.hosts == {"vnexpress.net"}


@pytest.mark.press
def test_shared_archive_reads_without_damage(press: Path) -> None:
    items = list(read_warc(press / "press-2020-2021.warc.gz"))
    assert len(items) == 723
    assert all(isinstance(item, Record) for item in items)
