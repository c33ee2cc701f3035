"""A press of many hosts on loopback, some healthy and one for each fault of tests/faults/faults.py.

Raw asyncio streams, no HTTP library: most faults are bytes that a library would not let us send.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import random
import re
import socket
import ssl
import struct
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.load import write_editable
from tests.faults.faults import FAULTS, FEED, FEED_TWO, HEALTHY_PAGES, SITEMAP, Fault

VIETNAM = dt.timezone(dt.timedelta(hours=7))

#: A page of the first healthy outlet that nobody announces: only a redirect from another outlet leads there.
NEIGHBOUR_PAGE = "/bai-777.html"
#: A host that no outlet owns. Whoever asks it was led there.
STRANGER = "nguoi_la"

#: How the crawl is to behave: fast, and allowed to speak to this machine.
MANNERS = {
    "contact": "test@example.invalid",
    "delay_seconds": 0,
    "timeout_seconds": 3,
    "body_limit_mb": 4,
    "pages_per_night": 500,
    "minutes_per_night": 2,
    "allow_private_hosts": True,
}

_FREE_ROBOTS = "User-agent: *\nAllow: /\n"


@dataclass
class Outlet:
    """One host. `asked` lists (target as it was sent, monotonic seconds); `fault` is None where all is well."""

    id: str
    fault: Fault | None
    pages: int
    started: dt.datetime
    port: int = 0
    neighbour: str = ""
    stranger: str = ""
    never: tuple[str, ...] = ()
    asked: list[tuple[str, float]] = field(default_factory=list)
    max_concurrency: int = 0
    _busy: int = 0
    _times: Counter[str] = field(default_factory=Counter)
    _server: asyncio.Server | None = None
    _bound: socket.socket | None = None
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def base(self) -> str:
        scheme = "https" if self.fault and self.fault.tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def forbidden(self) -> list[str]:
        """What was asked although it never may be."""
        return [target for target, _ in self.asked if target.startswith(self.never)] if self.never else []

    def url(self, path: str) -> str:
        return self.base + path

    def settings(self) -> dict[str, Any]:
        """The outlet's file in the registry."""
        plays: Mapping[str, Any] = self.fault.plays if self.fault else {}
        feeds = [FEED, FEED_TWO] if FEED_TWO in plays else [FEED]
        verified = "test, 2026-11-25"
        inner = self.fault.article_path if self.fault else ""
        return {
            "id": self.id,
            "name": f"Báo {self.id}",
            "governing_body": "Không",
            "kind": "press",
            "tier": "central",
            "domains": [{"host": f"127.0.0.1:{self.port}"}],
            "feeds": [{"url": self.url(path), "verified": verified} for path in feeds],
            "sitemaps": [{"url": self.url(path), "verified": verified} for path in (SITEMAP,) if path in plays],
            "article_urls": [rf"^{re.escape(self.base)}/{inner}bai-\d+\.html$"],
        }

    def published(self, number: int) -> dt.datetime:
        return self.started - dt.timedelta(hours=1 + number % 30, minutes=number % 47)

    def article(self, number: int) -> bytes:
        return article(f"{self.id}/{number}", self.published(number))

    def item(self, link: str, published: str | None = None, title: str | None = None, guid: str | None = None) -> str:
        """An RSS item, dated as the press dates them."""
        digits = re.search(r"\d+(?=\.html)", link)
        number = int(digits[0]) if digits else 0
        when = format_datetime(self.published(number)) if published is None else published
        mark = f"<guid>{escape(guid)}</guid>" if guid else ""
        name = title or f"Bài số {number} của {self.id}"
        return f"<item><title>{name}</title><link>{escape(link)}</link>{mark}<pubDate>{when}</pubDate></item>"

    def rss(self, *items: str, doctype: str = "") -> bytes:
        head = f'<?xml version="1.0" encoding="utf-8"?>{doctype}<rss version="2.0"><channel><title>{self.id}</title>'
        return f"{head}{''.join(items)}</channel></rss>".encode()

    def home_feed(self) -> bytes:
        """What the outlet announces: its healthy pages, and those of the fault between them."""
        healthy = [self.url(f"/bai-{n}.html") for n in range(1, (HEALTHY_PAGES if self.fault else self.pages) + 1)]
        faulty = [self.url(path) for path in self.fault.announces] if self.fault else []
        return self.rss(*(self.item(link) for link in [*healthy[:1], *faulty, *healthy[1:]]))

    def sitemap(self, *paths: str) -> bytes:
        locations = "".join(f"<url><loc>{self.url(path)}</loc></url>" for path in paths)
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</urlset>'.encode()

    async def open(self, tls: ssl.SSLContext | None) -> None:
        """Takes a free port; an outlet that refuses connections holds one without listening on it."""
        if self.fault and not self.fault.listens:
            self._bound = socket.socket()
            self._bound.bind(("127.0.0.1", 0))
            self.port = self._bound.getsockname()[1]
            return
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop_listening(self) -> None:
        if self._server:
            self._server.close()

    async def close(self) -> None:
        self.stop_listening()
        if self._bound:
            self._bound.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        try:
            while await self._answered(reader, writer):
                continue
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError):
            writer.transport.abort()  # the crawler hung up, as it may
        except asyncio.CancelledError:
            writer.transport.abort()  # the press closes
        finally:
            writer.close()
            self._connections.discard(task)

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answers one request; whether the connection can take another."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        target = head.split(" ", 2)[1]
        lines = [line.partition(": ") for line in head.splitlines()[1:] if line]
        parts = urlsplit(target)
        path = unquote(parts.path)
        self.asked.append((target, time.monotonic()))
        self._times[path] += 1
        self._busy += 1
        self.max_concurrency = max(self.max_concurrency, self._busy)
        ask = Ask(
            self,
            path,
            {name: values[0] for name, values in parse_qs(parts.query).items()},
            {name.lower(): value for name, _, value in lines},
            self._times[path],
            reader,
            writer,
        )
        ask.ends = ask.headers.get("connection", "").lower() == "close"
        try:
            play = self.fault.play_for(path) if self.fault else None
            await (play(ask) if play else ask.ordinary())
        finally:
            self._busy -= 1
        return not ask.ends


@dataclass
class Ask:
    """One request and the ways to answer it, well or badly. `times` counts how often the path was asked by now."""

    outlet: Outlet
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    times: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    ends: bool = False

    async def reply(
        self,
        body: bytes,
        status: int = 200,
        content_type: str = "text/html; charset=utf-8",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """A whole, well framed answer; the connection stays open."""
        fields = {"Content-Type": content_type, "Content-Length": str(len(body))} | dict(headers or {})
        self.writer.write(head(status, fields) + body)
        await self.writer.drain()

    async def send(self, data: bytes) -> None:
        """Bytes as they are. The connection ends when the play does."""
        self.ends = True
        self.writer.write(data)
        await self.writer.drain()

    async def begin(self, fields: Mapping[str, str] | None = None, status: int = 200) -> None:
        """The headers of an answer whose body the play sends itself."""
        await self.send(head(status, {"Content-Type": "text/html; charset=utf-8"} | dict(fields or {})))

    async def hang(self) -> None:
        """Says nothing more until the other side gives up."""
        self.ends = True
        await self.reader.read()

    async def reset(self) -> None:
        """A reset (RST) in place of an orderly end (FIN)."""
        self.ends = True
        await asyncio.sleep(0.1)  # a reset throws away what the other side has not read yet
        wire = self.writer.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def ordinary(self) -> None:
        """What a healthy outlet answers."""
        number = re.fullmatch(r"(?:/.*)?/bai-(\d+)\.html", self.path)
        if self.path == FEED:
            await self.reply(self.outlet.home_feed(), content_type="application/rss+xml; charset=utf-8")
        elif self.path == "/robots.txt":
            listed = "" if self.outlet.fault else f"Sitemap: {self.outlet.url(SITEMAP)}\n"
            await self.reply((_FREE_ROBOTS + listed).encode(), content_type="text/plain")
        elif self.path == SITEMAP and not self.outlet.fault:
            paths = [f"/bai-{n}.html" for n in range(1, self.outlet.pages + 1)]
            await self.reply(self.outlet.sitemap(*paths), content_type="application/xml")
        elif number and 1 <= int(number[1]) <= self.outlet.pages:
            await self.reply(self.outlet.article(int(number[1])))
        else:
            await self.reply(b"<html><body><h1>404</h1></body></html>", 404)


def head(status: int, fields: Mapping[str, str]) -> bytes:
    """A status line and headers, with the empty line."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@dataclass
class FaultPress:
    """All hosts, by outlet id. The stranger is among them, though no configuration names it."""

    outlets: dict[str, Outlet]

    @property
    def asked(self) -> dict[str, list[tuple[str, float]]]:
        return {name: list(outlet.asked) for name, outlet in self.outlets.items()}

    @property
    def max_concurrency(self) -> dict[str, int]:
        return {name: outlet.max_concurrency for name, outlet in self.outlets.items()}

    @property
    def configured(self) -> list[Outlet]:
        return [outlet for outlet in self.outlets.values() if outlet.id != STRANGER]

    @property
    def faulty(self) -> list[tuple[Outlet, Fault]]:
        return [(outlet, outlet.fault) for outlet in self.outlets.values() if outlet.fault]

    @property
    def healthy(self) -> list[Outlet]:
        return [outlet for outlet in self.configured if not outlet.fault]

    def forbidden(self) -> list[tuple[str, str]]:
        """(outlet, target) of what was asked although it never may be: canaries, strangers, what robots.txt forbids."""
        return [(outlet.id, target) for outlet in self.outlets.values() for target in outlet.forbidden]

    def gaps(self, outlet: str) -> list[float]:
        """Seconds between one request and the next, robots.txt left out: its Crawl-delay counts from then on."""
        times = [at for target, at in self.outlets[outlet].asked if target != "/robots.txt"]
        return [later - earlier for earlier, later in pairwise(times)]

    def write_config(self, directory: Path) -> None:
        """A complete configuration: the packaged files, but with the outlets and manners of this press.

        Raises FileExistsError where the folder holds outlets that no press of ours wrote.
        """
        outlets = directory / "outlets"
        others = [file.name for file in outlets.glob("*.yaml") if not file.name.startswith(("lanh", "loi_"))]
        if others:
            raise FileExistsError(f"{outlets} holds {len(others)} outlets of another press; name a new folder")
        write_editable(directory)
        for file in outlets.glob("*.yaml"):
            file.unlink()
        for outlet in self.configured:
            _write_yaml(outlets / f"{outlet.id}.yaml", outlet.settings())
        crawl = directory / "crawl.yaml"
        _write_yaml(crawl, yaml.safe_load(crawl.read_text("utf-8")) | MANNERS)


def _write_yaml(file: Path, content: dict[str, Any]) -> None:
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")


@contextmanager
def running_fault_press(healthy: int = 5, pages: int = 20, only: Collection[str] | None = None) -> Iterator[FaultPress]:
    """Runs the press in a thread: `healthy` outlets of `pages` pages, and all faults or `only` those named."""
    now = dt.datetime.now(VIETNAM).replace(microsecond=0)
    outlets = [Outlet(f"lanh{n}", None, pages, now, never=(NEIGHBOUR_PAGE,)) for n in range(1, healthy + 1)]
    for fault in FAULTS:
        if only is None or fault.id in only:
            outlets.append(Outlet(f"loi_{fault.id}", fault, fault.pages, now, never=fault.never))
    stranger = Outlet(STRANGER, None, HEALTHY_PAGES, now, never=("/",))
    outlets.append(stranger)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def close() -> None:
        for outlet in outlets:
            await outlet.close()

    with tempfile.TemporaryDirectory() as folder:
        tls = _self_signed(Path(folder))

    async def start() -> None:
        for outlet in outlets:
            await outlet.open(tls if outlet.fault and outlet.fault.tls else None)
        for outlet in outlets:
            outlet.stranger = stranger.base
            outlet.neighbour = (outlets[0] if healthy else stranger).url(NEIGHBOUR_PAGE)

    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result()
        yield FaultPress({outlet.id: outlet for outlet in outlets})
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def _phrases(text: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in text.split(",")]


_NAMES = _phrases("""An, Bình, Cường, Dũng, Đông, Giang, Hà, Hải, Hiền, Hoà, Hưng, Khánh, Lâm, Lạc, Long, Lương, Mai,
    Minh, Nam, Nghĩa, Phong, Phú, Phước, Quang, Sơn, Tân, Thành, Thạnh, Thịnh, Thuận, Tiến, Vân, Vinh, Xuân, Yên""")
_WHO = _phrases("""Hợp tác xã, Tổ dân phố, Trường tiểu học, Trạm y tế, Câu lạc bộ cờ tướng, Nhóm hộ trồng cam,
    Đội chiếu phim, Ban quản lý chợ, Chi hội phụ nữ, Đoàn thanh niên, Thư viện, Xưởng gốm, Đội thuyền thúng,
    Làng nghề đan cói, Hội người cao tuổi, Bến xe""")
_DOES = _phrases("""vừa khai trương, đang sửa lại, đã bàn giao, sắp dời, mở cửa trở lại, kiểm kê, trồng thêm, mượn tạm,
    ghi chép cẩn thận, quét vôi, vận động bà con góp, tổ chức bình chọn, cân đo lại, dựng bằng tre, kể chuyện về,
    xin ý kiến về, chụp ảnh lưu niệm cùng""")
_WHAT = _phrases("""cây cầu gỗ bắc qua mương, giàn mướp sau sân, con đường lát gạch, kho thóc cũ, bể nước mưa,
    bộ sưu tập diều giấy, vườn ươm nhỏ, phòng đọc sách, lò nướng bánh, bảng tin điện tử, đàn vịt chạy đồng,
    chiếc đồng hồ treo tường, hàng cau trước ngõ, gian hàng đậu phụ, bến đò ngang, sân phơi lúa, ao sen""")
_WHEN = _phrases("""trong phiên chợ sáng, sau cơn mưa rào, trước ngày hội làng, vào cuối vụ gặt, khi nước sông rút,
    đúng giờ tan học, lúc trăng lên, giữa tuần lễ sách, ngay đầu mùa gió, từ tháng trước, nhân ngày đầu năm học""")


def article(seed: str, published: dt.datetime) -> bytes:
    """A page of invented text, the same for the same seed and different from any other: 8 to 40 KB."""
    chance = random.Random(seed)
    title = _sentence(chance).removesuffix(".")
    length = chance.randint(7, 30)
    paragraphs = "\n".join(f"<p>{' '.join(_sentence(chance) for _ in range(length))}</p>" for _ in range(6))
    return f"""<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8"><title>{title}</title>
<meta property="og:type" content="article">
<meta property="article:published_time" content="{published.isoformat()}"></head>
<body><article><h1>{title}</h1>
<time datetime="{published.isoformat()}">{published:%d/%m/%Y %H:%M} (GMT+7)</time>
<p class="sapo">{_sentence(chance)} {_sentence(chance)}</p>
{paragraphs}
</article></body></html>
""".encode()


def _sentence(chance: random.Random) -> str:
    place, person = (f"{chance.choice(_NAMES)} {chance.choice(_NAMES)}" for _ in range(2))
    elder = chance.choice(("ông", "bà", "anh", "chị"))
    return (
        f"{chance.choice(_WHO)} {place} {chance.choice(_DOES)} {chance.choice(_WHAT)} {chance.choice(_WHEN)}, "
        f"theo lời {elder} {person}, người đã đếm được {chance.randint(11, 9999)} lượt khách."
    )
