"""Reading a page by its outlet's dated layouts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from config.outlets import Layout
from pipeline.extract import authors, blocks, times
from pipeline.extract.article import Paragraph

# Boxes of other articles, by the names that the press's content systems share.
_RELATED = (
    *('[type="RelatedNewsBox"]', '[type="RelatedOneNews"]', ".detail-relate", ".article-relate", ".box-relate"),
    *(".box-tinlienquan", ".related-news", ".news-relate", ".tin-lien-quan", ".link-content-footer"),
)
# More bodies, or more elements that name title and body, no page of the press has; a page made to keep us busy has.
_MOST_BODIES, _MOST_NODES = 20, 200


@dataclass(frozen=True, slots=True)
class Found:
    """What the page prints, before it is compared with its metadata; fields as in Article."""

    layout: str
    title: str | None
    sapo: str | None
    paragraphs: list[Paragraph]
    authors: tuple[str, ...]
    bylines: list[str]
    credit: str | None
    section: str | None
    published: dt.datetime | None
    links: tuple[str, ...]
    kicker: str | None = None
    genre: str | None = None
    tags: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def read(tree: LexborHTMLParser, layouts: Iterable[Layout], day: dt.date, outlet: str) -> Found | None:
    """The page by the first layout whose title and body find text; those in use on `day` are tried first."""
    for layout in sorted(layouts, key=lambda layout: not _in_use(layout, day)):
        # A search through the whole page costs a fifth of its parse: one finds where the article stands, the others
        # begin there.
        area = _around(tree.css(f"{layout.title}, {layout.body}"))
        if area is None:
            continue
        # A selector may name elements around the area, which it can't see from within.
        title = blocks.first_text(area, layout.title) or blocks.first_text(tree, layout.title)
        if title is None:
            continue
        for body in islice(area.css(layout.body) or tree.css(layout.body), _MOST_BODIES):
            found = _read(tree, area, layout, title, body, outlet)
            if found.paragraphs:
                return found
    return None


def _in_use(layout: Layout, day: dt.date) -> bool:
    return (layout.since is None or layout.since <= day) and (layout.until is None or day <= layout.until)


def _around(nodes: list[LexborNode]) -> LexborNode | None:
    """The smallest element that holds all of `nodes`, of which there must be two."""
    if len(nodes) < 2:
        return None
    around = [nodes[0], *blocks.above(nodes[0])]
    places = {node.mem_id: place for place, node in enumerate(around)}
    shared = (
        next(places[up.mem_id] for up in (node, *blocks.above(node)) if up.mem_id in places)
        for node in islice(nodes, _MOST_NODES)
    )
    return around[max(shared)]


def _read(tree: LexborHTMLParser, area: LexborNode, layout: Layout, title: str, body: LexborNode, outlet: str) -> Found:
    def printed(selector: str | None) -> list[str]:
        """What the elements print, those around the article alone where there are some."""
        if selector is None:
            return []
        near = [text for node in area.css(selector) if (text := blocks.line(node))]
        return near or [text for node in tree.css(selector) if (text := blocks.line(node))]

    def first(selector: str | None) -> str | None:
        return next(iter(printed(selector)), None)

    sapo, section = first(layout.sapo), first(layout.section)
    published = next((time for text in printed(layout.published) if (time := times.printed(text))), None)
    credit = authors.credit(printed(layout.credit), outlet)
    # Some bodies hold the whole article, head and all.
    heads = [selector for selector in (layout.title, layout.sapo, layout.published, *layout.drop) if selector]
    out = ", ".join(dict.fromkeys((*heads, *_RELATED)))
    blocks.remove(node for node in body.css(out) if node.mem_id != body.mem_id)
    if layout.captions:
        blocks.to_captions(body.css(layout.captions))
    bylines = _bylines(area, tree, body, layout.author)
    looked_for = {"sapo": (layout.sapo, sapo), "published": (layout.published, published)}
    return Found(
        layout=layout.id,
        title=title,
        kicker=first(layout.kicker),
        sapo=sapo,
        paragraphs=blocks.read(body),
        authors=authors.names("\n".join(bylines), outlet),
        bylines=bylines,
        credit=credit or authors.credit(bylines, outlet),
        section=section,
        genre=first(layout.genre),
        tags=tuple(printed(layout.tags)),
        links=blocks.links(body),
        published=published,
        unread=tuple(field for field, (selector, value) in looked_for.items() if selector and value is None),
    )


def _bylines(area: LexborNode, tree: LexborHTMLParser, body: LexborNode, selector: str | None) -> list[str]:
    """What is printed outside the body, else the last byline within it, which leaves the body.

    A paragraph set to the right in mid-text may be a verse or a quotation; only the last one can sign.
    """
    if selector is None:
        return []
    within = {node.mem_id: node for node in body.css(selector)}
    outside = [node for node in area.css(selector) if node.mem_id not in within]
    if not within and not outside:
        outside = tree.css(selector)
    lines = [text for node in outside if (text := blocks.line(node))]
    for node in reversed(within.values()):
        text = blocks.line(node)
        if text and authors.is_byline(text):
            node.decompose()
            return lines if any(authors.names(line) for line in lines) else [*lines, text]
    return lines
