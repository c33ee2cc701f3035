"""Plain Scrapy with its defaults, as its tutorial teaches it, archiving nothing: one spider for all hosts, or, with
`--each`, a crawler a host in one process, which is how our crawl is laid out.

A contender of crawl.py: reads its task from standard input, prints how many pages it got.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import feedparser
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Request, Response


class PlainSpider(scrapy.Spider):
    name = "plain"
    pages = 0

    def __init__(self, hosts: list[str]) -> None:
        super().__init__()
        self._hosts = hosts

    async def start(self) -> AsyncIterator[Request]:
        for host in self._hosts:
            yield Request(f"http://{host}/home.rss", self.read_feed)

    def read_feed(self, response: Response) -> Iterator[Request]:
        for entry in feedparser.parse(io.BytesIO(response.body)).entries:
            yield Request(entry.link, self.read_page)

    def read_page(self, response: Response) -> None:
        PlainSpider.pages += b"</html>" in response.body


def main() -> None:
    hosts = json.load(sys.stdin)["hosts"]
    groups = [[host] for host in hosts] if "--each" in sys.argv else [hosts]
    settings: dict[str, Any] = {
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS": len(groups[0]),
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 0,
        "LOG_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
    }
    process = AsyncCrawlerProcess(settings)
    for group in groups:
        process.crawl(PlainSpider, hosts=group)
    process.start()
    sys.stdout.write(json.dumps({"pages": PlainSpider.pages}))


if __name__ == "__main__":
    main()
