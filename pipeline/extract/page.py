"""From the bytes of one page to an article."""

from __future__ import annotations

import datetime as dt

from selectolax.lexbor import LexborHTMLParser

from config.clock import VIETNAM
from config.outlets import Outlet
from pipeline.extract import authors, decode, fallback, guard, layouts, metadata, times
from pipeline.extract.article import Article, NotAnArticle
from pipeline.extract.layouts import Found
from pipeline.extract.metadata import Metadata
from pipeline.extract.text import same_words

# Clocks of outlets and archives differ; a page dated later than this after its capture is dated wrongly.
_AHEAD = dt.timedelta(days=1)
# The fallback may take the head of the page for body: what stands above the standfirst is no body either.
_OPENING = 4


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
    tree = LexborHTMLParser(decode.decode(payload, content_type))
    told = metadata.read(tree, url)
    dates = _plausible(told.published, captured)
    day = (dates[0] if dates else captured).astimezone(VIETNAM).date()
    found = layouts.read(tree, outlet.layouts, day, outlet.name) if use_layouts else None
    if found is None:
        found = fallback.read(tree, told, outlet.name)
    body = _body(found)
    signed = found.authors or _told_authors(told, outlet.name)
    if len(body) > 1 and authors.signs(body[-1], body[-2]):
        signed = found.authors or authors.names(body[-1], outlet.name)
        body = body[:-1]
    if not body:
        raise NotAnArticle("no_text")
    return Article(
        title=found.title or (told.titles[0] if told.titles else None),
        sapo=found.sapo,
        body="\n".join(body),
        captions="\n".join(found.captions) or None,
        authors=signed,
        section=found.section or (told.sections[0] if told.sections else None),
        published=_published(found, told, captured),
        modified=next((time.astimezone(VIETNAM) for time in _plausible(told.modified, captured)), None),
        canonical=told.canonical,
        layout=found.layout,
    )


def _body(found: Found) -> list[str]:
    """Without what is stored elsewhere: a standfirst repeated at the top, captions, the closing signature."""
    body = found.body
    opening = 1 if found.layout != "fallback" else _OPENING
    repeated = [place for place, text in enumerate(body[:opening]) if _repeats(text, found)]
    if repeated:
        body = body[repeated[-1] + 1 :]
    captions = set(found.captions)
    return [paragraph for paragraph in body if paragraph not in captions]


def _repeats(text: str, found: Found) -> bool:
    heads = (found.sapo,) if found.layout != "fallback" else (found.sapo, found.title)
    return any(head and same_words(text, head) for head in heads)


def _told_authors(told: Metadata, outlet: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in told.authors for name in authors.names(text, outlet)))


def _published(found: Found, told: Metadata, captured: dt.datetime) -> dt.datetime | None:
    """The printed time where a layout says where it stands; else metadata, then what looks like one in print.

    Metadata in a zone that is not Vietnam's, whose clock the page prints, has the wrong zone (VnExpress,
    February 2019: +08:00 in meta, the same hour printed as GMT+7).
    """
    printed = next(iter(_plausible((found.published,) if found.published else (), captured)), None)
    if printed and found.layout != "fallback":
        return printed.astimezone(VIETNAM)
    told_time = next(iter(_plausible(told.published, captured)), None)
    chosen = printed if told_time is None or times.wrong_zone(told_time, printed) else told_time
    return chosen.astimezone(VIETNAM) if chosen else None


def _plausible(dates: tuple[dt.datetime, ...], captured: dt.datetime) -> tuple[dt.datetime, ...]:
    return tuple(date for date in dates if date <= captured + _AHEAD)
