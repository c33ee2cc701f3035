"""What a page says about itself for machines: JSON-LD, OpenGraph, meta.

Every field is a claim by whoever made the page, kept apart from what it prints for readers.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.extract import times
from pipeline.extract.addresses import absolute
from pipeline.extract.text import clean

_ARTICLE_TYPE = re.compile(r"article|posting|report", re.I)
# Deeper or longer JSON-LD than any page needs: not followed.
_MOST_OBJECTS = 2_000
# Each is compared with all that the page prints.
_MOST_CLAIMS = 10
# The names under which <meta> tells each field, in order of trust.
_NAMES = {
    "titles": ("og:title", "twitter:title", "headline"),
    "descriptions": ("og:description", "description", "twitter:description"),
    "authors": ("article:author", "author", "dable:author"),
    "sections": ("article:section", "articlesection"),
    "published": ("article:published_time", "pubdate", "datepublished"),
    "modified": ("article:modified_time", "lastmod", "datemodified"),
    "tags": ("article:tag",),
    "kinds": ("og:type", "medium"),
    "language": ("inlanguage", "og:locale"),
    "canonical": ("og:url",),
}
_READ = frozenset(name for names in _NAMES.values() for name in names)
_CANONICAL = 'link[rel="canonical" i][href]'
_HOME = re.compile(r"^(trang chủ|home|trang nhất)$", re.I)
_LANGUAGE = re.compile(r"[A-Za-z]{2}(?![A-Za-z])")
_MARKUP = re.compile(r"<[^<>]+>")


@dataclass(frozen=True, slots=True)
class Metadata:
    """`titles` and `descriptions` are in order of trust; `published` keeps the zone the page wrote."""

    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    authors: tuple[str, ...]
    sections: tuple[str, ...]
    published: tuple[dt.datetime, ...]
    modified: tuple[dt.datetime, ...]
    tags: tuple[str, ...]
    kinds: tuple[str, ...]
    language: str | None
    canonical: str | None


def read(tree: LexborHTMLParser, url: str, everywhere: bool) -> Metadata:
    """What the head says or, at several times the cost, what is said `everywhere` in the page."""
    scope = tree if everywhere or tree.head is None else tree.head
    objects = list(_linked_data(scope.css('script[type="application/ld+json"]')))
    articles = [found for found in objects if _ARTICLE_TYPE.search(_text(found.get("@type")))]
    meta = _meta(scope.css("meta[content]"))
    canonical = next((node.attributes["href"] for node in scope.css(_CANONICAL)), None)

    def told(field: str) -> list[str]:
        return [text for name in _NAMES[field] for text in meta.get(name, ())]

    def linked(key: str) -> list[str]:
        return [text for found in articles if (text := _text(found.get(key)))]

    return Metadata(
        titles=_once(linked("headline") + told("titles"))[:_MOST_CLAIMS],
        descriptions=_once(linked("description") + told("descriptions"))[:_MOST_CLAIMS],
        authors=_once([name for found in articles for name in _people(found.get("author"))]) or _once(told("authors")),
        sections=_once(list(_crumbs(objects))) or _once(linked("articleSection") + told("sections")),
        published=_times(linked("datePublished") + told("published")),
        modified=_times(linked("dateModified") + told("modified")),
        tags=_once(told("tags")) or _once([tag for found in articles for tag in _listed(found.get("keywords"))]),
        kinds=_once([_text(found.get("@type")) for found in articles] + told("kinds")),
        language=_language([(tree.root.attributes.get("lang") or "") if tree.root else "", *told("language")]),
        canonical=_canonical([canonical, *told("canonical")], url),
    )


def _linked_data(scripts: Iterable[LexborNode]) -> Iterator[dict[str, Any]]:
    """Every object of every JSON-LD block that can be read, outer ones first."""
    waiting: deque[Any] = deque()
    for script in scripts:
        try:
            # Pages leave line ends inside strings; strict=False takes them.
            waiting.append(json.loads(script.text(), strict=False))
        except (ValueError, RecursionError):
            continue
    for _ in range(_MOST_OBJECTS):
        if not waiting:
            return
        item = waiting.popleft()
        if isinstance(item, list):
            waiting.extendleft(reversed(item))
        elif isinstance(item, dict):
            yield item
            waiting.extend(value for key, value in item.items() if key in {"@graph", "mainEntity"})


def _meta(nodes: Iterable[LexborNode]) -> dict[str, list[str]]:
    """The values of each name, property or itemprop that we read, in lower case. One <meta> may carry two of them."""
    found: dict[str, list[str]] = {}
    for node in nodes:
        attributes = node.attributes
        for kind in ("property", "name", "itemprop"):
            key = attributes.get(kind)
            if key and (key := key.lower()) in _READ and (content := clean(attributes["content"])):
                found.setdefault(key, []).append(content)
    return found


def _language(claims: Iterable[str]) -> str | None:
    return next((claim[:2].lower() for claim in claims if _LANGUAGE.match(claim)), None)


def _listed(value: Any) -> list[str]:
    """Keywords, whether written as a list or with commas."""
    return [clean(word) for item in (value if isinstance(value, list) else [value]) for word in _text(item).split(",")]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(_text(item) for item in value if isinstance(item, str))
    if not isinstance(value, str):
        return ""
    if "<" not in value and "&" not in value:
        return clean(value)
    try:
        return clean(html.unescape(_MARKUP.sub(" ", value)))
    except ValueError:  # a character's number of more digits than Python reads
        return clean(value)


def _people(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            # An organisation signs nothing here: the outlet's own name is no author.
            if "organization" not in _text(item.get("@type")).lower():
                yield _text(item.get("name"))
        else:
            yield _text(item)


def _crumbs(objects: list[dict[str, Any]]) -> Iterator[str]:
    for found in objects:
        steps = found.get("itemListElement")
        if _text(found.get("@type")) == "BreadcrumbList" and isinstance(steps, list):
            for step in steps:
                item = step.get("item") if isinstance(step, dict) else None
                name = _text(item.get("name")) if isinstance(item, dict) else ""
                name = name or (_text(step.get("name")) if isinstance(step, dict) else "")
                if name and not is_home(name):
                    yield name


def is_home(section: str) -> bool:
    """The step of a path that is no section."""
    return _HOME.match(section) is not None


def _times(texts: list[str]) -> tuple[dt.datetime, ...]:
    return tuple(dict.fromkeys(time for time in map(times.machine, texts) if time is not None))


def _once(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _canonical(claims: Iterable[str | None], url: str) -> str | None:
    for claim in claims:
        address = absolute(claim, url)
        # A front page named as canonical is a template's mistake, and would make all its articles one.
        if address and address.partition("://")[2].partition("/")[2]:
            return address
    return None
