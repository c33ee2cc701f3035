"""A sitemap is read up to its first fault, and the fault is told."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from crawler.dates import parse_feed_date
from crawler.sitemaps import MAX_UNPACKED_BYTES, SitemapEntry, parse_sitemap

PRESS = Path(__file__).parents[2].parent / "shared" / "press"
URL = "https://bao.vn/sitemap.xml"
TIME = "2021-07-01T08:30:00+07:00"
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def page(number: int, more: str = f"<lastmod>{TIME}</lastmod>") -> str:
    return f"<url><loc>https://bao.vn/bai-{number}.html</loc>{more}</url>"


def urlset(*pages: str, spaces: str = SPACES, declaration: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f"{declaration}<urlset {spaces}>{''.join(pages)}</urlset>".encode()


FIRST = SitemapEntry("https://bao.vn/bai-1.html", parse_feed_date(TIME), None)


@pytest.mark.parametrize(
    "body",
    [
        urlset(page(1)),
        urlset(page(1), spaces=""),
        urlset(page(1), declaration='<?xml version="1.0" encoding="utf-16"?>'),
        b"\xef\xbb\xbf\n" + urlset(page(1)),
        urlset("<!-- ghi ch\u00fa -->", page(1)),
        urlset(page(1).replace("https://", "\n http://").replace("</loc>", " \n</loc>")),
        urlset(page(1), page(1, "")),
        gzip.compress(urlset(page(1))),
        gzip.compress(urlset(page(1))[:40]) + gzip.compress(urlset(page(1))[40:]) + b"\0\0",
    ],
    ids=[
        "plain",
        "no-namespace",
        "wrong-encoding",
        "bom",
        "comment",
        "spaces",
        "twice",
        "gzip",
        "gzip-members",
    ],
)
def test_a_page_has_address_and_time(body: bytes) -> None:
    result = parse_sitemap(body, URL)
    assert (result.kind, result.entries, result.problem) == ("urlset", [FIRST], None)


def test_an_index_lists_sitemaps_as_they_are_written() -> None:
    shard = "https://m.bao.vn/s.xml?m=1&amp;utm_source=x"
    sitemaps = "".join(f"<sitemap><loc>{loc}</loc></sitemap>" for loc in (shard, "/t.xml"))
    body = f"<sitemapindex>{sitemaps}</sitemapindex>"
    result = parse_sitemap(body.encode(), URL)
    assert result.kind == "index"
    assert [entry.url for entry in result.entries] == [
        "https://m.bao.vn/s.xml?m=1&utm_source=x",
        "https://bao.vn/t.xml",
    ]


@pytest.mark.parametrize(
    ("more", "time", "title"),
    [
        (f"<news:news><news:title>Một &amp; hai</news:title>"
         f"<news:publication_date>{TIME}</news:publication_date>"
         "</news:news>", TIME, "Một & hai"),
        (f"<lastmod>{TIME}</lastmod>"
         "<news:news><news:publication_date>2021-06-30</news:publication_date></news:news>",
         TIME, None),
        ("<image:image><image:loc>https://anh.vn/a.jpg</image:loc>"
         "<image:title>&lt;![CDATA[Ảnh  một]]&gt;</image:title></image:image>", None, "Ảnh một"),
        ("<image:image><image:title>Ảnh</image:title></image:image>"
         "<news:news><news:title>Tin</news:title></news:news>",
         None, "Tin"),
        ("<lastmod>2021-07-01</lastmod>", "2021-07-01", None),
        ("<lastmod>8/9/2021</lastmod>", None, None),
    ],
)  # fmt: skip
def test_news_and_image_extensions(more: str, time: str | None, title: str | None) -> None:
    [entry] = parse_sitemap(urlset(page(1, more)), URL).entries
    assert entry == SitemapEntry("https://bao.vn/bai-1.html", parse_feed_date(time) if time else None, title)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (urlset(page(1), "<url><loc>https://bao.vn/?a=1&b=2</loc></url>"), "malformed"),
        (urlset(page(1), page(2))[:-25], "malformed"),
        (urlset(page(1), "<url><loc>&chua-khai;</loc></url>", page(3)), "malformed"),
        (urlset(page(1)) + b"<them/>", "malformed"),
        (gzip.compress(urlset(page(1), *map(page, range(2, 3000))))[:-4000], "bad_gzip"),
        (gzip.compress(urlset(page(1)))[:-4], "bad_gzip"),
        (urlset(page(1), "<url><lastmod>2021-07-01</lastmod></url>"), "entries_without_address"),
        (urlset(page(1), "<url><loc>mailto:a@bao.vn</loc></url>"), "entries_without_address"),
    ],
)
def test_a_fault_keeps_the_entries_before_it(body: bytes, problem: str) -> None:
    result = parse_sitemap(body, URL)
    assert (result.kind, result.problem) == ("urlset", problem)
    assert result.entries[0] == FIRST


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "empty_body"),
        (b"\xef\xbb\xbf \n", "empty_body"),
        (gzip.compress(b""), "empty_body"),
        (b"<!DOCTYPE html><html></html>", "html"),
        (b"<rss><channel/></rss>", "not_a_sitemap"),
        (b"https://bao.vn/bai-1.html\n", "malformed"),
        (b"\x1f\x8bkhong phai gzip", "bad_gzip"),
        (urlset(), "no_entries"),
        (gzip.compress(b" " * (MAX_UNPACKED_BYTES + 1)), "too_large"),
    ],
)
def test_a_body_without_entries_names_its_problem(body: bytes, problem: str) -> None:
    result = parse_sitemap(body, URL)
    assert (result.entries, result.problem) == ([], problem)


def test_no_more_than_the_allowed_entries_are_taken() -> None:
    body = urlset(*map(page, range(4)))
    assert parse_sitemap(body, URL, max_entries=4).problem is None
    cut = parse_sitemap(body, URL, max_entries=3)
    assert (len(cut.entries), cut.problem) == (3, "too_many_entries")


def test_entities_are_neither_opened_nor_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("bi-mat")
    doctype = f'<!DOCTYPE urlset [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y "bai-9.html">]>'
    for name in "xy":
        body = urlset(page(1), f"<url><loc>https://bao.vn/&{name};</loc></url>", declaration=doctype)
        result = parse_sitemap(body, URL)
        assert (result.entries, result.problem) == ([FIRST], "entries_without_address")


@given(st.binary(max_size=120) | st.text(alphabet="<>/&;urlocset !?-\u1ed5", max_size=80).map(str.encode))
def test_no_body_raises(body: bytes) -> None:
    for wrapped in (
        body,
        urlset(page(1)) + body,
        urlset().replace(b"</urlset>", body),
        zlib.compress(body, wbits=31),
    ):
        result = parse_sitemap(wrapped, URL)
        assert result.entries or result.problem


@pytest.mark.press
@pytest.mark.skipif(not PRESS.is_dir(), reason="the shared press is not here")
def test_the_sitemaps_of_the_press_archive_list_every_page_with_its_time() -> None:
    kinds = {"index": 0, "urlset": 0}
    with (PRESS / "press-2020-2021.warc.gz").open("rb") as file:
        for record in ArchiveIterator(file):
            url = record.rec_headers.get_header("WARC-Target-URI")
            if not url.endswith(".xml"):
                continue
            body = record.content_stream().read()
            result = parse_sitemap(body, url)
            assert (url, result.problem) == (url, None)
            assert len(result.entries) == body.count(b"<loc>")
            assert result.kind is not None
            assert result.kind == "index" or all(entry.lastmod for entry in result.entries)
            kinds[result.kind] += len(result.entries)
    assert kinds == {"index": 28, "urlset": 689}
