"""Reading a page no layout fits: trafilatura finds the body, the page's usual marks give the rest."""

from __future__ import annotations

import datetime as dt
import re

import trafilatura
from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.extract import authors, blocks, times
from pipeline.extract.article import FALLBACK, Paragraph
from pipeline.extract.layouts import Found
from pipeline.extract.metadata import Metadata
from pipeline.extract.text import clean, same_words, starts_like, words

_NEVER_BODY = (
    "script:not([type='application/ld+json']), style, noscript, iframe, nav, footer, aside, svg, "
    "button, select, template, [type='RelatedNewsBox'], [type='RelatedOneNews'], "
    ".link-content-footer, .list-news, .list_link, .tindnd, .tinlienquan, [class*='related'], "
    "[class*='relate-'], [class*='-relate'], [class*='lienquan'], [class*='lien-quan'], "
    "[class*='comment'], [class*='breadcrumb'], [id*='comment'], [class*='tags'], [class*='social'], "
    "[class*='box-tin'], .chisochungkhoan, .link-source-wrapper, .link-source-name, p.source, "
    "[class*='banner'], .inner-article, .for-reading-mode, .wrap-adv, [class^='footer'], "
    "[id*='footer'], [class*='readmore'], [class*='news-feed'], [class*='newsfeed']"
)
_CAPTIONS = (
    "figcaption, .PhotoCMS_Caption, table.tplCaption, table.ImageBox, table.picture, td.pCaption, "
    ".imgcaption, .image_desc, p.img_chu_thich_0407, [class*='caption']"
)
_SAPO = (
    "[data-role='sapo'], [data-slot='sapo'], [class~='sapo'], [class*='-sapo'], [class*='sapo_'], "
    "[class*='sapo-'], p.description, .cms-desc, .article__sapo, .the-article-summary, "
    ".detail__summary, .ArticleLead, p.abs, .short_intro, .SGTOSummary"
)
_PERHAPS_SAPO = "[class*='lead'], [class*='summary'], [class*='desc']"
_BYLINE = (
    ".author_mail, .author-item, [data-role='author'], [class~='author'], [class*='author__'], "
    "[class*='-author'], [class*='__author'], p.news-info, address, [class*='author'] h4 a, "
    "[class*='p-author'], .pAuthor, [class*='Author'], .kbwcm-author, [rel='author'], "
    "[itemprop='author']"
)
_TIME = (
    "[data-role='publishdate'], .detail-time, .pdate, span.date, span.time, [class*='publish'], "
    "[class*='date-time'], .ArticleDateTime, .ArticleDate, .date-time, .kbwcm-time, time, "
    ".created-date, .date-created, [class*='datetime'], [class*='post-time'], [class*='__meta'], "
    "[class*='timeandcat'], [class*='date' i], [class*='time' i], .fon7"
)
_HEADLINE = (
    "h1, .cms-title, [class*='detail-title'], [class*='title-detail'], [class*='title_detail'], .SGTOTitle, h2, h3"
)
_SITE_NAME = re.compile(r"\s+[-|–]\s+[^-|–]{2,40}$")
_SECTION = "[data-role='cate-name'], a.category-name_ac, .the-article-category a, .cat-name-detail a"
_RIGHT = "p[style*='right'], div[style*='right'], p[align='right'], div[align='right']"


def read(tree: LexborHTMLParser, meta: Metadata, outlet: str) -> Found:
    """Consumes `tree`: what is no article is cut out of it."""
    title = _title(tree, meta)
    section = meta.sections[0] if meta.sections else None
    published = next((time for node in tree.css(_TIME) if (time := times.printed(_short(node)))), None)
    if published is None and tree.body is not None:
        published = _time_under(title, blocks.paragraphs(tree.body))
    section = blocks.first_text(tree, _SECTION) or section
    signed = _signed(tree, outlet)
    sapo = _sapo(tree, meta, title)
    blocks.remove(node for node in tree.css(_NEVER_BODY) if node.css_first("h1") is None)
    blocks.remove(blocks.pointers(tree.root) if tree.root else [])
    nodes = tree.css(_CAPTIONS)
    captions: list[Paragraph] = [("caption", text) for text in dict.fromkeys(map(blocks.line, nodes)) if text]
    blocks.remove(nodes)
    headings = [text for node in tree.css("h2, h3, h4") if node.css_first("a") is None and (text := blocks.line(node))]
    body = _with_headings(_body(tree.html or ""), headings, blocks.paragraphs(tree.body) if tree.body else [])
    if sapo is None:
        sapo = _described(body, meta)
    paragraphs: list[Paragraph] = [("paragraph", text) for text in body] + captions
    return Found(
        layout=FALLBACK,
        title=title,
        sapo=sapo,
        paragraphs=paragraphs,
        authors=signed,
        bylines=[],
        credit=None,
        section=section,
        published=published,
        links=(),
    )


def _short(node: LexborNode) -> str:
    text = clean(node.text())
    stamp = node.attributes.get("datetime") or ""
    return (text or stamp) if len(text) <= 120 else ""


def _time_under(title: str | None, page: list[str]) -> dt.datetime | None:
    """The first short line with a date and a clock below the headline; above it stands today's date."""
    below = page[page.index(title) + 1 :] if title in page else []
    return next((time for text in below if len(text) <= 80 and (time := times.printed(text))), None)


def _title(tree: LexborHTMLParser, meta: Metadata) -> str | None:
    """The printed headline. Metadata chooses among several, and stands in where the page prints none."""
    shown = [text for node in tree.css(_HEADLINE) if (text := blocks.line(node))]
    title_tag = _title_tag(tree)
    for claim in (*meta.titles, title_tag):
        for text in shown:
            if claim and same_words(text, claim):
                return text
    first = blocks.first_text(tree, "h1")
    claims = [claim for claim in (*meta.titles, title_tag) if claim]
    if first and (not claims or any(set(words(first)) & set(words(claim)) for claim in claims)):
        return first
    return claims[0] if claims else first or (shown[0] if shown else None)


def _title_tag(tree: LexborHTMLParser) -> str | None:
    node = tree.css_first("head > title")
    return _SITE_NAME.sub("", clean(node.text())) or None if node else None


def _sapo(tree: LexborHTMLParser, meta: Metadata, title: str | None) -> str | None:
    """The printed standfirst. A description that the page prints nowhere was written for search engines."""
    shown = [text for node in tree.css(_SAPO) if 5 < len(text := blocks.line(node)) < 1500] or [
        text
        for node in tree.css(_PERHAPS_SAPO)
        if 20 < len(text := blocks.line(node)) < 1500 and not same_words(text, title or "")
    ]
    for claim in meta.descriptions:
        for text in shown:
            if same_words(text, claim) or starts_like(text, claim):
                return text
    if shown:
        return next((text for text in shown if len(text) > 20), shown[0])
    for claim in meta.descriptions:
        for node in tree.css("h2, h3, h4, strong, b"):
            text = blocks.line(node)
            if len(text) > 20 and same_words(text, claim):
                return text
    return None


def _described(body: list[str], meta: Metadata) -> str | None:
    """The opening paragraph, where the page gives exactly it as its description."""
    return body[0] if len(body) > 1 and any(same_words(body[0], claim) for claim in meta.descriptions) else None


def _signed(tree: LexborHTMLParser, outlet: str) -> tuple[str, ...]:
    for selector, which in ((_BYLINE, 0), (_RIGHT, -1)):
        lines = [(node, text) for node in tree.css(selector) if (text := blocks.line(node)) and authors.is_byline(text)]
        named = [(node, found) for node, text in lines if (found := authors.names(text, outlet))]
        if named:
            signed = named[which][1]
            blocks.remove(node for node, found in named if found == signed)
            return signed
    return ()


def _with_headings(body: list[str], headings: list[str], page: list[str]) -> list[str]:
    """The body with the subheadings that stand between two of its paragraphs; trafilatura loses some."""
    missing = set(headings) - set(body)
    if not missing or len(body) < 2:
        return body
    wanted = set(body)
    places = [place for place, text in enumerate(page) if text in wanted]
    if not places:
        return body
    before: dict[str, list[str]] = {}
    waiting: list[str] = []
    for text in page[places[0] : places[-1] + 1]:
        if text in wanted:
            before.setdefault(text, waiting)
            waiting = []
        elif text in missing:
            waiting.append(text)
    return [text for paragraph in body for text in (*before.pop(paragraph, []), paragraph)]


def _body(html: str) -> list[str]:
    # deduplicate=True would remember paragraphs from one page to the next.
    text = trafilatura.extract(
        html, include_comments=False, include_tables=False, fast=True, deduplicate=False, output_format="txt"
    )
    return [line for line in map(clean, (text or "").split("\n")) if line]
