"""One lap of one contender of extract.py, in a process and often in a venv of its own.

    python extract_peers.py CONTENDER PAGES

Reads the pages that extract.py wrote one by one, so that no memory but a worker's is measured, and prints one JSON
object: seconds, cpu, memory, what was found and what failed. Besides the standard library it needs the contender only.
"""

# ruff: noqa: PLC0415 (a venv has the library of one contender)

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

#: A row in the shape of the gold: url, title, sapo, body, author, published; None where a page has no article.
Found = dict[str, Any]
Contender = Callable[["Page"], Found | None]

_WARM_UP = 5
# Few pages are read again and again until this much is measured: fifteen pages take ours a fiftieth of a second.
_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Page:
    url: str
    content_type: str | None
    captured: dt.datetime
    body: bytes


def write_pages(path: Path, pages: Iterable[Page]) -> None:
    """Each page is a line of JSON, with the length of the body that follows."""
    with path.open("wb") as file:
        for page in pages:
            head = {
                "url": page.url,
                "content_type": page.content_type,
                "captured": page.captured.isoformat(),
                "length": len(page.body),
            }
            file.write(json.dumps(head).encode() + b"\n" + page.body)


def read_pages(path: Path) -> Iterator[Page]:
    with path.open("rb") as file:
        for line in file:
            head = json.loads(line)
            captured = dt.datetime.fromisoformat(head["captured"])
            yield Page(head["url"], head["content_type"], captured, file.read(head["length"]))


def lexbor() -> Contender:
    from selectolax.lexbor import LexborHTMLParser

    def extract(page: Page) -> None:
        LexborHTMLParser(page.body).css("h1")

    return extract


def ours(use_layouts: bool = True) -> Contender:
    from config.load import load_config
    from pipeline.extract.article import NotAnArticle
    from pipeline.extract.page import extract as extract_article

    by_host = {host: outlet for outlet in load_config().outlets for host in outlet.hosts}

    def extract(page: Page) -> Found | None:
        outlet = by_host[page.url.split("/", 3)[2]]
        try:
            article = extract_article(page.body, page.url, page.content_type, outlet, page.captured, use_layouts)
        except NotAnArticle:
            return None
        return _found(page, article.title, article.sapo, article.body, article.authors, _iso(article.published))

    return extract


def trafilatura() -> Contender:
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    def extract(page: Page) -> Found | None:
        article = bare_extraction(page.body, url=page.url, with_metadata=True)
        if not isinstance(article, Document):
            return None
        sapo, body = _apart(article.description, article.text)
        return _found(page, article.title, sapo, body, [article.author or ""], article.date)

    return extract


def newspaper4k() -> Contender:
    from newspaper import Article  # type: ignore[import-not-found]

    def extract(page: Page) -> Found:
        article = Article(page.url, language="vi", fetch_images=False)  # which would ask their hosts
        article.download(input_html=page.body)
        article.parse()
        sapo, body = _apart(article.meta_description, article.text)
        return _found(page, article.title, sapo, body, article.authors, _iso(article.publish_date))

    return extract


def resiliparse() -> Contender:
    from resiliparse.extract.html2text import extract_plain_text  # type: ignore[import-not-found]
    from resiliparse.parse.encoding import detect_encoding  # type: ignore[import-not-found]
    from resiliparse.parse.html import HTMLTree  # type: ignore[import-not-found]

    def extract(page: Page) -> Found:
        tree = HTMLTree.parse_from_bytes(page.body, detect_encoding(page.body))
        return _found(page, tree.title, None, extract_plain_text(tree, main_content=True), [], None)

    return extract


def fundus() -> Contender:
    from fundus import PublisherCollection  # type: ignore[import-not-found]

    parsers = PublisherCollection.vn.VnExpress.parser

    def extract(page: Page) -> Found | None:
        read = parsers(page.captured.date()).parse(page.body.decode(errors="replace"), error_handling="suppress")
        if not (article := read["body"]):
            return None
        body = "\n".join(text for section in article.sections for text in (*section.headline, *section.paragraphs))
        sapo = "\n".join(article.summary) or None
        return _found(page, read["title"], sapo, body, read["authors"], _iso(read["publishing_date"]))

    return extract


CONTENDERS: dict[str, Callable[[], Contender]] = {
    "lexbor": lexbor,
    "ours": ours,
    "ours, no layouts": lambda: ours(use_layouts=False),
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "resiliparse": resiliparse,
    "fundus": fundus,
}


def _found(
    page: Page, title: str | None, sapo: str | None, body: str | None, authors: Iterable[str], published: str | None
) -> Found:
    return {
        "url": page.url,
        "title": title,
        "sapo": sapo,
        "body": body,
        "author": ", ".join(authors) or None,
        "published": published,
    }


def _apart(description: str | None, text: str | None) -> tuple[str | None, str]:
    """A peer's description is the nearest it has to a sapo; where its text holds it too, it counts once."""
    return description, (text or "").replace(description or "", "", 1)


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _lap(contender: Contender, path: Path) -> dict[str, Any]:
    found: dict[str, Found] = {}
    failed: dict[str, str] = {}

    def extract(page: Page) -> None:
        try:
            if result := contender(page):
                found[page.url] = result
        except Exception as error:  # noqa: BLE001 (a page that a contender breaks on is a page it did not read)
            failed[page.url] = f"{type(error).__name__}: {error}"

    for page in islice(read_pages(path), _WARM_UP):
        extract(page)
    pages, seconds, cpu = 0, 0.0, 0.0
    while seconds < _SECONDS:
        for page in read_pages(path):
            begun, cpu_begun = time.perf_counter(), time.process_time()
            extract(page)
            seconds += time.perf_counter() - begun
            cpu += time.process_time() - cpu_begun
            pages += 1
    return {
        "pages": pages,
        "seconds": seconds,
        "cpu": cpu,
        "memory_mb": _peak_mb(),
        "failed": failed,
        "found": list(found.values()),
    }


def _peak_mb() -> float:
    """getrusage would not do: its ru_maxrss is that of the parent where the parent's was larger (getrusage(2) says
    that it is preserved across execve)."""
    peak = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)
    if peak is None:
        raise RuntimeError("/proc/self/status does not tell the peak memory")
    return int(peak[1]) / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_lap(CONTENDERS[sys.argv[1]](), Path(sys.argv[2]))))
