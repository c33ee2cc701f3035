"""A press of many hosts on loopback, fast enough to time crawlers against, which notes how it was asked.

Its own process, so that a crawler does not wait for it: `running_press` starts it, `Press.report` asks for what was
noted since the last report. Each host is a loopback address of its own (127.0.1.1, 127.0.1.2, … on one port, which
Linux has and macOS has not), since crawlers tell hosts apart by name and not by port. Each has a robots.txt, one RSS
feed that announces all its pages, and pages of 60 to 120 KB of invented Vietnamese, two thirds of them packed with
gzip for whoever accepts it. All of it is made before the first request.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import hashlib
import json
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from email.utils import format_datetime
from itertools import count, pairwise

#: Pages share this many bodies: 40 hosts of 300 pages each would otherwise fill the memory.
_BODIES = 48
_PLAIN_OF = 3
_SMALLEST, _LARGEST = 60_000, 120_000

_SYLLABLES = (
    "ánh bàn bằng bảo bến biển bình bước cánh cầu chè chiều chín cho chợ chùa cỏ con công của dài dân dệt "
    "dòng đá đầm đất đêm đi đồi đồng đường gạo gần gặt ghe gió giếng gốm hạt hàng hát hoa hồ hội hương "
    "khăn khói không kênh làng lành lên lúa lửa lưới mái mây mẹ mía mới mùa mưa nắng nấu ngày nghề người "
    "nhà nhiều những núi nước nương ông phố phù quê rạ rằm ruộng rừng sáng sáo sen sông sương tháng thành "
    "thổi thuyền thợ thơm tiếng trăng trẻ tre trên trong trống trưa vàng về vườn với xa xanh xóm xuân xưa yên"
)


@dataclass(frozen=True, slots=True)
class HostReport:
    """How one host was asked: `gaps` are the seconds between the arrivals of neighbouring requests."""

    host: str
    requests: int
    pages: int
    repeated: int
    unknown: int
    connections: int
    most_in_flight: int
    gaps: list[float]


@dataclass(frozen=True, slots=True)
class Report:
    """What the press noted; times by `time.monotonic`, which all processes of a Linux machine share."""

    first: float
    last_page: float
    cpu_seconds: float
    hosts: list[HostReport]


def bodies() -> list[bytes]:
    """The pages' bodies, unpacked: the same at every call."""
    rng = random.Random(815)  # noqa: S311
    return [_body(rng) for _ in range(_BODIES)]


def body_of(host: int, page: int) -> int:
    """Which of the bodies a page of a host has."""
    return (host * 31 + page) % _BODIES


def packed(body: int) -> bool:
    """Whether a body is sent with gzip to whoever accepts it."""
    return body % _PLAIN_OF != 0


class Press:
    """The press as its visitors' keeper sees it."""

    def __init__(self, process: subprocess.Popen[bytes], hosts: list[str]) -> None:
        self.hosts = hosts
        self._process = process

    def report(self) -> Report:
        """What was noted since the last report, which is then forgotten."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the press has no pipes")
        self._process.stdin.write(b"report\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        return Report(**{**said, "hosts": [HostReport(**host) for host in said["hosts"]]})


@contextmanager
def running_press(hosts: int, pages: int, answer_after: float = 0) -> Iterator[Press]:
    """A press of so many hosts, with so many pages each, that takes `answer_after` seconds to think."""
    command = [sys.executable, __file__, str(hosts), str(pages), str(answer_after)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the press has no pipes")
        yield Press(process, json.loads(process.stdout.readline()))
        process.stdin.close()  # which ends it


@dataclass
class _Host:
    name: str
    replies: dict[bytes, tuple[bytes, bytes]]  # by path: for whoever accepts gzip, and for others
    answer_after: float
    asked: list[float] = field(default_factory=list)
    paths: list[bytes] = field(default_factory=list)
    connections: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    last_page: float = 0

    def report(self) -> HostReport:
        times = Counter(self.paths)
        pages = [path for path in times if path.startswith(b"/bai-") and path in self.replies]
        return HostReport(
            host=self.name,
            requests=len(self.asked),
            pages=len(pages),
            repeated=sum(times[path] - 1 for path in times),
            unknown=sum(path not in self.replies for path in times),
            connections=self.connections,
            most_in_flight=self.most_in_flight,
            gaps=[later - earlier for earlier, later in pairwise(self.asked)],
        )

    def forget(self) -> None:
        self.asked, self.paths = [], []
        self.connections = self.most_in_flight = 0
        self.last_page = 0


class _Visit(asyncio.Protocol):
    """One connection. A request is in flight from its arrival until the kernel has taken all of its answer."""

    def __init__(self, host: _Host) -> None:
        self._host = host
        self._heard = b""
        self._busy = False
        self._blocked = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport
        transport.set_write_buffer_limits(high=0)
        self._host.connections += 1

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, rest = self._heard.partition(b"\r\n\r\n")
        if not end:
            return
        self._heard = rest  # GET has no body
        host = self._host
        host.asked.append(time.monotonic())
        host.paths.append(head.split(b" ", 2)[1])
        host.in_flight += 1
        host.most_in_flight = max(host.most_in_flight, host.in_flight)
        self._busy = True
        if host.answer_after:
            asyncio.get_running_loop().call_later(host.answer_after, self._answer, head)
        else:
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        line, _, headers = head.partition(b"\r\n")
        replies = self._host.replies.get(line.split(b" ")[1])
        accepted = [h for h in headers.lower().split(b"\r\n") if h.startswith(b"accept-encoding:")]
        if replies is None:
            answer = _reply(b"404 Not Found", "text/html", b"<html><body>404</body></html>")
        else:
            answer = replies[0] if any(b"gzip" in names for names in accepted) else replies[1]
        self._transport.write(answer)
        if not self._blocked:
            self._done()

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        self._done()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._done()

    def _done(self) -> None:
        if self._busy:
            self._busy = False
            self._host.in_flight -= 1
            self._host.last_page = time.monotonic()


async def _serve(hosts: int, pages: int, answer_after: float) -> None:
    loop = asyncio.get_running_loop()
    sockets = _sockets(hosts)
    port = sockets[0].getsockname()[1]
    replies = _page_replies()
    names = [f"{socket_.getsockname()[0]}:{port}" for socket_ in sockets]
    press = [_Host(name, _host_replies(n, name, pages, replies), answer_after) for n, name in enumerate(names)]
    for host, listening in zip(press, sockets, strict=True):
        await loop.create_server(lambda host=host: _Visit(host), sock=listening)  # type: ignore[misc]
    over = asyncio.Event()
    spent = time.process_time()

    def told() -> None:
        nonlocal spent
        if not sys.stdin.buffer.readline():
            loop.remove_reader(sys.stdin.fileno())
            over.set()
            return
        first = min((host.asked[0] for host in press if host.asked), default=0.0)
        last = max(host.last_page for host in press)
        report = Report(first, last, time.process_time() - spent, [host.report() for host in press])
        for host in press:
            host.forget()
        _say(asdict(report))
        spent = time.process_time()

    loop.add_reader(sys.stdin.fileno(), told)
    _say(names)
    await over.wait()


def _sockets(hosts: int) -> list[socket.socket]:
    """One listening socket a host, all on one port that is free on the first."""
    sockets: list[socket.socket] = []
    port = 0
    for n in range(hosts):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((f"127.0.1.{n + 1}", port))
        port = listening.getsockname()[1]
        sockets.append(listening)
    return sockets


def _page_replies() -> list[tuple[bytes, bytes]]:
    replies = []
    for n, body in enumerate(bodies()):
        plain = _reply(b"200 OK", "text/html; charset=utf-8", body)
        zipped = _reply(b"200 OK", "text/html; charset=utf-8", gzip.compress(body, 6, mtime=0), "gzip")
        replies.append((zipped if packed(n) else plain, plain))
    return replies


def _host_replies(
    number: int, host: str, pages: int, page_replies: list[tuple[bytes, bytes]]
) -> dict[bytes, tuple[bytes, bytes]]:
    robots = _reply(b"200 OK", "text/plain", b"User-agent: *\nDisallow: /tim-kiem\nDisallow: /quan-tri/\n")
    feed = _feed(host, pages)
    feed_replies = (
        _reply(b"200 OK", "application/rss+xml; charset=utf-8", gzip.compress(feed, 6, mtime=0), "gzip"),
        _reply(b"200 OK", "application/rss+xml; charset=utf-8", feed),
    )
    replies = {b"/robots.txt": (robots, robots), b"/home.rss": feed_replies}
    for page in range(pages):
        replies[f"/bai-{page}.html".encode()] = page_replies[body_of(number, page)]
    return replies


def _feed(host: str, pages: int) -> bytes:
    rng = random.Random(host)  # noqa: S311
    now = dt.datetime.now(dt.UTC)
    items = (
        f"<item><title>{_words(rng, 11).capitalize()}</title><link>http://{host}/bai-{n}.html</link>"
        f"<pubDate>{format_datetime(now - dt.timedelta(minutes=n % 2000))}</pubDate>"
        f"<description><![CDATA[{_words(rng, 30).capitalize()}.]]></description></item>"
        for n in range(pages)
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{host}</title>'
        f"<link>http://{host}/</link><description>-</description>{''.join(items)}</channel></rss>"
    ).encode()


def _reply(status: bytes, kind: str, body: bytes, encoding: str | None = None) -> bytes:
    lines = [
        "Server: nginx",
        f"Date: {format_datetime(dt.datetime.now(dt.UTC), usegmt=True)}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: keep-alive",
        "Vary: Accept-Encoding",
        "Cache-Control: max-age=60",
        f'ETag: "{hashlib.sha1(body, usedforsecurity=False).hexdigest()[:16]}"',
        "X-Content-Type-Options: nosniff",
        "X-Cache: HIT",
    ]
    if encoding:
        lines.append(f"Content-Encoding: {encoding}")
    return b"HTTP/1.1 " + status + b"\r\n" + "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _body(rng: random.Random) -> bytes:
    """A page whose text is a fifth of it and that packs to a fifth, as the pages of the press do (measured: 0.22)."""
    wanted = rng.randint(_SMALLEST, _LARGEST)
    title = _words(rng, 12).capitalize()
    style = "".join(f".box-{n} .item{{margin:{n % 9}px 0 {n % 7}px;float:left}}\n" for n in range(200))
    script = "".join(f'window.slots.push({{"id":{rng.randrange(10**6)},"zone":"top-{n}"}});\n' for n in range(150))
    menu = "".join(f'<li class="menu-item"><a href="/muc-{n}">{_words(rng, 2)}</a></li>\n' for n in range(60))
    text = "".join(f"<p>{_words(rng, rng.randint(40, 90)).capitalize()}.</p>\n" for _ in range(wanted // 2000))
    start = (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>\n<style>{style}</style>'
        f"<script>{script}</script></head><body><ul>{menu}</ul><article><h1>{title}</h1>{text}</article>\n"
    )
    parts, size = [start], len(start.encode())
    for n in count():
        if size >= wanted:
            break
        story = (
            f'<div class="box-{n} item story" data-id="{rng.randrange(10**8)}"><a class="thumb"'
            f' title="{_words(rng, 9)}" href="/bai-lien-quan-{rng.randrange(10**8)}.html">'
            f'<img loading="lazy" width="300" height="180" src="/anh/{rng.randrange(10**8)}.jpg"></a></div>\n'
        )
        parts.append(story)
        size += len(story.encode())
    return ("".join(parts) + "</body></html>").encode()


def _words(rng: random.Random, number: int) -> str:
    return " ".join(rng.choices(_SYLLABLES.split(), k=number))


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
