"""What became of an outlet's addresses when each was asked once: a verdict and a sentence for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin, urlsplit

from w3lib.url import safe_url_string

from archive.capture import BodyError, Capture
from archive.crawl_log import LOG_URI, CrawlLog, SourceKind, SourceLog
from archive.read import Damage, read_log, read_warc
from config.clock import VIETNAM
from config.outlets import Outlet
from crawler.challenges import is_login
from crawler.feeds import parse_feed
from crawler.sitemaps import parse_sitemap
from crawler.sources import joined

Verdict = Literal["alive", "moved", "stale", "dead", "malformed", "refused", "challenge", "not_asked"]

#: A daily paper's feed whose newest item is older than this has been given up.
STALE_AFTER = dt.timedelta(days=7)
#: What `verified` begins with where this program wrote it: only that may be written anew.
WRITTEN_BY_US = "diembao outlets "

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS = 10

_DEAD = {
    "no_such_host": "the host doesn't exist",
    "connection_refused": "the host takes no connection",
    "connection_lost": "the host hung up",
    "download_timeout": "no answer came in time",
    "response_data_loss": "the answer ended before its end",
    "bad_response": "what came is no HTTP answer",
    "certificate": "the host's certificate isn't valid",
    "host_down": "the host stopped answering during the check",
    "retry_after": "the host asks to be left alone for longer than a check waits",
    "robots_unavailable": "its robots.txt can't be had, and until it can nothing else may be asked",
    "too_many_redirects": "its redirects have no end",
    "no_location": "it redirects, but doesn't say where to",
    "not_web_address": "it redirects to something that is no web address",
}
_MALFORMED = {
    "html": "a web page came where a feed or sitemap should be",
    "empty_body": "the answer is empty",
    "unreadable": "what came can't be read",
    "no_items": "the feed holds no item",
    "items_without_link": "some of its items have no address",
    "truncated": "it ends in the middle",
    "truncated_body": "it ends in the middle",
    "future_date": "some of its items have a time in the future",
    "unread_dates": "some of its items have a time that can't be read",
    "not_a_sitemap": "what came is no sitemap",
    "no_entries": "the sitemap lists nothing",
    "entries_without_address": "some of its entries have no address",
    "undated_entries": "it lists more than a thousand pages without a time: an inventory, not what is new",
    "malformed": "its XML is broken",
    "bad_gzip": "its gzip is broken",
    "bad_encoding": "it can't be unpacked",
    "unknown_encoding": "it is packed in a way we don't know",
    "too_large": "it is larger than a sitemap may be",
    "too_many_entries": "it lists more than a sitemap may",
    "body_too_large": "it is larger than `body_limit_mb` of crawl.yaml allows",
    "no_links": "no link of the page is an article address by the outlet's `article_urls`",
    "no_article_links": "none of its items is an article address by the outlet's `article_urls`: correct those",
}
_REFUSED = {
    "robots": "robots.txt forbids it",
    "private_address": "the host leads into a private network",
    "foreign_host": "its host isn't one of the outlet's `domains`",
}


@dataclass(frozen=True, slots=True)
class AddressFinding:
    """One address and what it answered. `articles` of its `items` are article addresses of the outlet; `verified` is
    what the file says of it, None where it is off."""

    outlet: str
    kind: SourceKind
    url: str
    verdict: Verdict
    says: str
    reason: str | None = None
    items: int | None = None
    articles: int | None = None
    newest: dt.datetime | None = None
    moved_to: str | None = None
    verified: str | None = None

    def proof(self, day: dt.date, command: str = "check") -> str:
        """What `verified` says of an address that was seen alive."""
        newest = f", newest {self.newest.astimezone(VIETNAM):%d/%m/%Y}" if self.newest else ""
        return f"{WRITTEN_BY_US}{command}: alive, {_count(self.kind, self.items)}{newest}, on {day}"


@dataclass(frozen=True, slots=True)
class Visit:
    """One crawl of one outlet, read back from its archive files: its log, and the last answer of each address."""

    log: CrawlLog
    answers: dict[str, Capture]

    def led_to(self, url: str) -> str:
        """Where the redirects from `url` lead, whether or not we asked there."""
        for _ in range(_MOST_REDIRECTS):
            answer = self.answers.get(safe_url_string(url))
            where = answer.header("Location") if answer and answer.status in _REDIRECTS else None
            try:
                url = urljoin(url, where or "")
                urlsplit(url).port  # noqa: B018 (raises for a port that is none)
            except ValueError:
                break
            if not where:
                break
        return url

    def body(self, url: str) -> bytes | None:
        """What was read in the end, unpacked; None where nothing was."""
        answer = self.answers.get(safe_url_string(self.led_to(url)))
        if answer is None or answer.status != 200 or answer.revisit:
            return None
        try:
            return answer.body()
        except BodyError:
            return None

    def pages(self) -> list[Capture]:
        """The pages that were fetched as samples, where an article's page came."""
        fetched = [page.final_url or page.url for page in self.log.pages if page.outcome == "fetched"]
        return [answer for url in fetched if (answer := self.answers.get(url)) and answer.status == 200]

    def robots_sitemaps(self) -> list[str]:
        """What the `Sitemap:` lines of the outlet's robots.txt name."""
        found: dict[str, None] = {}
        for source in self.log.sources:
            text = self.body(source.url) if source.kind == "robots" else None
            for line in (text or b"").decode("utf-8", "replace").splitlines():
                name, _, where = line.partition(":")
                if name.strip().lower() == "sitemap" and (address := joined(source.url, where.strip())):
                    found[address] = None
        return list(found)


def read_visit(files: Iterable[Path]) -> Visit | None:
    """The visit that closed archive files tell of; None where none holds a log. Raises NotAWarc."""
    answers: dict[str, Capture] = {}
    log: CrawlLog | None = None
    for file in files:
        for record in read_warc(file):
            if isinstance(record, Damage):
                continue
            if record.capture:
                answers[record.capture.url] = record.capture
            elif record.url == LOG_URI and isinstance(found := read_log(record), CrawlLog):
                log = found
    return Visit(log, answers) if log else None


def judge(outlet: Outlet, visit: Visit, owner: Callable[[str], str | None]) -> list[AddressFinding]:
    """A finding for each address of the outlet's file. `owner` names the outlet that a host belongs to."""
    answered = {source.url: source for source in visit.log.sources}
    findings = []
    for kind, source in outlet.sources:
        log = answered.get(source.url)
        if log is None:
            says = f"the check ended before its turn ({visit.log.finish}); check this outlet alone"
            findings.append(AddressFinding(outlet.id, kind, source.url, "not_asked", says, verified=source.verified))
        else:
            findings.append(_finding(outlet, log, visit, owner, source.verified))
    return findings


def _finding(
    outlet: Outlet, log: SourceLog, visit: Visit, owner: Callable[[str], str | None], verified: str | None
) -> AddressFinding:
    led_to = visit.led_to(log.url)
    moved_to = log.moved_to or (led_to if led_to != log.url else None)
    articles = _articles(outlet, log, visit)
    newest = dt.datetime.fromisoformat(log.newest) if log.newest else None
    age = visit.log.now - newest if newest else dt.timedelta(0)
    verdict, reason = _verdict(log, moved_to, articles, age)
    if verdict == "malformed" and log.status is None and _robots_failed(log, visit):
        verdict, reason = "dead", "robots_unavailable"
    if verdict in ("alive", "stale"):
        says = _what_came(log, articles, newest)
        if verdict == "stale":
            says = f"its newest item is {age.days} days old: {says}"
    elif verdict == "moved":
        came = f", which answers: {_what_came(log, articles, newest)}" if log.outcome == "ok" else ", not asked there"
        says = f"it leads to {moved_to}{came}. {_whose(outlet, moved_to or '', owner)}"
    else:
        there = f"it leads to {moved_to}, and there " if moved_to else ""
        says = there + _words(reason, log.items)
    return AddressFinding(
        outlet.id, log.kind, log.url, verdict, says, reason, log.items, articles, newest, moved_to, verified
    )


def _verdict(
    log: SourceLog, moved_to: str | None, articles: int | None, age: dt.timedelta
) -> tuple[Verdict, str | None]:
    reason = log.reason
    verdict: Verdict = "alive"
    if moved_to and is_login(moved_to):
        verdict, reason = "challenge", "login"
    elif reason == "challenge":
        verdict = "challenge"
    elif reason == "foreign_host" and moved_to:
        verdict = "moved"
    elif log.outcome == "refused":
        verdict = "refused"
    elif reason in _MALFORMED:
        verdict = "malformed"
    elif log.outcome != "ok":
        verdict = "dead"
    elif log.kind == "feed" and articles == 0:
        verdict, reason = "malformed", "no_article_links"
    elif moved_to:
        verdict = "moved"
    elif log.kind == "feed" and age > STALE_AFTER:
        verdict = "stale"
    return verdict, reason


def _robots_failed(log: SourceLog, visit: Visit) -> bool:
    """Whether the address failed only because its host's robots.txt did, in the same way."""
    robots = urljoin(log.url, "/robots.txt")
    return any((it.url, it.outcome, it.reason) == (robots, "failed", log.reason) for it in visit.log.sources)


def _articles(outlet: Outlet, log: SourceLog, visit: Visit) -> int | None:
    """How many of the addresses that a source announces are the outlet's articles; None where it can't be told."""
    if log.outcome != "ok" or log.kind == "section":
        return log.items
    links = announced_links(log, visit)
    return None if links is None else sum(outlet.is_article(link) for link in links)


def announced_links(log: SourceLog, visit: Visit) -> list[str] | None:
    """The normalised addresses of pages that a feed or sitemap announced; None for an index, or where nothing came."""
    body = visit.body(log.url)
    if body is None:
        return None
    if log.kind == "feed":
        return [item.url for item in parse_feed(body, visit.led_to(log.url)).items]
    sitemap = parse_sitemap(body, visit.led_to(log.url))
    return None if sitemap.kind == "index" else [entry.url for entry in sitemap.entries]


def _what_came(log: SourceLog, articles: int | None, newest: dt.datetime | None) -> str:
    time = f", newest {newest.astimezone(VIETNAM):%d/%m/%Y %H:%M}" if newest else ""
    undated = ", none with a time" if newest is None and log.kind == "feed" else ""
    share = ""
    if articles is not None and articles != log.items:
        share = f", of which {articles} are article addresses of this outlet"
    return f"{_count(log.kind, log.items)}{time}{undated}{share}"


def _count(kind: SourceKind, items: int | None) -> str:
    what = "article link" if kind == "section" else "item"
    return f"{items} {what}" if items == 1 else f"{items} {what}s"


def _words(reason: str | None, items: int | None) -> str:
    word = reason or "no reason given"
    if word == "challenge":
        return "a challenge for browsers came in place of the content"
    if word == "login":
        return "a login is asked for"
    if word.startswith("http_"):
        return f"the server answers HTTP {word.removeprefix('http_')}"
    said = (_DEAD | _MALFORMED | _REFUSED).get(word, word.replace("_", " "))
    return f"it has {items} items, but {said}" if items and word in _MALFORMED else said


def _whose(outlet: Outlet, url: str, owner: Callable[[str], str | None]) -> str:
    host = urlsplit(url).netloc
    if outlet.owns(host):
        return "Write the new address in place of the old one"
    other = owner(host)
    if other:
        return f"The host {host} belongs to outlet '{other}'"
    return f"No outlet has the host {host}: if it is this outlet's, add it to `domains` and write the new address"
