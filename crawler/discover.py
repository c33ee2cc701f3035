"""Finds what an unknown outlet announces: candidates for feeds and sitemaps, and the form of its article addresses."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from lxml import etree

from archive.urls import normalize_url
from config.outlets import Outlet
from crawler.check import Visit
from crawler.feeds import plain_title
from crawler.sources import joined

#: Where feeds and their index lie, without being linked: of the 70 registered outlets that have feeds, 27 have
#: /rss/home.rss, 5 /home.rss and 3 /rss (November 2026).
GUESSED_FEEDS = ("/rss", "/rss.html", "/rss.htm", "/rss/home.rss", "/home.rss")
GUESSED_SITEMAPS = ("/sitemap.xml",)

#: An address that says it is a feed, or a page that lists them: /rss, /rss/home.rss, /kenh-rss.htm, /feed/, /a.rss
_FEED = re.compile(r"(?:^|[/.])(?:kenh-)?(?:rss|atom|feeds?)(?:[/.?=]|$)", re.IGNORECASE)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml")

_MENU = re.compile(r"menu|\bnav|[-_]nav", re.IGNORECASE)
_MOST_IN_MENU = 200

_SLUG = "[a-z0-9-]+"
_ANY = "[^/?]+"
#: A slug, what stands before the number (-post, -d, -), the number, an ending. Shorter numbers are years.
_NUMBERED = re.compile(r"(?P<slug>.*?)(?P<mark>-[a-z]{0,6})?(?P<number>\d{5,})(?P<end>\.[a-z]{2,5})?")
_ENDED = re.compile(r"(?P<slug>.*?)(?P<end>\.[a-z]{2,5})?")
#: Patterns beyond the third, or for less than a twentieth of the links, are for a person to judge.
_MOST_PATTERNS, _LEAST_SHARE = 3, 0.05


#: Of the announced links a pattern must take so many.
_MOST = 0.8


@dataclass(frozen=True, slots=True)
class WebPage:
    """What a home page, or a page that lists feeds, says. `feeds` are addresses with their labels; `menu` the links of
    its navigation. The language is not read: Tuổi Trẻ (2015) and Thanh Niên (2012) declare lang="en"."""

    name: str | None = None
    feeds: dict[str, str | None] = field(default_factory=dict)
    menu: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guess:
    """Patterns for article addresses, and how they hold: `matched` of `announced` links, and the links of the
    navigation, sections in all likelihood, that they wrongly take."""

    patterns: tuple[str, ...]
    announced: int
    matched: int
    sections_taken: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether the patterns take nearly all that is announced."""
        return bool(self.patterns) and self.matched >= _MOST * self.announced


def read_web_page(body: bytes, url: str) -> WebPage:
    """Reads a page, without content encoding, that was served under `url`. Never raises."""
    try:
        body.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = None
    parser = etree.HTMLParser(encoding=encoding, remove_comments=True, remove_pis=True)
    try:
        page = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError):
        page = None
    if page is None:
        return WebPage()
    links = list(_links(page, url))
    feeds: dict[str, str | None] = {}
    for link in page.iter("link"):
        is_feed = (link.get("type") or "").strip().lower() in _FEED_TYPES
        if is_feed and (address := joined(url, (link.get("href") or "").strip())):
            feeds.setdefault(address, plain_title(link.get("title")))
    for address, text, _ in links:
        parts = urlsplit(address)
        if _FEED.search(f"{parts.path}?{parts.query}"):
            feeds.setdefault(address, text)
    return WebPage(_name(page), feeds, tuple(dict.fromkeys(link for link, _, in_menu in links if in_menu)))


def candidates(visit: Visit, outlet: Outlet) -> dict[str, str | None]:
    """What the visit makes worth asking, with labels: feeds first, then sitemaps named by robots.txt."""
    found: dict[str, str | None] = {}
    for source in visit.log.sources:
        body = visit.body(source.url)
        if body is not None and (source.kind == "section" or source.reason == "html"):
            for feed, label in read_web_page(body, visit.led_to(source.url)).feeds.items():
                found[feed] = found.get(feed) or label
    found |= dict.fromkeys(visit.robots_sitemaps())
    return {url: label for url, label in found.items() if outlet.owns(urlsplit(url).netloc)}


def guess_patterns(announced: Collection[str], menu: Iterable[str], outlet: Outlet) -> Guess:
    """The common forms of the announced addresses, as patterns; addresses are normalised."""
    known = set(announced)
    sections = [link for link in dict.fromkeys(menu) if link not in known and outlet.owns(urlsplit(link).netloc)]
    groups: defaultdict[_Form, list[str]] = defaultdict(list)
    for link in announced:
        if outlet.owns(urlsplit(link).netloc) and not urlsplit(link).query:
            groups[_form(link)].append(link)
    chosen: list[str] = []
    for form, links in sorted(groups.items(), key=lambda group: -len(group[1])):
        rest = [link for link in announced if not _matches(chosen, link)]
        if len(chosen) == _MOST_PATTERNS or len(set(links) & set(rest)) < max(1, _LEAST_SHARE * len(announced)):
            continue
        chosen.append(_without_sections(form, links, sections))
    matched = sum(_matches(chosen, link) for link in announced)
    return Guess(tuple(chosen), len(announced), matched, tuple(link for link in sections if _matches(chosen, link)))


@dataclass(frozen=True, slots=True)
class _Segment:
    """A part of a path between slashes, by its form: a slug, a number, or a slug with a number behind `mark`."""

    kind: Literal["slug", "number", "numbered"]
    mark: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class _Form:
    """What alike addresses have in common: the segments from the first number on, or the last one; the folders before
    them differ."""

    host: str
    tail: tuple[_Segment, ...]
    slash: bool


def _form(link: str) -> _Form:
    scheme, host, path, *_ = urlsplit(link)
    segments = [_segment(part) for part in path.strip("/").split("/")]
    numbers = [place for place, segment in enumerate(segments) if segment.kind != "slug"]
    first = min(numbers, default=len(segments) - 1)
    return _Form(f"{scheme}://{host}", tuple(segments[first:]), path.endswith("/"))


def _segment(part: str) -> _Segment:
    if part.isdigit():
        return _Segment("number")
    if match := _NUMBERED.fullmatch(part):
        return _Segment("numbered", match["mark"] or "", match["end"] or "")
    match = _ENDED.fullmatch(part)
    return _Segment("slug", end=(match["end"] if match else None) or "")


def _without_sections(form: _Form, links: Sequence[str], sections: Sequence[str]) -> str:
    """The form's pattern; where it takes a section too, one for slugs of more words than any section has."""
    pattern = _pattern(form, links, 0)
    taken = [section for section in sections if re.search(pattern, section)]
    if not taken or form.tail[-1].kind != "slug":
        return pattern
    longer = _pattern(form, links, 1 + max(_hyphens(section) for section in taken))
    still = sum(bool(re.search(longer, link)) for link in links)
    return longer if still >= 0.8 * len(links) else pattern


def _pattern(form: _Form, links: Sequence[str], hyphens: int) -> str:
    paths = [urlsplit(link).path.strip("/").split("/") for link in links]
    tails = [path[len(path) - len(form.tail) :] for path in paths]
    folders = [path[: len(path) - len(form.tail)] for path in paths]
    depths = {len(path) for path in folders}
    inside = _class(part for path in folders for part in path)
    before = ""
    if depths != {0}:
        times = "" if depths == {1} else "*" if 0 in depths else "+"
        before = f"{inside}/" if not times else f"(?:{inside}/){times}"
    in_order = zip(form.tail, zip(*tails, strict=True), strict=True)
    written = [_segment_pattern(segment, parts, hyphens) for segment, parts in in_order]
    scheme, _, host = form.host.partition("://")
    twin = r"(?:www\.)?" if scheme == "https" else ""  # what has another scheme once normalised is no public name
    start = f"{scheme}://{twin}" + host.removeprefix("www.").replace(".", r"\.")
    return f"^{start}/{before}{'/'.join(written)}{'/' if form.slash else ''}$"


def _segment_pattern(segment: _Segment, parts: Sequence[str], hyphens: int) -> str:
    end = segment.end.replace(".", r"\.")
    if segment.kind == "number":
        return _digits(parts)
    if segment.kind == "numbered":
        matches = [match for part in parts if (match := _NUMBERED.fullmatch(part))]
        slugs = [match["slug"] for match in matches]
        return f"{_class(slugs) if all(slugs) else ''}{segment.mark}{_digits([m['number'] for m in matches])}{end}"
    slugs = [part.removesuffix(segment.end) for part in parts]
    words = _class(slugs)
    if hyphens and words == _SLUG:
        return rf"(?:[a-z0-9]+-){{{hyphens},}}[a-z0-9-]+{end}"
    return words + end


def _class(slugs: Iterable[str]) -> str:
    return _SLUG if all(re.fullmatch(_SLUG, slug) for slug in slugs) else _ANY


def _digits(numbers: Sequence[str]) -> str:
    """As many digits as were seen; long numbers, which count articles, may grow by one."""
    least, most = min(map(len, numbers)), max(map(len, numbers))
    most += 5 <= most < 10
    return rf"\d{{{least}}}" if least == most else rf"\d{{{least},{most}}}"


def _hyphens(link: str) -> int:
    return urlsplit(link).path.strip("/").rpartition("/")[2].count("-")


def _matches(patterns: Iterable[str], link: str) -> bool:
    return any(re.search(pattern, link) for pattern in patterns)


def _links(page: Any, url: str) -> Iterator[tuple[str, str | None, bool]]:
    """Every link with its text, and whether it stands in the navigation."""
    base = next((urljoin(url, link.get("href").strip()) for link in page.iter("base") if link.get("href")), url)
    in_menu = {link for menu in page.iter() if _is_menu(menu) for link in menu.iter("a")}
    for link in page.iter("a"):
        href = (link.get("href") or "").strip()
        try:
            address = urljoin(base, href)
        except ValueError:
            continue
        if href and address.startswith(("http://", "https://")):
            yield address.partition("#")[0], plain_title("".join(islice(link.itertext(), 20))[:200]), link in in_menu


def _is_menu(element: Any) -> bool:
    # Few papers use <nav>. A wrapper of the whole page may be called a menu too: it has far more links than one.
    named = f"{element.get('id') or ''} {element.get('class') or ''}"
    called = element.tag in ("nav", "menu") or (element.tag in ("div", "ul", "section") and _MENU.search(named))
    return bool(called) and sum(1 for _ in islice(element.iter("a"), _MOST_IN_MENU + 1)) <= _MOST_IN_MENU


def _name(page: Any) -> str | None:
    for meta in page.iter("meta"):
        if meta.get("property") == "og:site_name" and (name := plain_title(meta.get("content"))):
            return name
    return next((name for title in page.iter("title") if (name := plain_title(title.text))), None)


def normalized_menu(page: WebPage) -> list[str]:
    """The links of the navigation in the form that patterns are searched in."""
    return [link for address in page.menu if (link := normalize_url(address))]
