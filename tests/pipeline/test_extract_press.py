"""Extraction against labelled pages of the press, with floors below what was measured on 2026-11-24.

The measures are those of ../shared/score/score.py, which is loaded from its file.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from config.outlets import Domain, Outlet
from config.yaml_file import read_model
from pipeline.extract.article import Article, NotAnArticle
from pipeline.extract.page import extract

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
PRESS = SHARED / "press"

pytestmark = [
    pytest.mark.press,
    pytest.mark.skipif(not PRESS.exists(), reason="../shared/press is not here"),
]


@cache
def _outlet(host: str) -> Outlet:
    for path in (ROOT / "config" / "outlets").glob("*.yaml"):
        outlet = read_model(path, Outlet)
        if host in outlet.hosts:
            return outlet
    return Outlet(
        id="unknown",
        name=host,
        governing_body="unknown",
        kind="press",
        tier="central",
        domains=[Domain(host=host)],
        article_urls=["."],
    )


@cache
def _articles(name: str, layouts: bool, every: int = 1) -> dict[str, Article | None]:
    """By URL; None where extraction refused a page that the gold has. Takes every `every`-th page."""
    gold = {row["url"] for row in _gold(name)}
    found: dict[str, Article | None] = {}
    seen = 0
    with (PRESS / f"{name}.warc.gz").open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
            url = record.headers["WARC-Target-URI"]
            body = record.reader.read()
            if url not in gold:
                continue
            seen += 1
            if seen % every:
                continue
            if record.http_headers.get("Content-Encoding", "") == "gzip":
                body = gzip.decompress(body)
            outlet = _outlet(urlsplit(url).hostname or "")
            kind = record.http_headers.get("Content-Type")
            try:
                found[url] = extract(body, url, kind, outlet, record.record_date, layouts)
            except NotAnArticle:
                found[url] = None
    return found


@cache
def _gold(name: str) -> list[dict[str, Any]]:
    path = PRESS / f"{name}.gold.jsonl"
    if path.exists():
        lines = path.read_text(encoding="utf-8").splitlines()
    else:
        lines = gzip.decompress(path.with_suffix(".jsonl.gz").read_bytes()).decode().splitlines()
    return [json.loads(line) for line in lines if line.strip()]


@cache
def _score() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", SHARED / "score" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _measured(name: str, layouts: bool, every: int = 1) -> dict[str, Any]:
    articles = _articles(name, layouts, every)
    gold = [row for row in _gold(name) if row["url"] in articles]
    predictions = [
        {
            "url": url,
            "title": article.title,
            "sapo": article.sapo,
            "body": article.body,
            "author": ", ".join(article.authors),
            "published": article.published and article.published.isoformat(),
        }
        for url, article in articles.items()
        if article is not None
    ]
    figures: dict[str, Any] = _score().extraction(predictions, gold)
    return figures


@pytest.mark.parametrize(
    ("name", "layouts", "every", "floors"),
    [
        ("press-2020-2021", True, 2, {"f1": 0.998, "title": 1, "sapo": 1, "author": 1, "published": 1}),
        ("press-2020-2021", False, 6, {"f1": 0.99, "title": 1, "sapo": 1, "author": 1, "published": 1}),
        ("genuine-articles", True, 1, {"f1": 0.99, "title": 1, "sapo": 1, "author": 0.9, "published": 1}),
        ("genuine-articles", False, 1, {"f1": 0.99, "title": 1, "sapo": 1, "author": 0.9, "published": 1}),
        ("fragments-2019-2020", True, 1, {"f1": 0.98, "title": 1, "sapo": 1, "author": 0.9, "published": 1}),
    ],
)
def test_extraction_stays_above_its_floors(name: str, layouts: bool, every: int, floors: dict[str, float]) -> None:
    figures = _measured(name, layouts, every)
    below = {field: figures[field] for field, floor in floors.items() if figures[field] < floor}
    assert figures["pages"] > 0
    assert figures["missing"] == 0
    assert not below, figures


def test_the_layouts_read_the_pages_of_their_outlets() -> None:
    """A layout that stopped matching would hide behind the fallback."""
    articles = _articles("press-2020-2021", True, 2) | _articles("genuine-articles", True)
    read = {url: article.layout for url, article in articles.items() if article is not None}
    hosts = ("vnexpress.net", "cafef.vn")
    strays = [url for url, layout in read.items() if urlsplit(url).hostname in hosts and layout == "fallback"]
    assert not strays
    assert {"vnexpress-2020", "vnexpress-2019", "cafef-afcbc"} <= set(read.values())


def test_each_page_gives_what_it_gave_when_read_alone() -> None:
    """trafilatura can remember paragraphs from page to page; a reprint must keep all of its text."""
    first = _articles("genuine-articles", False)
    _articles.cache_clear()
    assert _articles("genuine-articles", False) == first
