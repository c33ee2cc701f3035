"""Hands every response of a crawl to its record as it came, with the verdict on it: a kill in between loses neither."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Headers, Request, Response

from archive.write import Exchange
from config.outlets import Outlet
from crawler.pages import JUDGED, REDIRECTS, judge_page
from crawler.record import CrawlRecord
from crawler.replay import CAPTURED


class Archiver:
    """A Scrapy extension. `response_downloaded` comes before any decoding, robots.txt and redirects included."""

    def __init__(self, record: CrawlRecord, outlet: Outlet) -> None:
        self._record = record
        self._outlet = outlet

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Archiver:
        record, outlet = crawler.settings["CRAWL_RECORD"], crawler.settings["OUTLET"]
        if not (isinstance(record, CrawlRecord) and isinstance(outlet, Outlet)):
            raise TypeError("CRAWL_RECORD or OUTLET is not set")
        archiver = cls(record, outlet)
        crawler.signals.connect(archiver.keep, signal=signals.response_downloaded)
        return archiver

    def keep(self, response: Response, request: Request) -> None:
        parts = urlsplit(request.url)
        kind = request.meta.get("kind", "robots")  # the robots middleware asks by itself
        failed = None
        if kind == "page" and response.status not in REDIRECTS:
            _, failed = request.meta[JUDGED] = judge_page(response, request.meta["page"], self._outlet)
        target = parts.path + (f"?{parts.query}" if parts.query else "") or "/"
        sent = [("Host", parts.netloc), *_pairs(request.headers)]
        status = f"{response.status} {_phrase(response.status)}"
        self._record.keep(
            Exchange(
                url=request.url,
                kind=kind,
                time=request.meta.get(CAPTURED) or dt.datetime.now(dt.UTC),
                request=(f"{request.method} {target} HTTP/1.1", sent),
                response=(f"{response.protocol or 'HTTP/1.1'} {status}", _pairs(response.headers)),
                payload=response.body,
                address=str(response.ip_address) if response.ip_address else None,
                asked_for=request.meta.get("page"),
                failed=failed,
            )
        )


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
