"""Downloader middlewares: robots.txt for every request, no host outside the outlet, patience with a host in trouble."""

from __future__ import annotations

import asyncio
import codecs
import datetime as dt
import ipaddress
from collections import defaultdict
from email.utils import parsedate_to_datetime
from time import monotonic
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser

from config.outlets import Outlet
from crawler.pages import unpacked
from crawler.replay import NotInArchive

#: RFC 9309, 2.5: a crawler need not read more of a robots.txt than 500 KiB.
_ROBOTS_BYTES = 500 * 1024

#: A host that asks for a longer pause than this is left until the next run.
_LONGEST_PAUSE_SECONDS = 120
_DEFAULT_PORTS = {"http": 80, "https": 443}
_RETRIES = 2
_TRY_AGAIN_STATUSES = frozenset((429, 500, 502, 503, 504))
#: A timeout costs minutes: it is tried once more, the others twice. A name that does not resolve won't a second later.
_TRY_AGAIN_ERRORS = {
    DownloadTimeoutError: 1,
    DownloadConnectionRefusedError: _RETRIES,
    DownloadFailedError: _RETRIES,
    ResponseDataLossError: _RETRIES,
}
_NO_ANSWER = (*_TRY_AGAIN_ERRORS, CannotResolveHostError)
#: A host that gave so many requests in a row no answer, each tried again, is taken to be down.
_DOWN_AFTER = 5


class ForeignHost(IgnoreRequest):
    """The address, or one its redirects lead to, is on no host of the outlet."""


class PrivateHost(IgnoreRequest):
    """The address names a private, loopback or link-local IP address."""


class HostDown(IgnoreRequest):
    """The host has stopped answering in this crawl."""


class AskedToWait(IgnoreRequest):
    """The host asked, by Retry-After, for a longer pause than this crawl will wait."""


class RobotsUnavailable(Exception):
    """robots.txt answered with a server error, or not at all in a form that can be read."""


class OneRobotsAtATime(RobotsTxtMiddleware):
    """Scrapy 2.19 lets requests pass that wait while robots.txt is in flight (one Deferred awaited twice): measured,
    2 of 4 forbidden requests were sent. A lock per host makes every request wait for the answer."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._unreachable: dict[str, Exception] = {}
        self._schemes: dict[str, str] = {}

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """An unreachable robots.txt forbids everything (RFC 9309, 2.3.1.4): the request fails as robots.txt did."""
        await super().process_request(request)
        error = self._unreachable.get(urlsplit(request.url).netloc)
        if error and not request.meta.get("dont_obey_robotstxt"):
            raise error

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        missing = 400 <= response.status < 500 and response.status != 429
        if response.status != 200 and not missing:
            raise RobotsUnavailable(f"robots.txt answered {response.status}")
        # A host without a robots.txt allows everything (2.3.1.3), whatever its page for that says.
        rules = b"" if missing else _as_utf8(unpacked(response))[:_ROBOTS_BYTES]
        await super()._parse_robots(response.replace(body=rules), netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if not isinstance(exc, NotInArchive | ForeignHost):
            self._unreachable[netloc] = exc
        if not isinstance(exc, NotInArchive):
            url = f"{self._schemes[netloc]}://{netloc}/robots.txt"
            self.crawler.spider.robots_failed(url, exc)  # type: ignore[union-attr]
        super()._robots_error(exc, netloc)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        parts = urlsplit(request.url)
        self._schemes.setdefault(parts.netloc, parts.scheme)
        async with self._locks[parts.netloc]:
            return await super().robot_parser(request)


class OwnHostsOnly:
    """Refuses any request, also after a redirect, to a host that is not registered for the outlet, and to an IP
    address that is not public: behind a proxy nobody else would look."""

    def __init__(self, outlet: Outlet, allow_private: bool) -> None:
        self._outlet = outlet
        self._allow_private = allow_private

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OwnHostsOnly:
        outlet = crawler.settings["OUTLET"]
        if not isinstance(outlet, Outlet):
            raise TypeError("OUTLET is not set")
        return cls(outlet, crawler.settings.getbool("ALLOW_PRIVATE_HOSTS"))

    def process_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        host = (parts.hostname or "").rstrip(".")
        named = host if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{parts.port}"
        if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or not self._outlet.owns(named):
            raise ForeignHost(parts.netloc)
        if not self._allow_private and _is_private_literal(parts.hostname or ""):
            raise PrivateHost(parts.netloc)


class Patience:
    """Tries again what failed for the moment, later and later; obeys Retry-After for all requests to the host; leaves a
    host alone that is down or wants to be."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._base = max(1.0, crawler.settings.getfloat("DOWNLOAD_DELAY"))
        self._failures: defaultdict[str, int] = defaultdict(int)
        self._left_alone: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Patience:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        if host in self._left_alone:
            raise AskedToWait(host)
        if self._failures[host] >= _DOWN_AFTER:
            raise HostDown(host)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        host = urlsplit(request.url).netloc
        self._failures[host] = 0
        if response.status not in _TRY_AGAIN_STATUSES:
            return response
        asked = _retry_after(response)
        if asked is not None and asked > _LONGEST_PAUSE_SECONDS:
            self._left_alone.add(host)
            raise AskedToWait(host)
        tries = request.meta.get("tries", 0)
        self._hold(request, self._base * 2**tries if asked is None else asked)
        return response if tries >= _RETRIES else _again(request)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        allowed = next((times for kind, times in _TRY_AGAIN_ERRORS.items() if isinstance(exception, kind)), 0)
        tries = request.meta.get("tries", 0)
        if tries < allowed:
            self._hold(request, self._base * 2**tries)
            return _again(request)
        if isinstance(exception, _NO_ANSWER):
            self._failures[urlsplit(request.url).netloc] += 1
        return None

    def _hold(self, request: Request, pause: float) -> None:
        """Nothing is sent to the request's host before the pause is over."""
        engine = self._crawler.engine
        slot = engine.downloader.slots.get(engine.downloader.get_slot_key(request)) if engine else None
        if slot:
            # The downloader sends nothing until `delay` after `lastseen`; without a delay it does not look.
            slot.delay = max(slot.delay, 0.001)
            slot.lastseen = monotonic() + pause - slot.delay


def _again(request: Request) -> Request:
    again = request.copy()
    again.meta["tries"] = request.meta.get("tries", 0) + 1
    again.dont_filter = True
    again.priority = request.priority - 1
    return again


class Throttle(AutoThrottle):
    """Scrapy's AutoThrottle, kept honest where this process is the slow one, and where the host asked for more.

    A latency counts only when the next is like it: a pause of our own must not slow down every host. The delay runs
    from the latest moment at which the request can have been sent: Scrapy counts from when it was queued, and a request
    that left late would have the next one at its heels. And Scrapy's own forgets a Crawl-delay at the next response.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._latencies: dict[str, float] = {}
        self._quickest: dict[str, float] = {}

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        host = urlsplit(response.url).hostname or ""
        before, self._latencies[host] = self._latencies.get(host, latency), latency
        self._quickest[host] = quickest = min(latency, self._quickest.get(host, latency))
        slot.lastseen = max(slot.lastseen, monotonic() - quickest)
        super()._adjust_delay(slot, min(latency, before), response)
        if self.crawler.engine:
            wanted = self.crawler.engine.downloader.per_slot_settings.get(host, {})
            slot.delay = max(slot.delay, wanted.get("delay", 0))


def _as_utf8(rules: bytes) -> bytes:
    """RFC 9309 wants UTF-8; what says that it is UTF-16 is read so, rather than not at all."""
    if rules.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return rules.decode("utf-16", "replace").encode()
    return rules


def _retry_after(response: Response) -> float | None:
    """Seconds that the host asks to be left alone: a number, or a date (RFC 9110, 10.2.3). None: it asks nothing."""
    written = (response.headers.get("Retry-After") or b"").decode("ascii", "replace").strip()
    if written.isdigit():
        return float(written)
    try:
        until = parsedate_to_datetime(written)
    except (ValueError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    return max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds())


def _is_private_literal(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
