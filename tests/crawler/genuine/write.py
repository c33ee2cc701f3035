"""Wrote the expectations beside it from ../shared/press; run again only when a genuine source is added, and then read.

It reads each source with other tools than the crawler (ElementTree, regular expressions, html.parser, strptime) and by
rules that hold for that one source: they were found by looking at it.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import gzip
import hashlib
import html
import json
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

HERE = Path(__file__).parent
PRESS = HERE.parents[2].parent / "shared" / "press"
VIETNAM = dt.timezone(dt.timedelta(hours=7))


def digest(title: str) -> str:
    visible = re.sub("[\u200b-\u200f\u2060\ufeff\u00ad]", "", unicodedata.normalize("NFC", title))
    return hashlib.sha256(" ".join(visible.split()).encode()).hexdigest()[:16]


def address(url: str) -> str:
    """The sources' links are clean but for http, spaces and, at some, a fragment or a campaign."""
    url = re.sub(r"^http://", "https://", url.strip()).partition("#")[0]
    return quote(re.sub(r"\?(?:utm|vn|itm)_.*", "", url), safe="/:?=&%~,+()'!*;@")


def write(name: str, rows: Iterable[list[Any]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (HERE / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{name}: {len(lines)}")


def bodies_in_archive() -> dict[str, bytes]:
    """The responses of the archive that are no pages: what lies between a record's second blank line and its end."""
    raw = gzip.decompress((PRESS / "press-2020-2021.warc.gz").read_bytes())
    found = {}
    for head in re.finditer(
        rb"WARC-Target-URI: (\S+(?:\.rss|\.xml))\r\n.*?\r\n\r\nHTTP/1\.1 200.*?\r\n\r\n", raw, re.DOTALL
    ):
        end = raw.find(b"\r\n\r\nWARC/", head.end())
        body = raw[head.end() : end]
        found[head[1].decode()] = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    return found


def feed_rows(body: bytes) -> Iterable[list[Any]]:
    """Link, title and time of each <item>. VnExpress 2017 has an empty one, Vietstock three that are served twice."""
    seen = set()
    for item in ET.fromstring(body).iter("item"):  # noqa: S314  our own stored files
        link = (item.findtext("link") or "").strip()
        if not link or ET.tostring(item) in seen:
            continue
        seen.add(ET.tostring(item))
        time = email.utils.parsedate_to_datetime((item.findtext("pubDate") or "").strip()).astimezone(VIETNAM)
        yield [address(link), digest(html.unescape(item.findtext("title") or "")), time.isoformat()]


class Anchors(HTMLParser):
    """Every <a>: its address, title attribute, text, text inside a heading, and whether it stands in a heading."""

    VOID = ("img", "br", "input", "meta", "link", "hr", "source", "base")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[dict[str, Any]] = []
        self.open: list[str] = []
        self.link: dict[str, Any] | None = None
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img" and self.link is not None:
            self.link["alt"] += dict(attrs).get("alt") or ""
        if tag in self.VOID:
            return
        if tag == "a":
            given = {key: value or "" for key, value in reversed(attrs)}
            near = self.open[-2:]
            self.link = {
                "href": given.get("href", ""),
                "title": given.get("title", ""),
                "text": "",
                "inner": "",
                "label": "",
                "alt": "",
                "in_heading": any(re.fullmatch("h[1-6]", name) for name in near),
            }
            self.found.append(self.link)
            self.depth = len(self.open)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        if len(self.open) <= self.depth:
            self.link = None

    def handle_data(self, data: str) -> None:
        if self.link is None:
            return
        inside = self.open[self.depth + 1 :]
        if "label" in inside:
            self.link["label"] += data
        else:
            self.link["text"] += data
        if any(re.fullmatch("h[1-6]", name) for name in inside):
            self.link["inner"] += data


def heading(link: dict[str, Any]) -> str:
    return str(link["inner"] or (link["text"] if link["in_heading"] else ""))


def text(link: dict[str, Any]) -> str:
    return re.sub(r"^\s*>>", "", link["text"])


def attribute(link: dict[str, Any]) -> str:
    """Tuổi Trẻ 2015 has markup in some."""
    return re.sub("<[^>]+>", "", link["title"])


def picture(link: dict[str, Any]) -> str:
    """Advertisements of Thanh Niên 2012 are articles behind a picture."""
    return str(link["alt"])


def counted(link: dict[str, Any]) -> str:
    """Tuổi Trẻ 2015 puts the number of comments behind the title."""
    return re.sub(r"\s\d+\s*$", "", link["text"])


def not_more(link: dict[str, Any]) -> str:
    return "" if link["text"].strip() == "Xem tiếp" else text(link)


Rule = Callable[[dict[str, Any]], str]

#: Page: where it keeps its titles, best first.
PAGES: dict[str, tuple[Rule, ...]] = {
    "home-dantri.com.vn-2013-074": (heading, not_more),
    "home-dantri.com.vn-2016-072": (attribute,),
    "home-dantri.com.vn-2019-071": (heading, not_more),
    "home-dantri.com.vn-2020-070": (heading,),
    "home-genk.vn-2012-065": (heading, text),
    "home-soha.vn-2012-066": (attribute,),
    "home-thanhnien.com.vn-2012-067": (text, picture),
    "home-tuoitre.vn-2015-069": (attribute, counted),
    "home-vnexpress.net-2012-068": (heading, text),
    "section-baochinhphu.vn-2026-052": (attribute,),
    "section-cafef.vn-2025-062": (attribute,),
    "section-cafef.vn-2026-054": (attribute,),
    "section-dantri.com.vn-2026-055": (heading, text),
    "section-nld.com.vn-2026-056": (attribute,),
    "section-tuoitre.vn-2026-057": (attribute,),
    "section-tuoitre.vn-2026-060": (attribute,),
    "section-vietnamnet.vn-2026-058": (attribute,),
    "section-vnexpress.net-2026-059": (attribute,),
    "section-vnexpress.net-2026-061": (attribute,),
}

#: What an article's address looks like on the page.
ARTICLES = {
    "home-dantri.com.vn-2013-074": r"dantri\.com\.vn/(?!event/)[a-z0-9-]+/[a-z0-9-]+-\d{6}\.htm$",
    "home-dantri.com.vn-": r"//dantri\.com\.vn/.+-20\d{12,15}\.htm$",
    "home-genk.vn": r"//genk\.vn/[a-z0-9-]+/[a-z0-9-]+-20\d{12,15}\.chn$",
    "home-soha.vn": r"//soha\.vn/[a-z0-9-]+/[a-z0-9-]+-20\d{12,15}\.htm$",
    "home-thanhnien.com.vn": r"//(?:www\.)?thanhnien\.com\.vn/(?i:pages)/\d{8}/[^/]+\.aspx$",
    "home-tuoitre.vn-2015": r"//tuoitre\.vn/tin/.+/\d{8}/[^/]+/\d{6}\.html$",
    "home-vnexpress.net-2012": r"//vnexpress\.net/gl/.+/20\d\d/\d\d/[^/]+/?$|vnexpress\.net/.+-\d{7}\.html$",
    "section-baochinhphu.vn": r"//baochinhphu\.vn/[a-z0-9-]+-102\d{12,15}\.htm$",
    "section-cafef.vn": r"//cafef\.vn/[a-z0-9-]+-(188|20)\d{12,15}\.chn$",
    "section-dantri.com.vn": r"//dantri\.com\.vn/.+-20\d{12,15}\.htm$",
    "section-nld.com.vn": r"//nld\.com\.vn/[a-z0-9-]+-196\d{12,15}\.htm$",
    "section-tuoitre.vn": r"//tuoitre\.vn/(?!nld/).+-(100|20)\d{12,15}\.htm$",
    "section-vietnamnet.vn": r"//vietnamnet\.vn/[a-z0-9-]+-\d{6,7}\.html$",
    "section-vnexpress.net": r"//vnexpress\.net/.+-\d{7}\.html$",
}  # fmt: skip


def page_titles(name: str) -> dict[str, str]:
    anchors = Anchors()
    anchors.feed(gzip.decompress((PRESS / "genuine" / f"{name}.html.gz").read_bytes()).decode("utf-8", "replace"))
    anchors.close()
    host = name.split("-")[1]
    pattern = next(pattern for start, pattern in ARTICLES.items() if name.startswith(start))
    links: dict[str, list[dict[str, Any]]] = {}
    for link in anchors.found:
        where = address(urljoin(f"https://{host}/", link["href"].strip()))
        if re.search(pattern, where):
            links.setdefault(where, []).append(link)
    return {
        where: next((title for rule in PAGES[name] for link in found if (title := rule(link)).strip()), "")
        for where, found in links.items()
    }


#: How the 17 outlets of feed-items-2026 write times. Báo Điện tử Chính phủ and Tuổi Trẻ write the American order.
FORMATS = {
    r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} \+07:?00": "%a, %d %b %Y %H:%M:%S %z",
    r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} \+07": "%a, %d %b %Y %H:%M:%S +07",
    r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT": "%a, %d %b %Y %H:%M:%S GMT",
    r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d\d [\d:]{8} \+0700": "%a, %d %b %y %H:%M:%S %z",
    r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d[ \u202f][AP]M": "%m/%d/%Y %I:%M:%S %p",
}


def feed_item_time(written: str) -> str:
    [form] = [form for shape, form in FORMATS.items() if re.fullmatch(shape, written)]
    time = dt.datetime.strptime(written.replace("\u202f", " "), form)
    if time.tzinfo is None:
        time = time.replace(tzinfo=dt.UTC if form.endswith("GMT") else VIETNAM)
    return time.astimezone(VIETNAM).isoformat()


def write_feed_items() -> None:
    with gzip.open(PRESS / "feed-items-2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        items = [json.loads(line) for line in lines]
    rows = [f"{digest(item['link'])[:8]} {feed_item_time(item['published'])}\n" for item in items]
    (HERE / "feed-items-2026.txt.gz").write_bytes(gzip.compress("".join(rows).encode(), mtime=0))
    print(f"feed-items-2026: {len(rows)}")


def main() -> None:
    for path in sorted([*PRESS.glob("genuine/feed-*.gz"), *PRESS.glob("genuine/*.rss")]):
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        write(path.name.removesuffix(".gz").rpartition(".")[0], feed_rows(body))
    archived = bodies_in_archive()
    sitemap_rows = []
    for url, body in archived.items():
        if url.endswith(".rss"):
            write(f"press-2020-2021-{url.split('/')[2]}", feed_rows(body))
            continue
        for entry in re.findall(r"<(?:url|sitemap)>(.*?)</(?:url|sitemap)>", body.decode()):
            loc, time = re.search("<loc>(.*?)</loc>", entry), re.search("<lastmod>(.*?)</lastmod>", entry)
            sitemap_rows.append([url, loc[1] if loc else None, time[1] if time else None])
    write("press-2020-2021-sitemaps", sitemap_rows)
    for name in PAGES:
        write(
            name,
            ([where, digest(title) if title.strip() else None] for where, title in page_titles(name).items()),
        )
    write_feed_items()


if __name__ == "__main__":
    sys.exit(main())
