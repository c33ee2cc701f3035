"""Every genuine feed, sitemap, home and section page is read as it was read by other means (genuine/README.md)."""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive.read import Record, read_warc
from config.outlets import Outlet
from config.yaml_file import read_model
from crawler.dates import parse_feed_date
from crawler.feeds import parse_feed
from crawler.sections import parse_section
from crawler.sitemaps import parse_sitemap

EXPECTED = Path(__file__).parent / "genuine"
OUTLETS = Path(__file__).parents[2] / "config" / "outlets"
PRESS = Path(__file__).parents[2].parent / "shared" / "press"
NEEDS_PRESS = pytest.mark.skipif(not PRESS.is_dir(), reason="needs ../shared/press")

FEEDS = (
    *(f"feed-{feed}.xml.gz" for feed in ("dantri.com.vn-2026-075", "vietstock.vn-2026-077", "vneconomy.vn-2026-078")),
    *("feed-vnexpress.net-2019-080.xml.gz", "feed-vnexpress.net-2019-081.xml.gz"),
    *("vnexpress-2017-07-26.rss", "vnexpress-2017-08-30.rss", "vnexpress-2017-11-14.rss"),
)
PAGES = sorted(path.stem for path in EXPECTED.glob("*.jsonl") if path.stem.startswith(("home-", "section-")))

# Forms of addresses older than the plan, which the registry need not know, and of Thanh Niên's former host.
OLD_FORMS = {
    "home-dantri.com.vn-2013-074": r"^https://dantri\.com\.vn/(?!event/)[a-z0-9-]+/[a-z0-9-]+-\d{6}\.htm$",
    "home-thanhnien.com.vn-2012-067": r"^https://(?:www\.)?thanhnien\.com\.vn/[Pp]ages/\d{8}/[^/]+\.aspx$",
    "home-tuoitre.vn-2015-069": r"^https://tuoitre\.vn/tin/(?:[a-z0-9-]+/)+\d{8}/[^/]+/\d{6}\.html$",
    "home-vnexpress.net-2012-068": r"^https://vnexpress\.net/gl/(?:[a-z0-9-]+/)+20\d\d/\d\d/[^/]+/?$"
    r"|^https://(?:[a-z]+\.)?vnexpress\.net/.+-\d{7}\.html$",
}  # fmt: skip


def stem(name: str) -> str:
    return name.removesuffix(".gz").rpartition(".")[0]


def digest(text: str | None) -> str | None:
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else None


def expected(name: str) -> list[list[Any]]:
    return [json.loads(line) for line in (EXPECTED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def genuine(name: str) -> bytes:
    stored = (PRESS / "genuine" / name).read_bytes()
    return gzip.decompress(stored) if name.endswith(".gz") else stored


def feed_rows(body: bytes, url: str) -> list[list[Any]]:
    result = parse_feed(body, url)
    assert result.problem is None
    return [
        [item.url, digest(item.title), item.published.isoformat() if item.published else None] for item in result.items
    ]


@functools.cache
def registry() -> tuple[Outlet, ...]:
    return tuple(read_model(path, Outlet) for path in OUTLETS.glob("*.yaml"))


def article_test(page: str) -> Callable[[str], bool]:
    if page in OLD_FORMS:
        return lambda url: re.search(OLD_FORMS[page], url) is not None
    host = page.split("-")[1]
    [outlet] = [outlet for outlet in registry() if host in outlet.hosts]
    return outlet.is_article


@pytest.fixture(scope="module")
def archived() -> dict[str, bytes]:
    """The feeds and sitemaps of the archive."""
    records = read_warc(PRESS / "press-2020-2021.warc.gz")
    return {
        record.capture.url: record.capture.body()
        for record in records
        if isinstance(record, Record) and record.capture and record.capture.url.endswith((".rss", ".xml"))
    }


@pytest.mark.press
@NEEDS_PRESS
def test_no_genuine_source_lacks_its_expectation() -> None:
    stems = {stem(path.name) for path in (PRESS / "genuine").iterdir()}
    assert stems == {stem(name) for name in FEEDS} | set(PAGES)
    assert len(PAGES) == 19


@pytest.mark.press
@NEEDS_PRESS
@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_gives_every_link_title_and_time_in_its_order(name: str) -> None:
    assert feed_rows(genuine(name), "https://bao.vn/rss") == expected(stem(name))


@pytest.mark.press
@NEEDS_PRESS
def test_the_feeds_and_sitemaps_of_the_archive_give_every_entry(archived: dict[str, bytes]) -> None:
    feeds = {url for url in archived if url.endswith(".rss")}
    assert len(feeds) == 2
    for url in feeds:
        assert feed_rows(archived[url], url) == expected(f"press-2020-2021-{url.split('/')[2]}")
    results = {url: parse_sitemap(body, url) for url, body in archived.items() if url not in feeds}
    assert len(results) == 30
    assert {url: result.problem for url, result in results.items() if result.problem} == {}
    assert [
        [url, entry.url, entry.lastmod.isoformat() if entry.lastmod else None]
        for url, result in results.items()
        for entry in result.entries
    ] == expected("press-2020-2021-sitemaps")
    assert Counter(result.kind for result in results.values()) == {"index": 2, "urlset": 28}


@pytest.mark.press
@NEEDS_PRESS
@pytest.mark.parametrize("page", PAGES)
def test_a_page_gives_every_article_it_links_with_its_title_in_its_order(page: str) -> None:
    url = f"https://{page.split('-')[1]}/"
    result = parse_section(genuine(f"{page}.html.gz"), url, article_test(page))
    assert result.problem is None
    assert [[item.url, digest(item.title)] for item in result.items] == expected(page)


@pytest.mark.press
@NEEDS_PRESS
def test_each_of_7136_feed_times_is_the_expected_moment() -> None:
    with gzip.open(PRESS / "feed-items-2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        items = [json.loads(line) for line in lines]
    rows = [
        line.split()
        for line in gzip.decompress((EXPECTED / "feed-items-2026.txt.gz").read_bytes()).decode().splitlines()
    ]
    assert len(items) == len(rows) == 7136
    wrong, without_time = [], []
    for item, (link, time) in zip(items, rows, strict=True):
        assert (digest(item["link"]) or "")[:8] == link
        read = parse_feed_date(item["published"])
        if read is None:
            without_time.append(item["published"])
        elif read.isoformat() != time:
            wrong.append((item["published"], read.isoformat(), time))
    assert wrong == []
    assert without_time == []  # none, so no reasons to list
