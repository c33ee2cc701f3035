"""From one archive file to one Parquet file of rows.CAPTURES: the unit of work that any process can do, also twice."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from archive.capture import BodyError, Capture
from archive.crawl_log import LOG_URI, CrawlLog
from archive.read import Damage, read_log, read_warc
from archive.recover import Recovery
from archive.urls import normalize_url
from config.load import Config
from config.outlets import Outlet
from crawler.challenges import is_challenge
from nlp.facets import CompiledFacets, compile_facets, propose_tones, tag_facets
from nlp.find import find_mentions
from nlp.mention import ArticleText, Mention
from nlp.topics import CompiledTopics, compile_topics
from pipeline.extract.article import FALLBACK, Article, NotAnArticle
from pipeline.extract.page import extract
from pipeline.extract.text import words
from pipeline.likeness import likeness
from pipeline.limits import TOOK_TOO_LONG, PageClock
from warehouse import rows

_BATCH = 500
# Loads the tokenizer, which takes longer than a page may.
_FIRST = ArticleText("Cổng Dịch vụ công quốc gia", None, "Cổng Dịch vụ công quốc gia mở thêm dịch vụ.", None, None)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What an archive file holds besides its captures."""

    captures: int
    damages: tuple[Damage, ...]
    log: CrawlLog | None


class FactsReader:
    """Reads archive files under one configuration. Made once per process: compiling the topics is not free."""

    def __init__(self, config: Config) -> None:
        self._by_host = {host: outlet for outlet in config.outlets for host in outlet.every_host}
        self._topics: CompiledTopics = compile_topics(config.topics)
        self._facets: CompiledFacets = compile_facets(config.facets)
        find_mentions(_FIRST, self._topics)

    def write(
        self, warc: Path, name: str, parquet: Path, clock: PageClock | None = None, skip: Collection[int] = ()
    ) -> FileFacts:
        """Reads `warc`, known as `name`, and writes `parquet` (aside, then renamed). Raises NotAWarc.

        With a `clock` a page that takes too long ends this process; `skip` are the offsets of pages that did.
        """
        captures, damages, log = 0, [], None
        recovery = Recovery(name)
        pending: list[dict[str, Any]] = []
        aside = parquet.with_name(parquet.name + ".part")
        with pq.ParquetWriter(aside, rows.CAPTURES, compression="zstd") as writer:
            for item in read_warc(warc):
                if isinstance(item, Damage):
                    damages.append(item)
                    continue
                recovery.see(item)
                if item.url == LOG_URI:
                    found = read_log(item)
                    if isinstance(found, Damage):
                        damages.append(found)
                    else:
                        log = found
                elif item.capture and (row := self._row(item.capture, name, clock, skip)):
                    captures += 1
                    pending.append(row)
                    if len(pending) == _BATCH:
                        writer.write_table(pa.Table.from_pylist(pending, schema=rows.CAPTURES))
                        pending = []
            writer.write_table(pa.Table.from_pylist(pending, schema=rows.CAPTURES))
        aside.replace(parquet)
        return FileFacts(captures, tuple(damages), log or recovery.log())

    def _row(
        self, capture: Capture, name: str, clock: PageClock | None, skip: Collection[int]
    ) -> dict[str, Any] | None:
        url = normalize_url(capture.url)
        outlet = self._outlet(url)
        if url is None or outlet is None or not capture.is_page(url, outlet):
            return None
        identity = article_id(outlet, url)
        row: dict[str, Any] = {
            "archive_file": name,
            "archive_offset": capture.offset,
            "article_id": identity,
            "outlet_id": outlet.id,
            "url": url,
            "captured_at": capture.time,
            "status": capture.status,
            "payload_digest": capture.digest,
            "revisit": capture.revisit,
        }
        if capture.revisit:
            return row
        if capture.offset in skip:
            return row | {"problem": TOOK_TOO_LONG}
        with clock.page(capture.offset) if clock else nullcontext():
            shown = self._shown(capture, url, outlet, identity)
        return row | shown if shown else None

    def _shown(self, capture: Capture, url: str, outlet: Outlet, identity: str) -> dict[str, Any] | None:
        """The article that the page shows, or the problem with it; None where it is no article at all."""
        if not capture.good:
            return {"problem": capture.failed or f"http_{capture.status}"}
        if not outlet.is_article(url):
            # Our crawler asked for an article, and a removed one often leads to the home page.
            return (
                {"problem": "redirected_elsewhere"} if capture.kind else self._by_layout(capture, url, outlet, identity)
            )
        try:
            body = capture.body()
            if is_challenge(body):
                return {"problem": "challenge"}
            return self._facts(extract(body, url, capture.header("Content-Type"), outlet, capture.time), identity)
        except (NotAnArticle, BodyError) as error:
            return {"problem": error.reason}
        except Exception as error:  # noqa: BLE001 (whatever a page does to a parser, the pages around it are read)
            return {"problem": f"crashed_{type(error).__name__}"}

    def _by_layout(self, capture: Capture, url: str, outlet: Outlet, identity: str) -> dict[str, Any] | None:
        """The article at an address that does not tell, if the page has the layout of one and lacks nothing of it. The
        18 home and section pages of shared/press fit none."""
        try:
            article = extract(capture.body(), url, capture.header("Content-Type"), outlet, capture.time)
        except Exception:  # noqa: BLE001 (as in _shown; of a page that nobody called an article nothing is told)
            return None
        return None if article.layout == FALLBACK or article.unread else self._facts(article, identity)

    def _facts(self, article: Article, identity: str) -> dict[str, Any]:
        text = ArticleText(article.title, article.sapo, article.body, article.captions, article.published)
        mentions = find_mentions(text, self._topics)
        like = likeness(article.body)
        return {
            "version_id": f"{identity}-{_text_digest(article)}",
            "title": article.title,
            "sapo": article.sapo,
            "body": article.body,
            "captions": article.captions,
            "authors": list(article.authors),
            "section": article.sections[-1] if article.sections else None,
            "section_path": list(article.sections),
            "kicker": article.kicker,
            "kinds": [kind for kind, _ in article.paragraphs if kind != "caption"],
            "credit": article.credit,
            "tags": list(article.tags),
            "genre": article.genre,
            "language": article.language,
            "links": list(article.links),
            "published_at": _utc(article.published),
            "modified_at": _utc(article.modified),
            "canonical_url": article.canonical,
            "layout": article.layout,
            "unread": list(article.unread),
            "word_count": len(f"{article.sapo or ''} {article.body}".split()),
            "body_hash": body_hash(article.body),
            "mentions": [_positioned(asdict(mention)) for mention in mentions],
            "facets": [
                *(_positioned(asdict(facet)) for facet in tag_facets(text, mentions, self._facets)),
                *(_tone(mention) for mention in propose_tones(mentions, self._facets)),
            ],
            **(like.row() if like else {}),
        }

    def _outlet(self, url: str | None) -> Outlet | None:
        return self._by_host.get(url.split("/", 3)[2]) if url else None


def article_id(outlet: Outlet, url: str) -> str:
    """The article's identity: a digest of outlet and normalised address, the same for all spellings of its host."""
    address = outlet.canonical(url).partition("://")[2].removeprefix("www.")
    return hashlib.sha256(f"{outlet.id} {address}".encode()).hexdigest()[:16]


def body_hash(body: str) -> str:
    """Equal for bodies that differ only in case, punctuation, white space and the form of their Unicode."""
    return hashlib.sha256(" ".join(words(body)).encode()).hexdigest()[:16]


def _text_digest(article: Article) -> str:
    text = "\0".join((article.title or "", article.sapo or "", article.body))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _tone(mention: Mention) -> dict[str, Any]:
    """A sentence proposed as criticism, where its first mention stands; the view `tones` reads it."""
    where = {"field": mention.field, "start_pos": mention.start, "end_pos": mention.end}
    return {"kind": "tone", "value": mention.topic, "surface": mention.sentence, **where}


def _positioned(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "start_pos": found["start"], "end_pos": found["end"]}


def _utc(time: dt.datetime | None) -> dt.datetime | None:
    return time.astimezone(dt.UTC) if time else None
