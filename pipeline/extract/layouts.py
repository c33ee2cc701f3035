"""Reading a page by its outlet's dated layouts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from config.outlets import Layout
from pipeline.extract import authors, blocks, times


@dataclass(frozen=True, slots=True)
class Found:
    """What the page prints, before it is compared with its metadata."""

    layout: str
    title: str | None
    sapo: str | None
    body: list[str]
    captions: list[str]
    authors: tuple[str, ...]
    section: str | None
    published: dt.datetime | None


def read(tree: LexborHTMLParser, layouts: Iterable[Layout], day: dt.date, outlet: str) -> Found | None:
    """The page by the first layout whose title and body find text; those in use on `day` are tried first."""
    for layout in sorted(layouts, key=lambda layout: not _in_use(layout, day)):
        title = blocks.first_text(tree, layout.title)
        body = next((node for node in tree.css(layout.body) if node.text(strip=True)), None) if title else None
        if title and body is not None:
            found = _read(tree, layout, title, body, outlet)
            if found.body:
                return found
    return None


def _in_use(layout: Layout, day: dt.date) -> bool:
    return (layout.since is None or layout.since <= day) and (layout.until is None or day <= layout.until)


def _read(tree: LexborHTMLParser, layout: Layout, title: str, body: LexborNode, outlet: str) -> Found:
    sapo = blocks.first_text(tree, layout.sapo)
    section = blocks.first_text(tree, layout.section)
    published = next(
        (time for node in tree.css(layout.published or "none") if (time := times.printed(blocks.line(node)))),
        None,
    )
    for selector in layout.drop:
        blocks.remove(body.css(selector))
    blocks.remove(blocks.pointers(body))
    captions = _take_captions(body, layout.captions)
    signed = _signatures(tree, body, layout.author, outlet)
    return Found(layout.id, title, sapo, blocks.paragraphs(body), captions, signed, section, published)


def _take_captions(body: LexborNode, selector: str | None) -> list[str]:
    if selector is None:
        return []
    nodes = body.css(selector)
    texts = list(dict.fromkeys(text for text in map(blocks.line, nodes) if text))
    blocks.remove(nodes)
    return texts


def _signatures(tree: LexborHTMLParser, body: LexborNode, selector: str | None, outlet: str) -> tuple[str, ...]:
    """Names printed outside the body, else by the last byline within it, which then leaves the body.

    A paragraph set to the right in mid-text may be a verse or a quotation; only the last one can sign.
    """
    if selector is None:
        return ()
    within = body.css(selector)
    outside = [node for node in tree.css(selector) if not any(node == inner for inner in within)]
    named = tuple(dict.fromkeys(name for node in outside for name in authors.names(blocks.line(node), outlet)))
    signing = [node for node in within if (text := blocks.line(node)) and authors.is_byline(text)]
    if signing:
        text = blocks.line(signing[-1])
        signing[-1].decompose()
        named = named or authors.names(text, outlet)
    return named
