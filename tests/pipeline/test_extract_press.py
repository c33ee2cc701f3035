"""Pages of the press are read by the layouts of their outlets, each as if it were the only one."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archive.read import Record, read_warc
from config.load import load_config
from pipeline.evaluate.files import read_rows
from pipeline.extract.article import FALLBACK, Article
from pipeline.extract.page import extract

pytestmark = pytest.mark.press


def _articles(press: Path, name: str, layouts: bool, every: int = 1) -> dict[str, Article]:
    packed = press / f"{name}.gold.jsonl.gz"
    rows = read_rows(packed if packed.exists() else press / f"{name}.gold.jsonl", ("url",))
    gold = {row["url"] for row in rows}
    outlets = {host: outlet for outlet in load_config().outlets for host in outlet.every_host}
    found = [item.capture for item in read_warc(press / f"{name}.warc.gz") if isinstance(item, Record) and item.capture]
    pages = [page for page in found if page.url in gold][::every]
    return {
        page.url: extract(
            page.body(),
            page.url,
            page.header("Content-Type"),
            outlets[urlsplit(page.url).hostname or ""],
            page.time,
            layouts,
        )
        for page in pages
    }


def test_the_layouts_read_the_pages_of_their_outlets(press: Path) -> None:
    """A layout that stopped matching would hide behind the fallback."""
    archive = _articles(press, "press-2020-2021", True, every=2)
    read = {url: article.layout for url, article in (archive | _articles(press, "genuine-articles", True)).items()}
    assert [url for url, layout in read.items() if layout == FALLBACK] == []
    assert {"vnexpress-2020", "vnexpress-2019", "cafef-afcbc"} <= set(read.values())


def test_each_page_gives_what_it_gave_when_read_alone(press: Path) -> None:
    """Nothing is remembered from page to page; a reprint must keep all of its text."""
    assert _articles(press, "genuine-articles", False) == _articles(press, "genuine-articles", False)
