"""Reading a page no layout fits, by what the pages of the Vietnamese press share whatever their classes are called:
where headline, standfirst, date and signature stand, and that an article is the text that is not links."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.extract import authors, blocks, region, runs, times
from pipeline.extract.article import FALLBACK, Paragraph
from pipeline.extract.layouts import Found
from pipeline.extract.metadata import Metadata
from pipeline.extract.runs import Run
from pipeline.extract.text import clean, same_words, starts_like, words

# Names that the press's content systems share for the standfirst, the byline and the section.
_SAPO = (
    "[data-role='sapo'], [data-slot='sapo'], [class~='sapo'], [class*='-sapo'], [class*='sapo_'], [class*='sapo-'], "
    "p.description, .cms-desc, .article__sapo, .the-article-summary, .detail__summary, .ArticleLead, p.abs, "
    ".short_intro, .SGTOSummary"
)
_BYLINE = (
    ".author_mail, .author-item, [data-role='author'], [class~='author'], [class*='author__'], [class*='-author'], "
    "[class*='__author'], p.news-info, [class*='author'] h4 a, .pAuthor, [class*='Author'], [rel='author'], "
    "[itemprop='author']"
)
_SECTION = "[data-role='cate-name'], a.category-name_ac, .the-article-category a, .cat-name-detail a"
_RIGHT = "p[style*='right'], div[style*='right'], p[align='right'], div[align='right']"
_SITE_NAME = re.compile(r"\s+[-–|»]\s+")
_HEADINGS = ("h1", "h2", "h3", "h4")
_LONGEST_DATE = 100
_SAPO_LENGTHS = range(20, 1500)
# How many runs of text lie at most between a headline and its date, between a date and the name beside it.
_NEAR, _BESIDE = 15, 3
# A signature is of so many lines at most ("Name", "Theo paper", "Photos: name").
_SIGNING = 3
_SENTENCE_WORDS = 8
# A standfirst is among so many first paragraphs of the body.
_OPENING = 3
# The letter in the round picture beside a name.
_INITIAL = re.compile(r"^(\w) (?=\1)")


def read(tree: LexborHTMLParser, meta: Metadata, outlet: str) -> Found:
    """Consumes `tree`: what is no article is cut out of it."""
    root = tree.body or tree.root
    section = blocks.first_text(tree, _SECTION)
    sapos = [text for text in map(blocks.line, tree.css(_SAPO)) if len(text) in _SAPO_LENGTHS]
    bylines = _bylines(tree, outlet)
    if root is not None:
        region.strip(root)
        region.frame_captions(root, (*meta.titles, *meta.descriptions))
    page = runs.read(root) if root is not None else []
    title, place = _title(page, tree, meta)
    body, below = _body(page, place)
    published = _published(page, place)
    if body is None:
        return _found(title, None, [], bylines, outlet, section, published, ())
    within = region.inside(body)
    places = [place for place, run in enumerate(below) if run.block.mem_id in within]
    lead, after = below[: places[0]], below[places[-1] + 1 :][:_BESIDE]
    region.tidy(body)
    links = blocks.links(body)
    printed = runs.read(body)
    paragraphs = _paragraphs(body, printed, {text for text in (title, *bylines) if text}, published)
    sapo = _sapo([text for text in sapos if not same_words(text, title or "")], lead, paragraphs, printed, meta)
    paragraphs, signature = _signature(paragraphs, printed)
    bylines = bylines or signature or _under(after, outlet) or _beside_date(page, place, outlet)
    return _found(title, sapo, paragraphs, bylines, outlet, section, published, links)


def _found(
    title: str | None,
    sapo: str | None,
    paragraphs: list[Paragraph],
    bylines: list[str],
    outlet: str,
    section: str | None,
    published: dt.datetime | None,
    links: tuple[str, ...],
) -> Found:
    return Found(
        layout=FALLBACK,
        title=title,
        sapo=sapo,
        paragraphs=paragraphs,
        authors=authors.names("\n".join(bylines), outlet),
        bylines=bylines,
        credit=authors.credit(bylines, outlet),
        section=section,
        published=published,
        links=links,
    )


def _title(page: Sequence[Run], tree: LexborHTMLParser, meta: Metadata) -> tuple[str | None, int | None]:
    """The printed headline and its place. Metadata choose among what is printed, and stand in where nothing fits."""
    claims = [*meta.titles, *_title_tag(tree)]
    for claim in claims:
        printed = [place for place, run in enumerate(page) if same_words(run.text, claim)]
        if printed:
            best = min(printed, key=lambda place: (_rank(page[place]), place))
            return page[best].text, best
    told = {word for claim in claims for word in words(claim)}
    headlines = [place for place, run in enumerate(page) if run.block.tag == "h1" and len(run.text.split()) > 1]
    for place in headlines:
        # A claim that shares no word with the only headline is a template's ("Document").
        if not told or told & set(words(page[place].text)) or (len(headlines) == 1 and len(told) < 3):
            return page[place].text, place
    if claims:
        return claims[0], None
    headings = (place for place, run in enumerate(page) if run.block.tag in _HEADINGS and not run.is_link)
    first = next(headings, None)
    return (None, None) if first is None else (page[first].text, first)


def _body(page: Sequence[Run], place: int | None) -> tuple[LexborNode | None, Sequence[Run]]:
    """The block of the article, and the runs that it was looked for among: those under the headline, unless little text
    is there and much elsewhere (a headline repeated in a form at the end of the page)."""
    anywhere = region.find(page)
    if place is None or anywhere is None:
        return anywhere, page
    below = page[place + 1 :]
    body = region.find(below)
    if body is None or region.prose(below, region.inside(body)) * 3 < region.prose(page, region.inside(anywhere)):
        return anywhere, page
    return body, below


def _rank(run: Run) -> tuple[bool, int]:
    """Of equal texts the headline is the one that is no link, and stands in the highest heading."""
    tag = run.block.tag or ""
    return run.is_link, _HEADINGS.index(tag) if tag in _HEADINGS else len(_HEADINGS)


def _title_tag(tree: LexborHTMLParser) -> list[str]:
    """The <title>, then its parts between separators, one of which is the outlet's name."""
    node = tree.css_first("head > title")
    whole = clean(node.text()) if node else ""
    parts = _SITE_NAME.split(whole)
    return [
        text
        for text in dict.fromkeys([whole, *(part for part in parts if len(part.split()) > 2), max(parts, key=len)])
        if text
    ]


def _published(page: Sequence[Run], place: int | None) -> dt.datetime | None:
    """Of the times printed in lines of their own the one nearest to the headline; below it counts as nearer, for above
    stands today's date."""
    if place is None:
        return next((time for run in page if (time := _time(run))), None)
    near = sorted(range(len(page)), key=lambda other: other - place if other > place else 2 * (place - other))
    return next((time for other in near if (time := _time(page[other]))), None)


def _time(run: Run) -> dt.datetime | None:
    return times.printed(run.text) if len(run.text) <= _LONGEST_DATE else None


def _sapo(
    hinted: list[str], lead: Sequence[Run], paragraphs: list[Paragraph], body: Sequence[Run], meta: Metadata
) -> str | None:
    """The printed standfirst. A description that the page prints nowhere was written for search engines."""
    captions = {text for kind, text in paragraphs if kind == "caption"}
    captions |= {run.text for run in lead if run.block.tag == "figcaption"}
    spoken = [text for kind, text in paragraphs if kind != "caption"]
    between = [run.text for run in lead if not run.is_link and run.text not in captions and not _time(run)]
    printed: list[str] = [*hinted, *between, *(spoken[:_OPENING] if len(spoken) > 1 else [])]
    for claim in meta.descriptions:
        for text in printed:
            if same_words(text, claim) or starts_like(text, claim):
                return text
    if hinted:
        return hinted[0]
    sentence = next((text for text in between if len(text.split()) >= _SENTENCE_WORDS), None)
    return sentence or _set_apart(spoken, body)


def _set_apart(spoken: Sequence[str], body: Sequence[Run]) -> str | None:
    """The first paragraph of the body, where it looks unlike most of the others."""
    looks = {run.text: _look(run) for run in body}
    usual = Counter(looks[text] for text in spoken[1:] if text in looks).most_common(1)
    if not usual or spoken[0] not in looks or looks[spoken[0]] == usual[0][0]:
        return None
    first: str = spoken[0]
    return first if len(first.split()) >= _SENTENCE_WORDS else None


def _look(run: Run) -> tuple[str | None, str | None, bool]:
    return run.block.tag, run.block.attributes.get("class"), run.is_bold


def _paragraphs(
    body: LexborNode, printed: Sequence[Run], told_elsewhere: set[str], published: dt.datetime | None
) -> list[Paragraph]:
    links = {run.text for run in printed if _only_links(run)}
    found = [
        (kind, text)
        for kind, text in blocks.read(body)
        if text not in told_elsewhere
        and not (len(text) <= _LONGEST_DATE and published and times.printed(text) == published)
        and text not in links
    ]
    found = found[: region.end(found)]
    return [(kind, text) for kind, text in found if not region.is_furniture(text)]


def _only_links(run: Run) -> bool:
    """A line that is nothing but a link leads elsewhere; an address set as a link says something."""
    return (
        run.plain * 10 < len(run.text)
        and " " in run.text
        and run.block.tag not in _HEADINGS
        and not run.text.endswith((".", "!", ":", ";"))
    )


def _signature(paragraphs: list[Paragraph], printed: Sequence[Run]) -> tuple[list[Paragraph], list[str]]:
    """The body without the short lines at its end, where the first of them names somebody; and those lines."""
    bold = {run.text for run in printed if run.is_bold}
    places = [place for place, (kind, _) in enumerate(paragraphs) if kind != "caption"]
    for count in range(min(_SIGNING, len(places) - 1), 0, -1):
        before, *lines = (paragraphs[place][1] for place in places[-count - 1 :])
        opens = (
            authors.signs(lines[0], "." if lines[0] in bold else before)
            or authors.is_credit(lines[0])
            or authors.is_role(lines[0])
        )
        if opens and all(map(authors.is_byline, lines)):
            return [entry for place, entry in enumerate(paragraphs) if place not in places[-count:]], lines
    return paragraphs, []


def _bylines(tree: LexborHTMLParser, outlet: str) -> list[str]:
    for selector in (_BYLINE, _RIGHT):
        lines = [(node, text) for node in tree.css(selector) if (text := blocks.line(node)) and authors.is_byline(text)]
        named = [(node.attributes.get("class"), text) for node, text in lines if authors.names(text, outlet)]
        if named and selector == _RIGHT:
            return [named[-1][1]]
        if named:  # several authors stand in several elements of one class
            return [text for name, text in named if name == named[0][0]]
    return []


def _under(after: Sequence[Run], outlet: str) -> list[str]:
    """The name that stands in a line of its own under the body."""
    return next(([run.text] for run in after if _names(run, run.text, outlet)), [])


def _names(run: Run, text: str, outlet: str) -> bool:
    """Whether `text`, what counts of the run, is somebody's name and no part of a list."""
    heads = run.block.tag == "li" or _is_flush(run.text) or region.is_heading_of_links(run.text)
    return not heads and authors.signs(text, before=".") and bool(authors.names(text, outlet))


def _is_flush(text: str) -> bool:
    """Two names without a space between them are two links of a list."""
    return any(a.islower() and b.isupper() and c.islower() for a, b, c in zip(text, text[1:], text[2:], strict=False))


def _beside_date(page: Sequence[Run], place: int | None, outlet: str) -> list[str]:
    """A name in the line of the date under the headline, or in one beside it."""
    if place is None:
        return []
    below = page[place + 1 : place + 1 + _NEAR]
    dated = next((n for n, run in enumerate(below) if _time(run)), None)
    if dated is None:
        return []
    for run in sorted(below[max(dated - _BESIDE, 0) : dated + _BESIDE + 1], key=lambda run: run is not below[dated]):
        text = _INITIAL.sub("", times.without(run.text))
        if _names(run, text, outlet):
            return [text]
    return []
