"""What a section or home page links to: the last resort where no feed or sitemap answers."""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from archive.urls import normalize_url
from crawler.feeds import plain_title

#: A page of the press has some hundred links (805 at most of 19 home and section pages, 2012 to 2026).
MAX_LINKS = 20_000
#: Longer is no headline: a paragraph, or what follows a link that nothing closes.
MAX_TITLE = 300
# What a link may hold of characters and elements before it is no link to one article. Without these bounds,
# unclosed links, each inside the one before, make the work grow with the square of the page.
_MAX_WRITTEN = 10_000
_MAX_INSIDE = 300

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_HEAD = 4096

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# VnExpress of 2012 puts the hour into a <label> behind the title.
_NOT_TITLE = frozenset(("label", "time", "script", "style", "noscript", "svg", "button"))
# Dân trí (2013, 2019) puts ">> " before a related article.
_ARROWS = "> »›•►▪"
_COUNT = re.compile(r"\W*\d{1,3}\W*")
# Children that don't end a word; a <span> does, where it holds a rank or a number of comments.
_INLINE = frozenset(("b", "strong", "i", "em", "u", "font", "mark", "sub", "sup"))


@dataclass(frozen=True, slots=True)
class SectionItem:
    """One linked article: `url` is normalised."""

    url: str
    title: str | None


@dataclass
class SectionResult:
    """The articles in the page's order, each once, and one word for why the list can't be trusted.

    `problem` is empty_body, unreadable or no_links where there are none; truncated where the items are those
    before the point at which reading stopped.
    """

    items: list[SectionItem]
    problem: str | None


@dataclass
class _Names:
    """What the links to one article call it, by how far each can be trusted."""

    headings: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)

    def best(self) -> str | None:
        # "Xem chi tiết" is a name too: a picture's text beats what is no longer than that.
        phrases = [name for name in self.names if name.count(" ") > 2]
        for names in (self.headings, phrases, self.pictures, self.names, self.paragraphs):
            if names:
                return self._without_count(max(names, key=len))
        return None

    def _without_count(self, title: str) -> str:
        """Tuổi Trẻ (2015) has the number of comments inside the link; a shorter name tells it from the title."""
        for name in (*self.headings, *self.names, *self.pictures):
            if name in title and _COUNT.fullmatch(title.replace(name, "", 1)):
                return name
        return title


def parse_section(body: bytes, url: str, is_article: Callable[[str], bool]) -> SectionResult:
    """Reads the article links of a page, without content encoding, that was served under `url`. Never raises."""
    text = _decoded(body)
    if not text.strip():
        return SectionResult([], "empty_body")
    # lxml, because its parser gives up at a depth of 256; selectolax hangs on elements that nothing closes.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True)
    try:
        page = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        return SectionResult([], "unreadable")
    if page is None:
        return SectionResult([], "unreadable")
    found: dict[str, _Names] = {}
    links = list(page.iter("a"))
    for address, link in _addresses(page, links[:MAX_LINKS], url):
        if is_article(address):
            _note(found.setdefault(address, _Names()), link)
    items = [SectionItem(address, names.best()) for address, names in found.items()]
    if len(links) > MAX_LINKS or _stopped_early(parser):
        return SectionResult(items, "truncated")
    return SectionResult(items, None if items else "no_links")


def _decoded(body: bytes) -> str:
    """UTF-8 where the bytes are that, whatever the page declares; else what it declares; else UTF-8 with gaps."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    damaged = body.decode("utf-8", "replace")
    gaps = damaged.count("\ufffd")
    whole = sum(letter > "\x7f" for letter in damaged) - gaps
    meta = _META.search(body[:_HEAD])
    declared = _one_byte_codec(meta[1].decode("ascii", "ignore")) if meta else None
    if declared is None or whole > 3 * gaps:  # letters of several bytes don't come about by chance
        return damaged
    return body.decode(declared, "replace")


def _one_byte_codec(name: str) -> str | None:
    """The codec of a Western or Vietnamese code page; None for any other, some of which take for ever."""
    try:
        known_as = codecs.lookup(name).name
    except LookupError:
        return None
    if known_as in ("iso8859-1", "ascii"):
        return "cp1252"  # what browsers take these names for
    return known_as if known_as.startswith(("cp125", "iso8859")) else None


def _stopped_early(parser: Any) -> bool:
    return any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log)


def _addresses(page: Any, links: list[Any], url: str) -> Iterator[tuple[str, Any]]:
    """Each link with its normalised address, where it has one."""
    base = next((element.get("href") for element in page.iter("base") if element.get("href")), None)
    start = urljoin(url, base.strip()) if base and normalize_url(base, base=url) else url
    known: dict[str, str | None] = {}
    for link in links:
        href = link.get("href")
        if not href:
            continue
        if href not in known:
            known[href] = normalize_url(href, base=start)
        if address := known[href]:
            yield address, link


def _note(names: _Names, link: Any) -> None:
    """Files the link's text, its title attribute and its pictures' texts."""
    inside = list(itertools.islice(link.iter(), _MAX_INSIDE))
    text, is_heading = _written(link, inside) if len(inside) < _MAX_INSIDE else (None, False)
    attribute = _title(link.get("title"))
    alts = [_title(element.get("alt")) for element in inside if element.tag == "img"]
    names.pictures += [alt for alt in alts if alt and " " in alt]  # not a file name (Soha 2012)
    if text and attribute and attribute in text:
        # The text may have a count, an arrow or the sapo around the title. But a quote that isn't escaped cuts
        # the attribute (Dân trí 2013): there the text is right.
        before, _, behind = text.partition(attribute)
        cut = behind.lstrip().startswith(('"', "'")) and not before
        marks_only = not any(map(str.isalnum, before + behind))
        text, attribute = (text if cut or marks_only else attribute), None
    if text and is_heading:
        names.headings.append(text)
    elif text and attribute:
        names.paragraphs.append(text)  # VnExpress and Dân trí link the sapo, with the title as attribute
    elif text:
        names.names.append(text)
    if attribute:
        names.names.append(attribute)


def _written(link: Any, inside: list[Any]) -> tuple[str | None, bool]:
    """The link's text, and whether it is a heading, or in one; a heading inside a link is all that counts."""
    heading = next((element for element in inside if element.tag in _HEADINGS), None)
    if heading is not None and (text := _title(_text_of(heading))):
        return text, True
    around = {element.tag for element in itertools.islice(link.iterancestors(), 2)}
    return _title(_text_of(link)), not _HEADINGS.isdisjoint(around)


def _text_of(element: Any) -> str | None:
    """The text inside; None where there is so much that it can't be a title, however much of it is space."""
    parts = list(_words(element))
    return "".join(parts) if sum(map(len, parts)) <= _MAX_WRITTEN else None


def _words(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        space = "" if child.tag in _INLINE else " "
        yield space
        if child.tag not in _NOT_TITLE:
            yield from _words(child)
        yield space + (child.tail or "")


def _title(text: str | None) -> str | None:
    title = (plain_title(text) or "").lstrip(_ARROWS)
    return title if title and len(title) <= MAX_TITLE else None
