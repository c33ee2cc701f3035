"""What the network alone costs: an asyncio client that keeps one connection a host open and archives nothing.

A contender of crawl.py: reads its task from standard input, prints how many pages it got.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import sys
from urllib.robotparser import RobotFileParser

import feedparser


async def _crawl(host: str) -> int:
    address, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(address, int(port), limit=1 << 20)

    async def get(path: str) -> bytes:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = await reader.readexactly(int(headers["content-length"]))
        return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body

    robots = RobotFileParser()
    robots.parse((await get("/robots.txt")).decode().splitlines())
    feed = feedparser.parse(io.BytesIO(await get("/home.rss")))
    pages = 0
    for entry in feed.entries:
        if robots.can_fetch("bare", entry.link):
            pages += b"</html>" in await get("/" + entry.link.split("/", 3)[3])
    writer.close()
    return pages


async def _main() -> None:
    pages = await asyncio.gather(*(_crawl(host) for host in json.load(sys.stdin)["hosts"]))
    sys.stdout.write(json.dumps({"pages": sum(pages)}))


if __name__ == "__main__":
    asyncio.run(_main())
