"""The record of a crawl: it goes on in another file when one is full, and a disk that fails is not overlooked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archive.crawl_log import CrawlHead, CrawlLog, SourceLog
from archive.index import ArchiveIndex, IndexReader
from archive.recover import salvage
from archive.verify import verify
from archive.write import Exchange
from crawler.frontier import Frontier, Policy
from crawler.record import CrawlRecord, NotWritten, Place
from tests.crawler.test_frontier import OUTLET, Past

NOW = dt.datetime(2021, 7, 8, 18, tzinfo=dt.UTC)
FEED = SourceLog("https://baothu.vn/home.rss", "feed", "ok", items=4)


@pytest.fixture
def writer() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def _record(workspace: Path, writer: ThreadPoolExecutor, roll_bytes: int) -> tuple[CrawlRecord, Frontier]:
    past = IndexReader(Past().db)
    frontier = Frontier(OUTLET, Policy(NOW, True, [1], 10), past)
    head = CrawlHead("r1", "baothu", "live", NOW, NOW)
    place = Place(workspace / "archive" / "2021" / "07" / "08", "test", roll_bytes)
    return CrawlRecord(head, place, frontier, past, writer), frontier


def _announce(record: CrawlRecord, frontier: Frontier, count: int) -> list[str]:
    pages = [frontier.announce(f"https://baothu.vn/bai-{n}.html", FEED.url, None, None, "feed") for n in range(count)]
    record.source_answered(FEED, [page for page in pages if page])
    return [page.url for page in pages if page]


def _fetch(record: CrawlRecord, frontier: Frontier, url: str, writer: ThreadPoolExecutor) -> None:
    answer = ("HTTP/1.1 200 OK", [("Content-Type", "text/html")])
    record.keep(Exchange(url, "page", NOW, ("GET / HTTP/1.1", []), answer, url.encode() * 20, None, url))
    writer.submit(lambda: None).result()  # as a network lets it: the page is written when its answer is read
    record.settled(frontier.settle(url, "fetched", None, 200, url))


def _logs(workspace: Path) -> list[CrawlLog]:
    index = ArchiveIndex(workspace)
    logs = [log for path in workspace.rglob("*.warc.gz") if (log := index.add(path).log)]
    return sorted(logs, key=lambda log: log.part)


def test_full_file_is_closed_and_the_crawl_goes_on_in_another(tmp_path: Path, writer: ThreadPoolExecutor) -> None:
    record, frontier = _record(tmp_path, writer, roll_bytes=1500)
    for url in _announce(record, frontier, 4):
        _fetch(record, frontier, url, writer)
    files = record.close("finished", "unfinished", lambda pages: (f"{len(pages)} pages",))
    assert len(files) > 1
    logs = _logs(tmp_path)
    assert [log.part for log in logs] == list(range(1, len(files) + 1))
    assert [log.last for log in logs] == [False] * (len(files) - 1) + [True]
    told = [page.url for log in logs for page in log.pages]
    assert sorted(told) == [f"https://baothu.vn/bai-{n}.html" for n in range(4)]
    assert (logs[-1].sources, logs[-1].alarms) == ((FEED,), ("4 pages",))
    with ArchiveIndex(tmp_path).reader() as past:
        assert past.nights("baothu") == [(NOW, 4)]
    assert not verify(tmp_path).errors


def test_kill_after_a_file_was_filled_loses_nothing(tmp_path: Path, writer: ThreadPoolExecutor) -> None:
    record, frontier = _record(tmp_path, writer, roll_bytes=1500)
    urls = _announce(record, frontier, 4)
    for url in urls[:3]:
        _fetch(record, frontier, url, writer)
    writer.submit(lambda: None).result()
    del record  # as when the process is killed
    salvage(tmp_path / "archive")
    logs = _logs(tmp_path)
    outcomes = {page.url: page.outcome for log in logs for page in log.pages}
    assert outcomes == dict.fromkeys(urls[:3], "fetched") | {urls[3]: "deferred"}
    assert logs[-1].sources == (FEED,)
    with ArchiveIndex(tmp_path).reader() as past:
        assert [page.url for page in past.left_over("baothu", NOW)] == [urls[3]]


def test_kill_loses_neither_who_announced_a_page_nor_that_it_had_come(
    tmp_path: Path, writer: ThreadPoolExecutor
) -> None:
    record, frontier = _record(tmp_path, writer, roll_bytes=1 << 30)
    first, second = _announce(record, frontier, 2)
    answer = ("HTTP/1.1 200 OK", [("Content-Type", "text/html")])
    record.keep(Exchange(first, "page", NOW, ("GET / HTTP/1.1", []), answer, b"<p>", None, first))
    # The page is in the archive, and a sitemap is read before its answer is.
    for url in (first, second):
        frontier.announce(url, FEED.url, None, None, "sitemap")
    record.source_answered(SourceLog("https://baothu.vn/sitemap.xml", "sitemap", "ok"), frontier.announced_again())
    writer.submit(lambda: None).result()
    del record  # as when the process is killed
    salvage(tmp_path / "archive")
    (log,) = _logs(tmp_path)
    by = ("feed", "sitemap")
    assert {page.url: (page.outcome, page.announced_by) for page in log.pages} == {
        first: ("fetched", by),
        second: ("deferred", by),
    }


def test_disk_that_fails_is_known_and_raised_when_the_record_is_closed(
    tmp_path: Path, writer: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, frontier = _record(tmp_path, writer, roll_bytes=1 << 30)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("archive.write.ArchiveFile.add", full)
    for url in _announce(record, frontier, 1):
        _fetch(record, frontier, url, writer)
    writer.submit(lambda: None).result()
    record.source_answered(FEED)
    assert isinstance(record.failure, OSError)
    with pytest.raises(NotWritten, match="No space left"):
        record.close("archive_failed", "archive_failed", lambda _: ())
    assert not list(tmp_path.rglob("*.warc.gz")), "a file that is not whole has no name"
