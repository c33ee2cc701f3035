"""What the crawler writes is whole when it has its name, reads back, and is found again after a kill."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from archive.crawl_log import LOG_URI, CrawlHead, CrawlLog, Note, PageLog, SourceLog
from archive.index import ArchiveIndex, indexed_files
from archive.manifest import enter
from archive.read import Record, read_warc
from archive.recover import salvage
from archive.replay import ReplayArchive
from archive.write import PART, ArchiveFile, Exchange, Original, payload_digest
from tests.conftest import WriteWarc, at, html

NOW = at("2021-08-01T18:30:00+00:00")
URL = "https://vnexpress.net/bai-4280000.html"
FEED = "https://vnexpress.net/rss/a.rss"
HEAD = CrawlHead(run="r1", outlet="vnexpress", mode="live", now=NOW, started=NOW)
SOURCE = SourceLog(FEED, "feed", "ok", items=3, newest=NOW.isoformat(), etag='"a"')
LOG = CrawlLog(
    run="r1",
    outlet="vnexpress",
    mode="live",
    now=NOW,
    started=NOW,
    ended=NOW,
    finish="finished",
    sources=(SOURCE,),
    pages=(PageLog(URL, True, False, "fetched", status=200, final_url=URL),),
)


def _exchange(payload: bytes = b"<p>xin chao</p>", url: str = URL, asked_for: str | None = None) -> Exchange:
    request = ("GET /bai-4280000.html HTTP/1.1", [("Host", "vnexpress.net")])
    headers = [("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    return Exchange(url, "page", NOW, request, ("HTTP/1.1 200 OK", headers), payload, "203.0.113.7", asked_for)


def _open(workspace: Path, name: str = "r1-vnexpress.warc.gz", carried: Note | None = None) -> ArchiveFile:
    file = ArchiveFile(workspace / "archive" / name, HEAD, "test", carried)
    file.add(_exchange())
    return file


def _log_in(path: Path) -> CrawlLog:
    *_, last = (item for item in read_warc(path) if isinstance(item, Record))
    assert last.url == LOG_URI
    return CrawlLog.from_json(last.block)


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
    assert _log_in(path) == LOG


def test_log_of_before_it_was_kept_who_announced_a_page_is_read(tmp_path: Path) -> None:
    pages = (replace(LOG.pages[0], announced_by=("feed", "sitemap")),)
    said = json.loads(replace(LOG, pages=pages).to_json())
    assert CrawlLog.from_json(json.dumps(said).encode()).pages == pages
    del said["pages"][0]["announced_by"]
    assert CrawlLog.from_json(json.dumps(said).encode()) == LOG
    note = Note(pages=pages)
    assert Note.from_json(note.to_json()) == note


@pytest.mark.parametrize("page", ["no page", {"url": URL}, {"announced_by": 1}])
def test_what_is_no_page_is_no_log(page: object) -> None:
    said = json.loads(LOG.to_json()) | {"pages": [page]}
    with pytest.raises(ValueError, match="not a record of a crawl"):
        CrawlLog.from_json(json.dumps(said).encode())


def test_revisit_reads_back_without_payload_and_names_what_it_repeats(tmp_path: Path) -> None:
    file = _open(tmp_path)
    digest = payload_digest(b"<p>xin chao</p>")
    file.add_revisit(_exchange(), Original(URL, NOW, digest))
    captures = [item.capture for item in read_warc(file.close(LOG)) if isinstance(item, Record) and item.capture]
    assert [(capture.revisit, capture.digest, capture.status) for capture in captures] == [
        (False, digest, 200),
        (True, digest, 200),
    ]
    assert captures[1].payload == b""


def test_index_knows_the_past_and_is_rebuilt_from_the_files(tmp_path: Path) -> None:
    path = _open(tmp_path).close(LOG)
    index = ArchiveIndex(tmp_path)
    assert index.unindexed() == [path]
    for _ in range(2):  # adding again changes nothing
        report = index.add(path)
        assert (report.captures, report.damages, report.log) == (1, (), LOG)
    assert index.unindexed() == []
    with index.reader() as past:
        assert [(look.time, look.status) for look in past.looks([URL])] == [(NOW, 200)]
        assert past.pages_seen("vnexpress.net", NOW) == [URL]
        assert past.pages_seen("express.net", NOW) == []
        assert [(look.outcome, look.newest, look.etag) for look in past.source_looks(FEED)] == [("ok", NOW, '"a"')]
        assert past.nights("vnexpress") == [(NOW, 1)]
        assert past.nights("tuoitre") == []
        assert past.original(URL) == Original(URL, NOW, payload_digest(b"<p>xin chao</p>"))


def test_index_knows_what_was_left_over_and_where_addresses_led(tmp_path: Path) -> None:
    led = "https://vnexpress.net/bai-4280009.html"
    pages = (
        PageLog(URL, True, False, "fetched", status=200, final_url=led),
        PageLog(f"{URL}1", True, False, "failed", "download_timeout"),
        PageLog(f"{URL}2", True, False, "deferred", "budget", announced_time=NOW.isoformat()),
        PageLog(f"{URL}3", False, True, "failed", "download_timeout"),
        PageLog(f"{URL}4", True, False, "refused", "robots"),
    )
    index = ArchiveIndex(tmp_path)
    index.add(_open(tmp_path).close(replace(LOG, pages=pages)))
    with index.reader() as past:
        assert past.redirect(URL) == led
        left = [(page.url, page.announced_time, page.put_off) for page in past.left_over("vnexpress", NOW)]
        assert left == [(f"{URL}1", None, False), (f"{URL}2", NOW, True)]


def test_index_knows_whether_what_came_was_the_page(tmp_path: Path) -> None:
    file = ArchiveFile(tmp_path / "archive" / "r1-vnexpress.warc.gz", HEAD, "test")
    file.add(replace(_exchange(), failed="challenge"))
    index = ArchiveIndex(tmp_path)
    index.add(file.close(LOG))
    with index.reader() as past:
        assert [(look.status, look.good) for look in past.looks([URL])] == [(200, False)]


def test_run_in_which_nobody_answered_is_no_failure_of_a_source(tmp_path: Path) -> None:
    index = ArchiveIndex(tmp_path)
    failed = replace(LOG, sources=(replace(SOURCE, outcome="failed", reason="no_such_host"),), pages=())
    index.add(_open(tmp_path).close(failed))
    with index.reader() as past:
        assert past.source_looks(FEED) == []


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, b"SQLite format 3\0" + b"\0" * 50])
def test_index_that_is_broken_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = _open(tmp_path).close(LOG)
    ArchiveIndex(tmp_path).add(path)
    (tmp_path / "archive" / "index.sqlite").write_bytes(content)
    assert indexed_files(tmp_path) == []
    assert ArchiveIndex(tmp_path).unindexed() == [path]


def test_index_of_an_older_program_is_made_anew(tmp_path: Path) -> None:
    path = _open(tmp_path).close(LOG)
    index = ArchiveIndex(tmp_path)
    index.add(path)
    with index._connection() as db:
        db.execute("PRAGMA user_version = 1")
    assert ArchiveIndex(tmp_path).unindexed() == [path]


def test_catching_up_enters_each_file_into_the_manifest(tmp_path: Path) -> None:
    path = _open(tmp_path).close(LOG)
    assert ArchiveIndex(tmp_path).catch_up() == []
    assert (tmp_path / "archive" / "SHA256SUMS").read_text() == f"{enter(path)}  {path.name}\n"


def test_file_left_open_by_a_killed_run_is_salvaged_up_to_its_last_whole_record(tmp_path: Path) -> None:
    left_open = _open(tmp_path)
    part = left_open.path.with_name(f"r1-vnexpress.warc.gz{PART}")
    assert salvage(tmp_path / "archive").files == (), "who still writes it keeps it"
    del left_open  # as when its process is killed
    with part.open("ab") as file:
        file.write(b"\x1f\x8b\x08half a record")
    (saved,) = salvage(tmp_path / "archive").files
    items = list(read_warc(saved))
    assert [item.kind for item in items if isinstance(item, Record)] == ["warcinfo", "response", "request", "metadata"]
    assert len(items) == 4
    assert ArchiveIndex(tmp_path).add(saved).captures == 1


def test_salvaged_file_tells_of_what_was_announced_failed_and_fetched(tmp_path: Path) -> None:
    carried = Note((), (PageLog(f"{URL}9", True, False, "deferred", "unfinished"),))
    left_open = _open(tmp_path, carried=carried)
    announced = [PageLog(f"{URL}{n}", True, False, "deferred", "unfinished") for n in range(3)]
    left_open.note(Note((SOURCE,), tuple(announced)), NOW)
    left_open.note(Note((), (replace(announced[0], outcome="failed", reason="download_timeout"),)), NOW)
    left_open.add(_exchange(url="https://vnexpress.net/chuyen-4280007.html", asked_for=f"{URL}1"))
    del left_open
    (saved,) = salvage(tmp_path / "archive").files
    log = _log_in(saved)
    assert (log.run, log.outlet, log.mode, log.finish, log.now) == ("r1", "vnexpress", "live", "killed", NOW)
    assert log.sources == (SOURCE,)
    assert {page.url.removeprefix(URL): (page.outcome, page.reason) for page in log.pages} == {
        "": ("fetched", None),
        "0": ("failed", "download_timeout"),
        "1": ("fetched", None),
        "2": ("deferred", "unfinished"),
        "9": ("deferred", "unfinished"),
    }
    assert log.alarms


def test_file_left_open_whose_first_record_is_damaged_is_salvaged_by_its_name(tmp_path: Path) -> None:
    name = "20210801T183000Z-ab12-vnexpress-2.warc.gz"
    left_open = _open(tmp_path, name)
    part = left_open.path.with_name(name + PART)
    del left_open
    data = bytearray(part.read_bytes())
    data[40] ^= 0xFF
    part.write_bytes(data)
    (saved,) = salvage(tmp_path / "archive").files
    log = _log_in(saved)
    assert (log.run, log.outlet, log.part, log.now) == ("20210801T183000Z-ab12", "vnexpress", 2, NOW)
    assert [(page.url, page.outcome) for page in log.pages] == [(URL, "fetched")]


def test_file_left_open_without_one_whole_record_is_kept_aside_and_named(tmp_path: Path) -> None:
    part = tmp_path / "archive" / f"r1-vnexpress.warc.gz{PART}"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"\0" * 500)
    (problem,) = ArchiveIndex(tmp_path).catch_up()
    assert "without one whole record" in problem
    assert [path.name for path in tmp_path.rglob("*.unreadable")] == ["r1-vnexpress.warc.gz.unreadable"]


def test_damaged_file_is_not_entered_into_the_manifest(tmp_path: Path) -> None:
    path = _open(tmp_path).close(LOG)
    (tmp_path / "archive" / "SHA256SUMS").unlink()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert any("is damaged" in problem for problem in ArchiveIndex(tmp_path).catch_up())
    assert not (tmp_path / "archive" / "SHA256SUMS").exists()


def test_file_whose_run_was_killed_before_the_rename_is_only_renamed(tmp_path: Path) -> None:
    path = _open(tmp_path).close(LOG)
    path.rename(path.with_name(path.name + PART))
    assert salvage(tmp_path / "archive").files == (path,)
    assert _log_in(path) == LOG


def test_damage_in_the_middle_of_a_file_left_open_costs_nothing_behind_it(tmp_path: Path) -> None:
    left_open = _open(tmp_path)
    part = left_open.path.with_name(f"r1-vnexpress.warc.gz{PART}")
    first = part.stat().st_size
    left_open.add(_exchange(b"second"))
    left_open.add(_exchange(b"third"))
    del left_open
    data = bytearray(part.read_bytes())
    data[first + 30 : first + 40] = b"\0" * 10
    part.write_bytes(data)
    (saved,) = salvage(tmp_path / "archive").files
    payloads = [item.capture.payload for item in read_warc(saved) if isinstance(item, Record) and item.capture]
    assert payloads == [b"<p>xin chao</p>", b"third"]


def test_file_left_open_that_tells_nothing_is_removed(tmp_path: Path) -> None:
    ArchiveFile(tmp_path / "archive" / "r2-x.warc.gz", HEAD, "test")
    assert salvage(tmp_path / "archive").files == ()
    assert not list(tmp_path.rglob("*.warc.gz*"))


def test_file_left_open_inside_its_second_record_tells_nothing_and_is_removed(tmp_path: Path) -> None:
    file = ArchiveFile(tmp_path / "archive" / "r2-x.warc.gz", HEAD, "test")
    part = file.path.with_name(file.path.name + PART)
    del file
    with part.open("ab") as torn:
        torn.write(b"\x1f\x8b\x08half a record")
    assert salvage(tmp_path / "archive").files == ()
    assert not list(tmp_path.rglob("*.warc.gz*"))


def test_index_that_is_locked_is_not_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = ArchiveIndex(tmp_path)
    index.add(_open(tmp_path).close(LOG))
    monkeypatch.setattr("archive.index._WAIT_SECONDS", 0)
    holder = sqlite3.connect(index.path)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        ArchiveIndex(tmp_path)
    holder.close()
    assert len(ArchiveIndex(tmp_path).files()) == 1


def test_replay_answers_with_the_last_record_and_goes_by_the_latest_time(write_warc: WriteWarc) -> None:
    path = write_warc("n.warc.gz", [html(URL, b"first"), html(URL, b"second")], "2021-08-02T00:00:00Z")
    replay = ReplayArchive(path)
    capture = replay.get(URL + "?utm_source=rss")
    assert capture is not None
    assert capture.payload == b"second"
    assert replay.get("https://vnexpress.net/other-4280001.html") is None
    assert replay.now == at("2021-08-02T00:00:00Z")
    assert replay.hosts == {"vnexpress.net"}


def test_replay_answers_a_revisit_with_the_payload_it_repeats_if_the_file_has_it(tmp_path: Path) -> None:
    held = _open(tmp_path)
    held.add_revisit(_exchange(), Original(URL, NOW, payload_digest(b"<p>xin chao</p>")))
    capture = ReplayArchive(held.close(LOG)).get(URL)
    assert capture is not None
    assert capture.payload == b"<p>xin chao</p>"
    elsewhere = ArchiveFile(tmp_path / "archive" / "r2-vnexpress.warc.gz", HEAD, "test")
    elsewhere.add_revisit(_exchange(), Original(URL, NOW, payload_digest(b"<p>xin chao</p>")))
    assert ReplayArchive(elsewhere.close(LOG)).get(URL) is None


@pytest.mark.press
def test_shared_archive_reads_without_damage(press: Path) -> None:
    items = list(read_warc(press / "press-2020-2021.warc.gz"))
    assert len(items) == 723
    assert all(isinstance(item, Record) for item in items)
