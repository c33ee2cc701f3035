"""Downloader middlewares: robots.txt for every request, and no host outside the outlet."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser

from crawler.replay import NotInArchive


class ForeignHost(IgnoreRequest):
    """The address, or one its redirects lead to, is on no host of the outlet."""


class RobotsUnavailable(Exception):
    """robots.txt answered with a server error."""


class OneRobotsAtATime(RobotsTxtMiddleware):
    """Scrapy 2.19 lets requests pass that wait while robots.txt is in flight (one Deferred awaited twice): measured,
    2 of 4 forbidden requests were sent. A lock per host makes every request wait for the answer."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

        self._unreachable: dict[str, Exception] = {}

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """An unreachable robots.txt forbids everything (RFC 9309, 2.3.1.4): the request fails as robots.txt did."""
        await super().process_request(request)
        error = self._unreachable.get(urlsplit(request.url).netloc)
        if error and not request.meta.get("dont_obey_robotstxt"):
            raise error

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            raise RobotsUnavailable(f"robots.txt answered {response.status}")
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if not isinstance(exc, NotInArchive | IgnoreRequest):
            self._unreachable[netloc] = exc
        super()._robots_error(exc, netloc)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        async with self._locks[urlsplit(request.url).netloc]:
            return await super().robot_parser(request)


class OwnHostsOnly:
    """Refuses any request, also after a redirect, to a host that is not registered for the outlet."""

    def __init__(self, hosts: frozenset[str]) -> None:
        self._hosts = hosts

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OwnHostsOnly:
        return cls(frozenset(crawler.settings.getlist("OUTLET_HOSTS")))

    def process_request(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        if host not in self._hosts:
            raise ForeignHost(host)
