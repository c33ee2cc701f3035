"""How the six sample outlets serve what we wrote: pages, feeds, sitemaps and robots.txt."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from written import OUTLETS, VIETNAM, Article, Lost, load_articles, load_lost

NOTICE = "Dữ liệu mẫu do nhóm diembao viết"
LAYOUTS = Path(__file__).parent / "layouts"
WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
FEED_LENGTH = 6
#: The article that its outlet takes down, and the first archive without it.
GONE = ("t04", "night-2")

HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"


@dataclass(frozen=True)
class Site:
    """Paths of an outlet's feed, sitemap index and monthly sitemaps (y and m are filled in)."""

    host: str
    name: str
    feed: str
    sitemap: str
    monthly: str


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; `encoded` asks for gzip content encoding."""

    url: str
    status: str
    media_type: str
    body: bytes
    encoded: bool = False


SITES = {
    "vnexpress": Site("vnexpress.net", "VnExpress", "/rss/tin-moi-nhat.rss", "/sitemap.xml",
                      "/articles-{y}-{m:02d}-sitemap.xml"),
    "tuoitre": Site("tuoitre.vn", "Tuổi Trẻ", "/home.rss", "/sitemaps/index.rss",
                    "/StaticSitemaps/sitemaps-{y}-{m}.xml"),
    "baochinhphu": Site("baochinhphu.vn", "Báo điện tử Chính phủ", "/home.rss", "/sitemap.xml",
                        "/sitemaps/sitemaps-{y}-{m}.xml"),
    "nhandan": Site("nhandan.vn", "Nhân Dân", "/rss/home.rss", "/sitemap.xml", "/sitemaps/news-{y}-{m}.xml"),
    "vietnamplus": Site("www.vietnamplus.vn", "VietnamPlus", "/rss/home.rss", "/sitemap.xml",
                        "/sitemaps/news-{y}-{m}.xml.gz"),
    "cafef": Site("cafef.vn", "CafeF", "/home.rss", "/sitemap.xml", "/sitemaps/sitemaps-{y}-{m}.xml"),
}  # fmt: skip


def answers(night: str, now: dt.datetime) -> Iterator[Answer]:
    """Everything that the outlets serve that night, outlet by outlet. `now` bounds what a feed can list."""
    articles = [a for a in load_articles() if _of_night(a.night, night)]
    lost = [x for x in load_lost() if _of_night("night-1", night)]
    for outlet in OUTLETS:
        own = [a for a in articles if a.outlet == outlet]
        if own:
            yield from _outlet(outlet, night, own, [x for x in lost if x.outlet == outlet], now)


def _of_night(first: str, night: str) -> bool:
    """The archive of 2025 stands alone; the others hold what came before them too."""
    alone = any(name.startswith("night-2025") for name in (first, night))
    return first == night if alone else first <= night


def _outlet(outlet: str, night: str, articles: list[Article], lost: list[Lost], now: dt.datetime) -> Iterator[Answer]:
    site = SITES[outlet]
    base = f"https://{site.host}"
    robots = _render("robots.txt", sitemap=base + site.sitemap).encode()
    yield Answer(f"{base}/robots.txt", "200 OK", "text/plain; charset=utf-8", robots)

    pages = [(a.published, a.url, _changed(a, night)) for a in articles]
    pages += [(x.published, x.url, x.published) for x in lost]
    months: dict[str, list[tuple[str, dt.datetime]]] = {}
    for published, url, changed in sorted(pages):
        address = base + site.monthly.format(y=published.year, m=published.month)
        months.setdefault(address, []).append((url, changed))
    newest = [(address, max(changed for _, changed in entries)) for address, entries in months.items()]
    yield _xml(base + site.sitemap, "sitemap-index.xml", entries=newest)
    for address, entries in months.items():
        yield _xml(address, "sitemap.xml", entries=entries)

    newest_first = sorted(articles, key=lambda a: a.published, reverse=True)
    latest = [a for a in newest_first if a.published <= now][:FEED_LENGTH]
    items = [(a, a.version(night).sapo, _feed_date(outlet, a.published)) for a in latest]
    yield _xml(base + site.feed, "feed.xml", site=site, base=base, items=items)

    for number, article in enumerate(articles):
        if article.key == GONE[0] and night >= GONE[1]:
            yield _not_found(article.url)
        else:
            page = _render(f"{outlet}.html", **_fields(article, night)).encode()
            yield Answer(article.url, "200 OK", HTML, page, encoded=number % 3 == 0)
    for page_lost in lost:
        if page_lost.outcome == "not_found":
            yield _not_found(page_lost.url)
        elif page_lost.outcome == "empty_body":
            yield Answer(page_lost.url, "200 OK", HTML, b"")


def _changed(article: Article, night: str) -> dt.datetime:
    """A revised article is listed with the time of its revision: the noon before the night that brings it."""
    if article.revised and night >= article.revised[0]:
        return dt.datetime(2021, 8, 2, 12, 0, tzinfo=VIETNAM)
    return article.published


def _fields(article: Article, night: str) -> dict[str, object]:
    version, at = article.version(night), article.published
    half = "AM" if at.hour < 12 else "PM"
    json_ld = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "description": version.sapo,
        "datePublished": at.isoformat(),
        "dateModified": _changed(article, night).isoformat(),
        "author": {"@type": "Person", "name": article.author},
        "publisher": {"@type": "Organization", "name": SITES[article.outlet].name},
        "mainEntityOfPage": article.url,
        "creditText": NOTICE,
    }
    return {
        "article": article,
        "version": version,
        "iso": at.isoformat(),
        "weekday": WEEKDAYS[at.weekday()],
        "day": f"{at:%d/%m/%Y}",
        "short_day": f"{at.day}/{at.month}/{at.year}",
        "time": f"{at:%H:%M}",
        "dashed": f"{at:%d-%m-%Y - %H:%M} {half}",  # CafeF prints the 24-hour time and a half of the day
        # Inside a script element "</" would end it.
        "json_ld": json.dumps(json_ld, ensure_ascii=False).replace("</", "<\\/"),
    }


def _feed_date(outlet: str, at: dt.datetime) -> str:
    """The time as the outlet's real feed writes it (formats counted in feeds of 2026)."""
    rfc = format_datetime(at)
    american = f"{at.month}/{at.day}/{at.year} {(at.hour - 1) % 12 + 1}:{at:%M:%S}"
    half = "AM" if at.hour < 12 else "PM"
    return {
        "vnexpress": rfc,
        "tuoitre": f"{american}\u202f{half}",
        "baochinhphu": f"{american} {half}",
        "nhandan": rfc.replace("+0700", "+07:00"),
        "vietnamplus": rfc.replace("+0700", "+07:00"),
        "cafef": rfc.replace("+0700", "+07"),
    }[outlet]


def _xml(url: str, template: str, **values: object) -> Answer:
    body = _render(template, **values).encode()
    if urlsplit(url).path.endswith(".gz"):
        return Answer(url, "200 OK", "application/gzip", gzip.compress(body, mtime=0))
    return Answer(url, "200 OK", XML, body)


def _not_found(url: str) -> Answer:
    return Answer(url, "404 Not Found", HTML, _render("not-found.html").encode())


def _render(template: str, **values: object) -> str:
    return _TEMPLATES.get_template(template).render(notice=NOTICE, **values)


_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(LAYOUTS),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
