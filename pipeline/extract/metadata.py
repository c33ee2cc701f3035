"""What a page says about itself for machines: JSON-LD, OpenGraph, meta.

Every field is a claim by whoever made the page, kept apart from what it prints for readers.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from pipeline.extract import times
from pipeline.extract.text import clean

_ARTICLE_TYPE = re.compile(r"article|posting|report", re.I)
# Deeper or longer JSON-LD than any page needs: not followed.
_MOST_OBJECTS = 2_000
_HOME = re.compile(r"^(trang chủ|home|trang nhất)$", re.I)
_MARKUP = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Metadata:
    """`titles` and `descriptions` are in order of trust; `published` keeps the zone the page wrote."""

    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    authors: tuple[str, ...]
    sections: tuple[str, ...]
    published: tuple[dt.datetime, ...]
    modified: tuple[dt.datetime, ...]
    canonical: str | None


def read(tree: LexborHTMLParser, url: str) -> Metadata:
    objects = list(_linked_data(tree))
    articles = [found for found in objects if _ARTICLE_TYPE.search(_text(found.get("@type")))]
    meta = _meta(tree)

    def told(*keys: str) -> list[str]:
        return [meta[key] for key in keys if meta.get(key)]

    def linked(key: str) -> list[str]:
        return [text for found in articles if (text := _text(found.get(key)))]

    return Metadata(
        titles=_once(linked("headline") + told("og:title", "twitter:title", "headline")),
        descriptions=_once(linked("description") + told("og:description", "description", "twitter:description")),
        authors=_once([name for found in articles for name in _people(found.get("author"))])
        or _once(told("article:author", "author", "dable:author")),
        sections=_once(linked("articleSection") + list(_crumbs(objects)) + told("article:section", "articlesection")),
        published=_times(linked("datePublished") + told("article:published_time", "pubdate", "datepublished")),
        modified=_times(linked("dateModified") + told("article:modified_time", "lastmod", "datemodified")),
        canonical=_canonical(tree, meta, url),
    )


def _linked_data(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    """Every object of every JSON-LD block that can be read, outer ones first."""
    waiting: list[Any] = []
    for script in tree.css('script[type="application/ld+json"]'):
        try:
            # Pages leave line ends inside strings; strict=False takes them.
            waiting.append(json.loads(script.text(), strict=False))
        except (ValueError, RecursionError):
            continue
    for _ in range(_MOST_OBJECTS):
        if not waiting:
            return
        item = waiting.pop(0)
        if isinstance(item, list):
            waiting[:0] = item
        elif isinstance(item, dict):
            yield item
            waiting.extend(value for key, value in item.items() if key in {"@graph", "mainEntity"})


def _meta(tree: LexborHTMLParser) -> dict[str, str]:
    """The first value of each name, property or itemprop, in lower case. One <meta> may carry two of them."""
    found: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        content = clean(node.attributes.get("content"))
        for kind in ("property", "name", "itemprop"):
            key = (node.attributes.get(kind) or "").lower()
            if key and content:
                found.setdefault(key, content)
    return found


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(_text(item) for item in value if isinstance(item, str))
    return clean(html.unescape(_MARKUP.sub(" ", value))) if isinstance(value, str) else ""


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
                if name and not _HOME.match(name):
                    yield name


def _times(texts: list[str]) -> tuple[dt.datetime, ...]:
    return tuple(dict.fromkeys(time for time in map(times.machine, texts) if time is not None))


def _once(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _canonical(tree: LexborHTMLParser, meta: dict[str, str], url: str) -> str | None:
    link = tree.css_first('link[rel="canonical"][href]')
    for claim in ((link.attributes.get("href") if link else None), meta.get("og:url")):
        if not claim or not claim.strip():
            continue
        try:
            address = urljoin(url, claim.strip())
            parts = urlsplit(address)
        except ValueError:
            continue
        # A front page named as canonical is a template's mistake, and would make all its articles one.
        if parts.scheme in {"http", "https"} and parts.hostname and parts.path not in {"", "/"}:
            return address
    return None
