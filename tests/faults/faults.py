"""What the misbehaving press plays, as data: each fault, what it is, and what a crawl should make of it.

A play is a coroutine that answers one request; server.py finds it by the path that was asked.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import gzip
import zlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING, Literal

import brotli

if TYPE_CHECKING:
    from tests.faults.server import Ask

#: Healthy articles that a faulty outlet announces beside its fault: /bai-1.html to /bai-3.html.
HEALTHY_PAGES = 3

FEED = "/home.rss"
FEED_TWO = "/tin.rss"
SITEMAP = "/sitemap.xml"
ROBOTS = "/robots.txt"
#: The page that a fault of the page plays on; home.rss announces it second.
BAD = "/bai-9.html"
#: Named only where nothing may follow the name: in entities, behind Disallow, in scripts.
CANARY = "/canary"

_MB = 1024 * 1024
_RSS = "application/rss+xml; charset=utf-8"
_XML = "application/xml"

Play = Callable[["Ask"], Awaitable[None]]
Where = Literal["host", "robots", "feed", "sitemap", "page"]


@dataclass(frozen=True, slots=True)
class Expect:
    """What a crawl should record of the outlet.

    `healthy`: articles that must be collected (where more than one way of coping is right, by the strictest).
    `reasons`: words of which one must be among the reasons of the outlet's pages and sources; None where the fault
    must do no harm at all, and `healthy` is then all that was announced. `or_unharmed`: a crawler that copes with
    the fault, and records nothing, is right too. `gap_seconds`: the least time between two requests.
    """

    healthy: int
    reasons: frozenset[str] | None
    or_unharmed: bool = False
    gap_seconds: float = 0

    def met_by(self, collected: int, reasons: Collection[str]) -> bool:
        """Whether a crawl that collected so many articles, and recorded these reasons, did what is right."""
        named = self.reasons is not None and not self.reasons.isdisjoint(reasons)
        unharmed = not reasons and (self.reasons is None or self.or_unharmed)
        return collected >= self.healthy and (named or unharmed)


@dataclass(frozen=True, slots=True)
class Fault:
    """One faulty outlet. `plays` by path, or by the beginning of a path with `*`; anything else is answered as a
    healthy outlet does. `announces` are the links that its home.rss has beside the healthy three; pages up to
    /bai-`pages`.html exist. `never` are beginnings of targets that may not be asked in any case."""

    id: str
    where: Where
    description: str
    expect: Expect
    plays: Mapping[str, Play] = field(default_factory=dict)
    announces: tuple[str, ...] = ()
    pages: int = HEALTHY_PAGES
    never: tuple[str, ...] = (CANARY,)
    article_path: str = ""
    listens: bool = True
    tls: bool = False

    def play_for(self, path: str) -> Play | None:
        exact = self.plays.get(path)
        begun = (play for key, play in self.plays.items() if key.endswith("*") and path.startswith(key[:-1]))
        return exact or next(begun, None)


def harmless(healthy: int, gap_seconds: float = 0) -> Expect:
    return Expect(healthy, None, gap_seconds=gap_seconds)


def recorded(*reasons: str, healthy: int = HEALTHY_PAGES) -> Expect:
    return Expect(healthy, frozenset(reasons))


def recorded_or_unharmed(*reasons: str, healthy: int = HEALTHY_PAGES) -> Expect:
    return Expect(healthy, frozenset(reasons), or_unharmed=True)


def on_page(id_: str, description: str, expect: Expect, play: Play) -> Fault:
    """A fault of one page between healthy ones."""
    return Fault(id_, "page", description, expect, {BAD: play}, (BAD,))


def on_second_feed(id_: str, description: str, expect: Expect, play: Play, pages: int = HEALTHY_PAGES) -> Fault:
    """A fault of one feed; the other announces the healthy pages."""
    return Fault(id_, "feed", description, expect, {FEED_TWO: play}, pages=pages)


def on_sitemap(id_: str, description: str, expect: Expect, play: Play, pages: int = HEALTHY_PAGES) -> Fault:
    return Fault(id_, "sitemap", description, expect, {SITEMAP: play, "/sitemap-*": play}, pages=pages)


# Answers that several faults share.


def status(code: int, body: bytes = b"", **headers: str) -> Play:
    async def play(ask: Ask) -> None:
        await ask.reply(body, code, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return play


def to(location: str, code: int = 302) -> Play:
    return status(code, Location=location)


def first(play_once: Play) -> Play:
    """The fault at the first request for a path, the article at the next."""

    async def play(ask: Ask) -> None:
        await (play_once(ask) if ask.times == 1 else ask.reply(ask.outlet.article(9)))

    return play


def encoded(encoding: str, encode: Callable[[bytes], bytes]) -> Play:
    """The article under a Content-Encoding."""

    async def play(ask: Ask) -> None:
        await ask.reply(encode(ask.outlet.article(9)), headers={"Content-Encoding": encoding})

    return play


def rss(*links: str) -> Play:
    async def play(ask: Ask) -> None:
        await ask.reply(ask.outlet.rss(*(ask.outlet.item(link) for link in links)), content_type=_RSS)

    return play


def robots(text: str) -> Play:
    return status(200, text.encode(), Content_Type="text/plain")


# The wire.


async def silence(ask: Ask) -> None:
    await ask.hang()


async def headers_never_end(ask: Ask) -> None:
    await ask.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    for number in range(10_000):
        await ask.send(f"X-Line-{number}: and on it goes\r\n".encode())
        await asyncio.sleep(0.2)


async def stalls(ask: Ask) -> None:
    page = ask.outlet.article(9)
    await ask.begin({"Content-Length": str(len(page))})
    await ask.send(page[: len(page) // 2])
    await ask.hang()


async def drips(ask: Ask) -> None:
    page = ask.outlet.article(9)
    await ask.begin({"Content-Length": str(len(page))})
    for byte in page:
        await ask.send(bytes([byte]))
        await asyncio.sleep(0.3)


async def reset_at_once(ask: Ask) -> None:
    await ask.reset()


async def reset_half_way(ask: Ask) -> None:
    page = ask.outlet.article(9)
    await ask.begin({"Content-Length": str(len(page))})
    await ask.send(page[: len(page) // 2])
    await ask.reset()


async def ends_early(ask: Ask) -> None:
    page = ask.outlet.article(9)
    await ask.begin({"Content-Length": str(len(page))})
    await ask.send(page[: len(page) // 2])


async def says_too_little(ask: Ask) -> None:
    page = ask.outlet.article(9)
    await ask.reply(page, headers={"Content-Length": str(len(page) // 2)})


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def chunks_cut(ask: Ask) -> None:
    page = ask.outlet.article(9)
    await ask.begin({"Transfer-Encoding": "chunked"})
    await ask.send(_chunk(page[:4000]) + b"%x\r\n" % len(page[4000:]) + page[4000:6000])


async def bad_chunk(ask: Ask) -> None:
    page = ask.outlet.article(9)
    await ask.begin({"Transfer-Encoding": "chunked"})
    await ask.send(_chunk(page[:4000]) + b"zz hello\r\n" + page[4000:])


async def header_flood(ask: Ask) -> None:
    await ask.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    for start in range(0, 20_000, 500):
        lines = (b"X-Flood-%d: %b\r\n" % (number, b"f" * 36) for number in range(start, start + 500))
        await ask.send(b"".join(lines))
    await ask.send(b"Content-Length: 2\r\n\r\nok")


async def garbage_status(ask: Ask) -> None:
    await ask.send(b"\x16\x03\x01 xin chao, day khong phai HTTP\r\n\r\n" + ask.outlet.article(9))


async def http_09(ask: Ask) -> None:
    await ask.send(ask.outlet.article(9))


# Servers that are busy.


async def try_again_after_date(ask: Ask) -> None:
    then = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2), usegmt=True)
    await ask.reply(b"busy", 503, headers={"Retry-After": then})


def dies_after(requests: int) -> Play:
    async def play(ask: Ask) -> None:
        if len(ask.outlet.asked) >= requests:
            ask.outlet.stop_listening()
            ask.ends = True
        if len(ask.outlet.asked) > requests:
            await ask.reset()
        else:
            await ask.ordinary()

    return play


# Redirects.


async def chain(ask: Ask) -> None:
    step = int(ask.query.get("buoc", 0))
    if step < 30:
        await ask.reply(b"", 302, headers={"Location": f"{BAD}?buoc={step + 1}"})
    else:
        await ask.reply(ask.outlet.article(9))


async def to_neighbour(ask: Ask) -> None:
    await ask.reply(b"", 302, headers={"Location": ask.outlet.neighbour})


async def to_stranger(ask: Ask) -> None:
    await ask.reply(b"", 301, headers={"Location": ask.outlet.stranger + ask.path})


async def wants_cookie(ask: Ask) -> None:
    if "da-xem=1" in ask.headers.get("cookie", ""):
        await ask.reply(ask.outlet.article(9))
    else:
        await ask.reply(b"", 302, headers={"Location": BAD, "Set-Cookie": "da-xem=1; Path=/"})


# Bodies.


@functools.cache
def _zeros_packed() -> tuple[bytes, bytes]:
    """The head of a gzip stream, and a piece of it that is 1 MB of zeros and can be repeated: a full flush leaves
    no state behind, so a bomb is made without packing all of it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return b"\x1f\x8b\x08\0\0\0\0\0\x02\xff", packer.compress(bytes(_MB)) + packer.flush(zlib.Z_FULL_FLUSH)


@functools.cache
def _crc_of_zeros(megabytes: int) -> int:
    crc, zeros = 0, bytes(_MB)
    for _ in range(megabytes):
        crc = zlib.crc32(zeros, crc)
    return crc


def bomb(content_type: str, megabytes: int = 1024) -> Play:
    """A valid gzip answer of about 1 MB that unpacks to `megabytes` of zeros."""

    async def play(ask: Ask) -> None:
        start, piece = _zeros_packed()
        await ask.begin({"Content-Type": content_type, "Content-Encoding": "gzip"})
        await ask.send(start)
        for _ in range(megabytes):
            await ask.send(piece)
        crc = await asyncio.to_thread(_crc_of_zeros, megabytes)
        last = b"\x03\0" + crc.to_bytes(4, "little") + (megabytes * _MB % 2**32).to_bytes(4, "little")
        await ask.send(last)

    return play


def huge(*, announced: bool) -> Play:
    """30 MB of markup."""

    async def play(ask: Ask) -> None:
        line = b"<p>" + b"dai " * 1022 + b"</p>\n"
        count = 30 * _MB // len(line) // 16 * 16
        await ask.begin({"Content-Length": str(count * len(line))} if announced else {"Connection": "close"})
        for _ in range(0, count, 16):
            await ask.send(line * 16)

    return play


async def charset_lie(ask: Ask) -> None:
    await ask.reply(ask.outlet.article(9), content_type="text/html; charset=windows-1258")


async def with_nuls(ask: Ask) -> None:
    page = ask.outlet.article(9)
    await ask.reply(page.replace(b"<p>", b"\0<p>\0").replace(b"</h1>", b"\0</h1>"))


def _challenge(ask: Ask) -> bytes:
    return f"""<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>
<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="360"></head>
<body><div class="main-wrapper"><h1 class="zone-name-title">127.0.0.1</h1>
<p id="cf-chl-widget">Verifying you are human. This may take a few seconds.</p>
<noscript>Enable JavaScript and cookies to continue</noscript></div>
<script>window._cf_chl_opt={{cvId:'3',cType:'managed',cRay:'{ask.times:016x}',cUPMDTk:"{CANARY}-chl"}};
var s=document.createElement('script');s.src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1';
document.getElementsByTagName('head')[0].appendChild(s);</script></body></html>""".encode()


async def challenge(ask: Ask) -> None:
    await ask.reply(_challenge(ask))


async def cookie_by_script(ask: Ask) -> None:
    token = f"{ask.outlet.port:08x}"
    page = f'<html><body><script>document.cookie="D1N={token}"+"; expires=Fri, 31-Dec-2099 23:59:59 GMT; path=/";'
    await ask.reply(f"{page}window.location.reload(true);</script></body></html>".encode())


async def login_page(ask: Ask) -> None:
    form = '<form method="post" action="/dang-nhap"><input name="ten"><input type="password" name="mat-khau"></form>'
    await ask.reply(f"<html><head><title>Đăng nhập</title></head><body><h1>Đăng nhập</h1>{form}</body></html>".encode())


async def not_found_in_disguise(ask: Ask) -> None:
    await ask.reply(ask.outlet.article(9), 404)


# Feeds and sitemaps.

_LAUGHS = (
    "<!DOCTYPE l [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)) + "]>"
)


async def feed_with_external_entities(ask: Ask) -> None:
    own = ask.outlet
    doctype = (
        f'<!DOCTYPE rss [<!ENTITY % far SYSTEM "{own.url(CANARY)}.dtd"> %far;'
        f'<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY web SYSTEM "{own.url(CANARY)}.txt">]>'
    )
    item = own.item(own.url("/bai-1.html"), title="Tin &file; và &web;")
    await ask.reply(own.rss(item, doctype=doctype), content_type=_RSS)


async def feed_of_laughs(ask: Ask) -> None:
    item = ask.outlet.item(ask.outlet.url("/bai-1.html"), title="&a9;")
    await ask.reply(ask.outlet.rss(item, doctype=_LAUGHS), content_type=_RSS)


async def feed_is_page(ask: Ask) -> None:
    await ask.reply(ask.outlet.article(0))


async def feed_cut(ask: Ask) -> None:
    own = ask.outlet
    feed = own.rss(*(own.item(own.url(f"/bai-{n}.html")) for n in range(4, 12)))
    await ask.reply(feed[: feed.index(b"/bai-8.html") + 4], content_type=_RSS)


def feed_dated(*dates: str) -> Play:
    """Pages from /bai-4.html on under these dates."""

    async def play(ask: Ask) -> None:
        own = ask.outlet
        items = [own.item(own.url(f"/bai-{n}.html"), published=date) for n, date in enumerate(dates, 4)]
        await ask.reply(own.rss(*items), content_type=_RSS)

    return play


async def feed_of_one_guid(ask: Ask) -> None:
    links = ("bai-4.html", "/bai-5.html", "./muc/../bai-6.html", "bai-4.html")
    items = [ask.outlet.item(link, guid="tin") for link in links]
    await ask.reply(ask.outlet.rss(*items), content_type=_RSS)


async def feed_to_stranger(ask: Ask) -> None:
    links = [f"{ask.outlet.stranger}/bai-1.html", "http://169.254.169.254/bai-1.html"]
    await ask.reply(ask.outlet.rss(*(ask.outlet.item(link) for link in links)), content_type=_RSS)


def _index(ask: Ask, *paths: str) -> bytes:
    listed = "".join(f"<sitemap><loc>{ask.outlet.url(path)}</loc></sitemap>" for path in paths)
    return f"<sitemapindex>{listed}</sitemapindex>".encode()


async def sitemap_of_itself(ask: Ask) -> None:
    listed = ask.outlet.sitemap("/bai-4.html") if ask.path != SITEMAP else _index(ask, SITEMAP, "/sitemap-trang.xml")
    await ask.reply(listed, content_type=_XML)


async def sitemap_endless(ask: Ask) -> None:
    number = int(ask.path.removeprefix("/sitemap-").removesuffix(".xml")) if ask.path != SITEMAP else 1
    await ask.reply(_index(ask, f"/sitemap-{number * 2}.xml", f"/sitemap-{number * 2 + 1}.xml"), content_type=_XML)


async def sitemap_of_laughs(ask: Ask) -> None:
    text = f"{_LAUGHS}<urlset><url><loc>&a9;</loc></url><url><loc>{ask.outlet.url('/bai-1.html')}</loc></url></urlset>"
    await ask.reply(text.encode(), content_type=_XML)


async def sitemap_gzip_cut(ask: Ask) -> None:
    packed = gzip.compress(ask.outlet.sitemap(*(f"/bai-{n}.html" for n in range(1, 4))))
    await ask.reply(packed[: len(packed) // 2], content_type="application/gzip")


async def robots_huge(ask: Ask) -> None:
    rules = b"User-agent: *\nDisallow: /bai-13.html\n"
    await ask.reply(rules + b"# con nua\n" * (_MB), content_type="text/plain")


_TIMED_OUT = "download_timeout"
_NO_ROBOTS_NO_PAGES = (FEED, "/bai-", CANARY)

FAULTS: tuple[Fault, ...] = (
    # The host.
    Fault("refused", "host", "nobody listens on the port", recorded("connection_refused", healthy=0), listens=False),
    Fault(
        "silent",
        "host",
        "takes the connection and never answers, robots.txt included",
        recorded(_TIMED_OUT, "host_down", "robots_unavailable", healthy=0),
        {"*": silence},
        never=_NO_ROBOTS_NO_PAGES,
    ),
    Fault(
        "dies",
        "host",
        "answers six requests (robots.txt, feed, four articles of ten), then closes its port",
        recorded("connection_refused", "connection_lost", "host_down", healthy=4),
        {"*": dies_after(6)},
        tuple(f"/bai-{n}.html" for n in range(4, 11)),
        pages=10,
    ),
    Fault(
        "self_signed",
        "host",
        "https with a certificate nobody vouches for",
        recorded("certificate", healthy=0),
        tls=True,
    ),
    Fault(
        "forbids_us",
        "host",
        "403 for everything",
        recorded("http_403", healthy=0),
        {"*": status(403, b"<h1>403 Forbidden</h1>")},
    ),
    Fault(
        "script_cookie",
        "host",
        "200 on every path with a script that sets a cookie and reloads",
        recorded("challenge", "html", healthy=0),
        {"*": cookie_by_script},
    ),
    # robots.txt.
    Fault(
        "robots_500",
        "robots",
        "robots.txt answers 500",
        recorded("robots_unavailable", "http_500", healthy=0),
        {ROBOTS: status(500)},
        never=_NO_ROBOTS_NO_PAGES,
    ),
    Fault(
        "robots_silent",
        "robots",
        "robots.txt never answers",
        recorded("robots_unavailable", _TIMED_OUT, healthy=0),
        {ROBOTS: silence},
        never=_NO_ROBOTS_NO_PAGES,
    ),
    Fault(
        "robots_forbids",
        "robots",
        "robots.txt forbids everything",
        recorded("robots", healthy=0),
        {ROBOTS: robots("User-agent: *\nDisallow: /\n")},
        never=_NO_ROBOTS_NO_PAGES,
    ),
    Fault(
        "robots_huge",
        "robots",
        "robots.txt of 10 MB whose second line forbids /bai-13.html, which the feed announces",
        recorded("robots", "robots_unavailable", "body_too_large", healthy=0),
        {ROBOTS: robots_huge},
        ("/bai-13.html",),
        never=("/bai-13.html", CANARY),
    ),
    Fault(
        "robots_slow_down",
        "robots",
        "robots.txt asks for a Crawl-delay of 1 second",
        harmless(HEALTHY_PAGES, gap_seconds=1),
        {ROBOTS: robots("User-agent: *\nCrawl-delay: 1\n")},
    ),
    Fault(
        "robots_elsewhere",
        "robots",
        "robots.txt redirects to a host that is not the outlet's",
        recorded_or_unharmed("foreign_host", "robots_unavailable", "robots", healthy=0),
        {ROBOTS: to_stranger},
    ),
    # Feeds.
    on_second_feed(
        "feed_bomb",
        "a feed of 1 MB gzip that unpacks to 1 GB of zeros",
        recorded("body_too_large", "bad_encoding"),
        bomb(_RSS),
    ),
    on_second_feed(
        "feed_entities",
        "a feed whose external entities name /etc/passwd and a canary of the outlet",
        recorded_or_unharmed("unreadable", "malformed", "no_items"),
        feed_with_external_entities,
    ),
    on_second_feed(
        "feed_laughs",
        "a feed whose title is an entity of 2 GB (billion laughs)",
        recorded_or_unharmed("unreadable", "malformed", "no_items"),
        feed_of_laughs,
    ),
    on_second_feed("feed_html", "a web page where a feed should be", recorded("html"), feed_is_page),
    on_second_feed("feed_empty", "200 and no body for a feed", recorded("empty_body"), status(200, Content_Type=_RSS)),
    on_second_feed(
        "feed_cut",
        "a feed that ends inside the fifth of its eight links",
        recorded("truncated", "items_without_link", healthy=7),
        feed_cut,
        pages=11,
    ),
    on_second_feed(
        "feed_future",
        "a feed with two articles of 2099",
        recorded("future_date", healthy=5),
        feed_dated("Thu, 01 Jan 2099 10:00:00 +0700", "31/12/2099 23:00"),
        pages=5,
    ),
    on_second_feed(
        "feed_dateless",
        "a feed with three articles whose dates have no format",
        recorded("unread_dates", healthy=6),
        feed_dated("hôm qua", "32/13/2026 25:61", ""),
        pages=6,
    ),
    on_second_feed(
        "feed_one_guid",
        "a feed of relative links that all have one guid, one of them twice",
        harmless(6),
        feed_of_one_guid,
        pages=6,
    ),
    on_second_feed(
        "feed_schemes",
        "a feed with javascript:, mailto: and file: links",
        recorded_or_unharmed("not_web_address", "items_without_link", "no_items"),
        rss("javascript:alert(1)", "mailto:toasoan@example.invalid", "file:///etc/passwd"),
    ),
    on_second_feed("feed_foreign", "a feed that links to other hosts", recorded("foreign_host"), feed_to_stranger),
    Fault(
        "feed_sections",
        "feed",
        "a feed that announces a section and a video beside articles",
        recorded("not_an_article_address"),
        {},
        ("/chuyen-muc", "/video/phim.mp4"),
        never=("/chuyen-muc", "/video", CANARY),
    ),
    Fault(
        "feed_unicode",
        "feed",
        "links with Vietnamese letters and spaces, neither escaped",
        harmless(5),
        {},
        ("/tin-tức/bài viết/bai-4.html", "/tin t%E1%BB%A9c/bai-5.html"),
        pages=5,
        article_path="(?:.+/)?",
    ),
    # Sitemaps.
    on_sitemap(
        "sitemap_of_itself",
        "a sitemap index that lists itself, and a sitemap with one article more",
        recorded_or_unharmed("too_many_sitemaps", healthy=4),
        sitemap_of_itself,
        pages=4,
    ),
    on_sitemap(
        "sitemap_endless", "sitemap indexes that each list two more", recorded("too_many_sitemaps"), sitemap_endless
    ),
    on_sitemap(
        "sitemap_laughs",
        "a sitemap with an entity of 2 GB (billion laughs)",
        recorded_or_unharmed("malformed", "entries_without_address", "not_a_sitemap", "unreadable", "no_items"),
        sitemap_of_laughs,
    ),
    on_sitemap(
        "sitemap_gzip_cut",
        "a gzip sitemap that ends in the middle",
        recorded("bad_gzip", "truncated"),
        sitemap_gzip_cut,
    ),
    on_sitemap("sitemap_html", "a web page where a sitemap should be", recorded("html", "not_a_sitemap"), feed_is_page),
    # Pages: the wire.
    on_page(
        "headers_never_end",
        "header after header, one every 0.2 s",
        recorded(_TIMED_OUT, "headers_too_large"),
        headers_never_end,
    ),
    on_page("body_stalls", "half the page, then silence", recorded(_TIMED_OUT, "truncated_body"), stalls),
    on_page("body_drips", "one byte every 0.3 s", recorded(_TIMED_OUT), drips),
    on_page("reset_at_once", "a reset (RST) in place of an answer", recorded("connection_lost"), reset_at_once),
    on_page(
        "reset_half_way",
        "half the page, then a reset (RST)",
        recorded("connection_lost", "response_data_loss", "truncated_body"),
        reset_half_way,
    ),
    on_page(
        "ends_early",
        "half of what Content-Length says, then an orderly end",
        recorded("response_data_loss", "truncated_body"),
        ends_early,
    ),
    on_page(
        "says_too_little",
        "a Content-Length of half the page, the rest behind it on a connection that stays open",
        recorded_or_unharmed("truncated_body", "bad_response", "response_data_loss"),
        says_too_little,
    ),
    on_page(
        "chunks_cut",
        "chunks that end before the last one",
        recorded("response_data_loss", "truncated_body", "connection_lost"),
        chunks_cut,
    ),
    on_page(
        "bad_chunk",
        "a chunk size that is no number",
        recorded("response_data_loss", "bad_response", "truncated_body", "connection_lost"),
        bad_chunk,
    ),
    on_page(
        "header_flood",
        "20,000 headers, 1 MB in all",
        Expect(HEALTHY_PAGES, frozenset(("headers_too_large", "bad_response")), or_unharmed=True),
        header_flood,
    ),
    on_page("garbage_status", "a status line that is none", recorded("bad_response"), garbage_status),
    on_page("http_09", "the page alone, without status or headers (HTTP/0.9)", recorded("bad_response"), http_09),
    # Pages: the server.
    on_page(
        "busy_a_second",
        "429 with Retry-After: 1, then the article",
        harmless(4),
        first(status(429, b"slow down", Retry_After="1")),
    ),
    on_page(
        "busy_an_hour",
        "429 with Retry-After: 3600",
        recorded("retry_after", "http_429", healthy=0),
        status(429, b"slow down", Retry_After="3600"),
    ),
    on_page(
        "busy_until",
        "503 with Retry-After as a date 2 s ahead, then the article",
        harmless(4),
        first(try_again_after_date),
    ),
    on_page("unavailable", "503 for ever", recorded("http_503"), status(503, b"down")),
    on_page("flaky", "500, then the article", harmless(4), first(status(500, b"oops"))),
    on_page("not_found", "404 with the body of an article", recorded("http_404"), not_found_in_disguise),
    # Pages: redirects.
    Fault(
        "redirect_pair",
        "page",
        "two addresses that redirect (301) to each other",
        recorded("too_many_redirects"),
        {BAD: to("/bai-10.html", 301), "/bai-10.html": to(BAD, 301)},
        (BAD,),
    ),
    on_page("redirect_self", "a redirect to itself", recorded("too_many_redirects"), to(BAD)),
    on_page("redirect_chain", "thirty redirects, then the article", recorded("too_many_redirects"), chain),
    on_page(
        "redirect_metadata",
        "a redirect to the metadata service of a cloud",
        recorded("foreign_host", "private_address"),
        to("http://169.254.169.254/latest/meta-data/"),
    ),
    on_page("redirect_neighbour", "a redirect to the host of another outlet", recorded("foreign_host"), to_neighbour),
    on_page(
        "redirect_file",
        "a redirect to file:///etc/passwd",
        recorded("not_web_address", "foreign_host"),
        to("file:///etc/passwd"),
    ),
    on_page("redirect_nowhere", "a redirect without Location", recorded("no_location", "http_302"), status(302)),
    on_page(
        "redirect_cookie", "a redirect to itself until a cookie is sent", recorded("too_many_redirects"), wants_cookie
    ),
    Fault(
        "login",
        "page",
        "a redirect (302) to a page that asks for a login",
        recorded("login"),
        {BAD: to("/dang-nhap?tu=bai-9"), "/dang-nhap": login_page},
        (BAD,),
    ),
    Fault(
        "challenge",
        "page",
        "200 and a page that checks for humans, in place of every article",
        recorded("challenge", healthy=0),
        {"/bai-*": challenge},
        never=(CANARY, "/cdn-cgi"),
    ),
    # Pages: bodies.
    on_page(
        "page_bomb",
        "1 MB of gzip that unpacks to 1 GB of zeros",
        recorded("body_too_large", "bad_encoding"),
        bomb("text/html"),
    ),
    on_page(
        "deflate_called_gzip",
        "deflate that is declared as gzip",
        recorded_or_unharmed("bad_encoding"),
        encoded("gzip", zlib.compress),
    ),
    on_page(
        "plain_called_gzip", "plain text that is declared as gzip", recorded("bad_encoding"), encoded("gzip", bytes)
    ),
    on_page(
        "gzip_cut",
        "gzip that ends in the middle, well framed",
        recorded("bad_encoding", "truncated_body", "bad_gzip"),
        encoded("gzip", lambda page: gzip.compress(page)[: len(gzip.compress(page)) // 2]),
    ),
    on_page(
        "brotli_unasked",
        "brotli, which the crawler did not ask for",
        recorded_or_unharmed("unknown_encoding", "bad_encoding"),
        encoded("br", brotli.compress),
    ),
    on_page(
        "unknown_encoding",
        "a Content-Encoding that does not exist",
        recorded("unknown_encoding", "bad_encoding"),
        encoded("x-nen", lambda page: page[::-1]),
    ),
    on_page("charset_lie", "UTF-8 that is declared as windows-1258", harmless(4), charset_lie),
    on_page("nuls", "an article with NUL bytes in it", harmless(4), with_nuls),
    on_page("empty_page", "200 and no body", recorded("empty_body"), status(200)),
    on_page("huge_page", "30 MB with a Content-Length", recorded("body_too_large"), huge(announced=True)),
    on_page(
        "huge_page_unannounced", "30 MB without a Content-Length", recorded("body_too_large"), huge(announced=False)
    ),
)
