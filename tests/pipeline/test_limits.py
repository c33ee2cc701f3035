"""A page that a parser can't finish is put aside with its reason, and costs no other page."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.crawl_log import CrawlHead, CrawlLog
from archive.write import ArchiveFile, Exchange
from config.load import load_config
from pipeline import facts, limits
from pipeline.run import process
from tests.conftest import at
from tests.pipeline.test_facts import PAGE
from warehouse.database import open_warehouse

NOW = at("2021-07-01T00:00:00Z")
ENDLESS = b"<html><body>endless"


def _workspace(folder: Path, *pages: bytes) -> Path:
    path = folder / "archive" / "2021" / "07" / "01" / "r1-vnexpress.warc.gz"
    file = ArchiveFile(path, CrawlHead("r1", "vnexpress", "live", NOW, NOW), "test")
    ok = ("HTTP/1.1 200 OK", [("Content-Type", "text/html")])
    for n, page in enumerate(pages):
        url = f"https://vnexpress.net/bai-{n}-428000{n}.html"
        file.add(Exchange(url, "page", NOW, ("GET / HTTP/1.1", []), ok, page, None))
    file.close(CrawlLog("r1", "vnexpress", "live", NOW, NOW, NOW, "finished", (), ()))
    return folder


def test_page_that_takes_too_long_is_put_aside_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = facts.extract

    def slow(payload: bytes, *rest: object) -> object:
        while payload == ENDLESS:
            pass
        return real(payload, *rest)  # type: ignore[arg-type]

    # The readers are forked, and take these along.
    monkeypatch.setattr(facts, "extract", slow)
    monkeypatch.setattr(limits, "PAGE_SECONDS", 4)
    workspace = _workspace(tmp_path, PAGE.encode(), ENDLESS, PAGE.encode(), ENDLESS, PAGE.encode())
    report = process(workspace, load_config(), 2, lambda _, __: None)
    assert report.unreadable == ()
    with open_warehouse(workspace) as db:
        problems = db.execute("SELECT problem FROM captures ORDER BY url").fetchall()
    assert problems == [(None,), ("took_too_long",), (None,), ("took_too_long",), (None,)]
