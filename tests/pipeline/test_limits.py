"""A page that a parser can't finish is put aside with its reason, and costs no other page."""

from __future__ import annotations

from pathlib import Path

from archive.crawl_log import CrawlHead, CrawlLog
from archive.write import ArchiveFile, Exchange
from config.load import load_config
from pipeline.run import process
from tests.conftest import at
from tests.pipeline.test_facts import PAGE
from warehouse.database import open_warehouse

NOW = at("2021-07-01T00:00:00Z")
#: Nested ever deeper; the stray end tags hide it from whoever counts tags. lexbor takes half a minute.
BOTTOMLESS = "<html><body>" + "<div></x>" * 100_000


def _workspace(folder: Path, *pages: str) -> Path:
    path = folder / "archive" / "2021" / "07" / "01" / "r1-vnexpress.warc.gz"
    file = ArchiveFile(path, CrawlHead("r1", "vnexpress", "live", NOW, NOW), "test")
    ok = ("HTTP/1.1 200 OK", [("Content-Type", "text/html")])
    for n, page in enumerate(pages):
        url = f"https://vnexpress.net/bai-{n}-428000{n}.html"
        file.add(Exchange(url, "page", NOW, ("GET / HTTP/1.1", []), ok, page.encode(), None))
    file.close(CrawlLog("r1", "vnexpress", "live", NOW, NOW, NOW, "finished", (), ()))
    return folder


def test_page_that_takes_too_long_is_put_aside_and_the_others_are_read(tmp_path: Path) -> None:
    workspace = _workspace(tmp_path, PAGE, BOTTOMLESS, PAGE, BOTTOMLESS, PAGE)
    report = process(workspace, load_config(), 2, lambda _, __: None)
    assert report.unreadable == ()
    with open_warehouse(workspace) as db:
        problems = db.execute("SELECT problem FROM captures ORDER BY url").fetchall()
    assert problems == [(None,), ("took_too_long",), (None,), ("took_too_long",), (None,)]
