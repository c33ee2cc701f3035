"""The network of a replay: every request is answered from a WARC file."""

from __future__ import annotations

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from archive.replay import ReplayArchive

#: Where the request keeps the time of the capture that answered it.
CAPTURED = "captured"


class NotInArchive(Exception):
    """The replayed file holds no answer for this address."""


class ReplayHandler(BaseDownloadHandler):
    """Answers http and https alike; headers and payload are the archived ones, content encoding intact."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        archive = crawler.settings["REPLAY_ARCHIVE"]
        if not isinstance(archive, ReplayArchive):
            raise TypeError("REPLAY_ARCHIVE is not set")
        self._archive = archive

    async def download_request(self, request: Request) -> Response:
        capture = self._archive.get(request.url)
        if capture is None:
            raise NotInArchive(request.url)
        request.meta[CAPTURED] = capture.time
        headers = Headers([pair for pair in capture.headers if pair[0].lower() != "transfer-encoding"])
        body = capture.content()
        response_type = responsetypes.from_args(headers=headers, url=request.url, body=body)
        return response_type(url=request.url, status=capture.status, headers=headers, body=body, protocol="HTTP/1.1")
