"""A press on loopback that has a past: months of dated sitemaps, an article a listed page."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from config.load import write_editable
from tests.conftest import outlet_fields
from tests.faults.press import Press, Reply, running_press
from tests.faults.server import MANNERS, VIETNAM, article

#: The plan's: 11/2020 to 12/2021.
MONTHS = tuple(f"{2020 + n // 12}-{n % 12 + 1:02}" for n in range(10, 24))
#: Days on which the outlet of shards publishes: two of them in one sitemap, one in the next.
_DAYS = (3, 4, 17)


class PastPress:
    """Two outlets: one with shards of some days, as Tuổi Trẻ has, one with packed monthly files, as VietnamPlus has."""

    def __init__(self, shards: Press, monthly: Press, months: Sequence[str] = MONTHS) -> None:
        self.outlets = {"baomanh": shards, "baothang": monthly}
        self.months = months
        for month in months:
            year, number = int(month[:4]), int(month[5:])
            self._list(shards, f"/StaticSitemaps/sitemaps-{year}-{number}-1-5.xml", month, _DAYS[:2])
            self._list(shards, f"/StaticSitemaps/sitemaps-{year}-{number}-16-20.xml", month, _DAYS[2:])
            self._list(monthly, f"/sitemaps/news-{year}-{number}.xml", month, _DAYS, packed=True)
        for press in self.outlets.values():
            press.replies["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /cam/\n")
            self.index(press)

    @property
    def pages(self) -> Counter[str]:
        """Every article, once."""
        return Counter(
            press.url(path) for press in self.outlets.values() for path in press.replies if path.startswith("/bai-")
        )

    def asked(self, pattern: str) -> Counter[str]:
        """How often each address that fits was asked for."""
        return Counter(
            press.url(path) for press in self.outlets.values() for path, _ in press.asked if re.search(pattern, path)
        )

    def index(self, press: Press, *more: str) -> None:
        """The index of all dated sitemaps, latest first, as outlets list them, and of those that are not dated."""
        dated = [path for path in press.replies if re.search(r"-20\d\d-", path)]
        listed = "".join(f"<sitemap><loc>{press.url(path)}</loc></sitemap>" for path in [*more, *reversed(dated)])
        press.replies["/sitemap.xml"] = Reply(f"<sitemapindex>{listed}</sitemapindex>".encode())

    def settings(self, name: str) -> dict[str, Any]:
        """The outlet's file in the registry."""
        press = self.outlets[name]
        sitemaps = [{"url": press.url("/sitemap.xml"), "verified": "test"}]
        return outlet_fields(press.host, id=name, name=f"Báo {name}", sitemaps=sitemaps)

    def write_config(self, directory: Path, **manners: Any) -> Path:
        """The packaged configuration with these two outlets."""
        write_editable(directory)
        for file in (directory / "outlets").glob("*.yaml"):
            file.unlink()
        for name in self.outlets:
            file = directory / "outlets" / f"{name}.yaml"
            file.write_text(yaml.safe_dump(self.settings(name), allow_unicode=True), "utf-8")
        crawl = directory / "crawl.yaml"
        content = yaml.safe_load(crawl.read_text("utf-8")) | MANNERS | manners
        crawl.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
        return directory

    def _list(self, press: Press, sitemap: str, month: str, days: Sequence[int], *, packed: bool = False) -> None:
        paths = {f"/bai-{month.replace('-', '')}{day:02}.html": day for day in days}
        entries = "".join(
            f"<url><loc>{press.url(path)}</loc><lastmod>{month}-{day:02}</lastmod></url>" for path, day in paths.items()
        )
        body = f"<urlset>{entries}</urlset>".encode()
        press.replies[sitemap] = Reply(gzip.compress(body) if packed else body)
        for path, day in paths.items():
            press.replies[path] = page(
                press.url(path), dt.datetime(int(month[:4]), int(month[5:]), day, 9, tzinfo=VIETNAM)
            )


def page(seed: str, published: dt.datetime) -> Reply:
    """An article on the portal, and on activity II.1 of the plan."""
    sapo = "Bộ Giao thông vận tải yêu cầu các đơn vị cung cấp dịch vụ công trên Cổng Dịch vụ công quốc gia. "
    body = article(seed, published).decode().replace('<p class="sapo">', f'<p class="sapo">{sapo}', 1)
    return Reply(body.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


@contextmanager
def running_past_press(months: Sequence[str] = MONTHS) -> Iterator[PastPress]:
    """Starts both outlets."""
    with ExitStack() as stack:
        yield PastPress(stack.enter_context(running_press()), stack.enter_context(running_press()), months)
