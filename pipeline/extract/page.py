"""From the bytes of one page to an article."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from itertools import islice

from selectolax.lexbor import LexborHTMLParser

from config.clock import VIETNAM
from config.outlets import Outlet
from pipeline.extract import authors, decode, fallback, guard, layouts, legacy, metadata
from pipeline.extract.addresses import absolute
from pipeline.extract.article import FALLBACK, Article, NotAnArticle, Paragraph
from pipeline.extract.genre import genre
from pipeline.extract.layouts import Found
from pipeline.extract.metadata import Metadata
from pipeline.extract.text import same_words

# Clocks of outlets and archives differ; a page dated later than this after its capture is dated wrongly.
_AHEAD = dt.timedelta(days=1)
_SAME_DAY = dt.timedelta(hours=36)
# The fallback may take the head of the page for body: what stands above the standfirst is no body either.
_OPENING = 4
_PROSE_WORDS = 12
# Fewer characters than this are a picture's page, or not where the text stands; so many times more elsewhere tell.
_THIN, _MISSED = 200, 2
_VIETNAMESE = re.compile("[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]")
_SAMPLE = 4  # paragraphs
_LONGEST_SAMPLE = 200


def extract(
    payload: bytes,
    url: str,
    content_type: str | None,
    outlet: Outlet,
    captured: dt.datetime,
    use_layouts: bool = True,
) -> Article:
    """The article in `payload`, a page's body after content decoding, fetched from `url` at `captured`
    (with time zone).

    Reads it by the outlet's layouts, and by the general fallback where none fits or `use_layouts` is False.
    Raises NotAnArticle: empty_body, not_html, too_large, too_deep, undecodable, no_text.
    """
    guard.check(payload, content_type)
    by_layouts = use_layouts and bool(outlet.layouts)
    if by_layouts and decode.seems_utf8(payload):
        article = _by_layout(payload, url, outlet, captured)
        seen = f"{article.title}{article.sapo}{article.body}" if article else ""
        if article and decode.DAMAGE not in seen and legacy.is_unicode(seen):
            return article
        by_layouts = article is not None  # names are ASCII: what fits no layout fits none in another encoding
    text = decode.decode(payload, content_type)
    article = _by_layout(text, url, outlet, captured) if by_layouts else None
    return article or _by_fallback(LexborHTMLParser(text), url, outlet, captured)


def _by_layout(page: bytes | str, url: str, outlet: Outlet, captured: dt.datetime) -> Article | None:
    tree = LexborHTMLParser(page)
    told = metadata.read(tree, url, everywhere=False)
    dates = _plausible(told.published, captured)
    day = (dates[0] if dates else captured).astimezone(VIETNAM).date()
    found = layouts.read(tree, outlet.layouts, day, outlet.name)
    if found and (found.unread or _size(found) < _THIN):
        found = _beside(found, fallback.read(LexborHTMLParser(page), told, outlet.name), told)
    return _article(found, told, url, outlet, captured) if found else None


def _beside(found: Found, other: Found, told: Metadata) -> Found | None:
    """A layout's finding that lacks something, beside the fallback's: with what only that one sees, or None where the
    layout has missed the text."""
    if _size(found) < _THIN and _size(other) > _MISSED * (_size(found) + _THIN):
        return None
    sapo = other.sapo if other.sapo and any(same_words(other.sapo, claim) for claim in told.descriptions) else None
    published = None if told.published else other.published
    return replace(found, sapo=found.sapo or sapo, published=found.published or published)


def _size(found: Found) -> int:
    """Characters of the text, without captions."""
    return sum(len(text) for kind, text in found.paragraphs if kind != "caption")


def _by_fallback(tree: LexborHTMLParser, url: str, outlet: Outlet, captured: dt.datetime) -> Article:
    told = metadata.read(tree, url, everywhere=True)
    article = _article(fallback.read(tree, told, outlet.name), told, url, outlet, captured)
    if article is None:
        raise NotAnArticle("no_text")
    return article


def _article(found: Found, told: Metadata, url: str, outlet: Outlet, captured: dt.datetime) -> Article | None:
    """What the page prints and what it says of itself, joined; None where no text is left."""
    paragraphs = _paragraphs(found)
    signed, credit, bylines = found.authors, found.credit, found.bylines
    places = [place for place, (kind, _) in enumerate(paragraphs) if kind != "caption"]
    if len(places) > 1 and authors.signs(last := paragraphs[places[-1]][1], before=paragraphs[places[-2]][1]):
        signed = signed or authors.names(last, outlet.name)
        credit = credit or authors.credit([last], outlet.name)
        bylines = [*bylines, last]
        del paragraphs[places[-1]]
    if not paragraphs and not found.sapo:
        return None
    title = found.title or (told.titles[0] if told.titles else None)
    sections = _sections(found, told)
    labels = [label for label in (found.genre, found.kicker, *reversed(sections)) if label]
    return Article(
        title=title,
        kicker=found.kicker,
        sapo=found.sapo,
        paragraphs=tuple(paragraphs),
        authors=signed or _told_authors(told, outlet.name),
        credit=credit,
        sections=sections,
        tags=found.tags or told.tags,
        genre=genre(labels, title, bylines, told.kinds),
        language=_language(paragraphs, told),
        links=tuple(address for link in found.links if (address := absolute(link, url))),
        published=_published(found, told, captured),
        modified=next((time.astimezone(VIETNAM) for time in _plausible(told.modified, captured)), None),
        canonical=told.canonical,
        layout=found.layout,
        unread=found.unread,
    )


def _paragraphs(found: Found) -> list[Paragraph]:
    """Without what is stored elsewhere: a standfirst repeated at the top, a caption printed twice."""
    paragraphs = list(found.paragraphs)
    by_layout = found.layout != FALLBACK
    heads = [head for head in ((found.sapo,) if by_layout else (found.sapo, found.title)) if head]
    body = islice(
        (place for place, (kind, _) in enumerate(paragraphs) if kind != "caption"), 1 if by_layout else _OPENING
    )
    repeated = [place for place in body if any(same_words(paragraphs[place][1], head) for head in heads)]
    if repeated:
        above, below = paragraphs[: repeated[-1] + 1], paragraphs[repeated[-1] + 1 :]
        apart = [entry for place, entry in enumerate(above) if place not in repeated]
        paragraphs = [(kind, text) for kind, text in apart if kind == "caption" or _is_prose(text)] + below
    captions = {text for kind, text in paragraphs if kind == "caption"}
    if not captions:
        return paragraphs
    kept = [(kind, text) for kind, text in paragraphs if kind == "caption" or text not in captions]
    first = {entry: place for place, entry in reversed(list(enumerate(kept)))}
    return [entry for place, entry in enumerate(kept) if entry[0] != "caption" or first[entry] == place]


def _is_prose(text: str) -> bool:
    """Whether a line above the standfirst is text, and no label or date of the head of the page."""
    return len(text.split()) >= _PROSE_WORDS


def _sections(found: Found, told: Metadata) -> tuple[str, ...]:
    """The path of the section; a printed section that the path does not end in is where it ends."""
    if found.section is None or found.section in told.sections or metadata.is_home(found.section):
        return told.sections
    return (found.section,)


def _language(paragraphs: list[Paragraph], told: Metadata) -> str | None:
    """The page's own word, but for Vietnamese text, which shows itself; templates leave lang="en" standing."""
    sample = "".join(text for _, text in paragraphs[:_SAMPLE])[:_LONGEST_SAMPLE].lower()
    vietnamese = len(_VIETNAMESE.findall(sample)) * 20 > len(sample)
    return "vi" if vietnamese else told.language if told.language != "vi" else None


def _told_authors(told: Metadata, outlet: str) -> tuple[str, ...]:
    return authors.names("\n".join(told.authors), outlet)


def _published(found: Found, told: Metadata, captured: dt.datetime) -> dt.datetime | None:
    """The printed time where a layout says where it stands; else the one that print and metadata agree on, or
    metadata's.

    Metadata can have the wrong zone (VnExpress, February 2019: +08:00 in meta, the same hour printed as GMT+7).
    """
    printed = next(iter(_plausible((found.published,) if found.published else (), captured)), None)
    if printed and found.layout != FALLBACK:
        return printed.astimezone(VIETNAM)
    told_time = next(iter(_plausible(told.published, captured)), None)
    # The fallback looks for a time where it usually stands: one that metadata deny by days was another thing's.
    chosen = printed if told_time is None or (printed and abs(printed - told_time) < _SAME_DAY) else told_time
    return chosen.astimezone(VIETNAM) if chosen else None


def _plausible(dates: tuple[dt.datetime, ...], captured: dt.datetime) -> tuple[dt.datetime, ...]:
    return tuple(date for date in dates if date <= captured + _AHEAD)
