"""What is refused before a parser sees it.

lexbor needs time that grows faster than the page where formatting tags are left open or blocks are nested
by the thousand (59 KB of unclosed <b n><i n>: 8.3 s; 200,000 nested <div>: over 100 s; lexbor issue 340,
measured on 2026-11-24). The count here is over bytes, knows no comments or scripts and can be dodged by an
attacker who studies it; it stops what occurs by accident and the known attacks. Killing a stuck worker is
the caller's last resort.
"""

from __future__ import annotations

import re
from collections import Counter

from pipeline.extract.article import NotAnArticle

# A tag takes 0.5 KB of the parser's memory, an attribute 0.13 KB, a character 4 bytes in each of some ten copies. The
# largest page we have has 527 KB and 5,094 "<".
MAX_BYTES = 4_000_000
MAX_TAGS = 60_000
# The deepest of the 781 pages measured on 2026-11-24 has 57 tags open at once by this count.
MAX_OPEN = 400
# Nesting fewer tags than this costs the parser milliseconds.
_FEW = 8_000
# Every start tag may make the parser open all unclosed formatting tags anew; so many such copies no real
# page needs.
MAX_REOPENED = 1_000_000

# An end tag inside a comment closes nothing. The second branch keeps an unclosed comment from being searched for twice.
_COMMENT = re.compile(rb"<!--(?:.*?-->|.*\Z)", re.S)
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
# Tags that are never closed, or whose end the parser supplies itself.
_NOT_NESTING = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li dt dd option optgroup tr td th tbody "
    b"thead tfoot html head body path circle rect line polygon use g stop".split()
)
_FORMATTING = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
_FORMATTING_TAG = re.compile(rb"<(?=[a-uA-U])(?:%b)[^a-zA-Z]" % b"|".join(sorted(_FORMATTING)), re.IGNORECASE)
_HTML_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/octet-stream")
_XML_ROOT = re.compile(rb"\A\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(rss|feed|urlset|sitemapindex|rdf:RDF)\b", re.S)


def check(payload: bytes, content_type: str | None) -> None:
    """Raises NotAnArticle: empty_body, too_large, not_html, too_deep."""
    if not payload.strip():
        raise NotAnArticle("empty_body")
    if len(payload) > MAX_BYTES:
        raise NotAnArticle("too_large")
    kind = (content_type or "").partition(";")[0].strip().lower()
    head = payload[:4096].replace(b"\x00", b"")
    if (kind and kind not in _HTML_TYPES) or not _TAG.search(head) or _XML_ROOT.match(head):
        raise NotAnArticle("not_html")
    tags = payload.count(b"<")
    if _may_be_deep(payload, tags) and _too_deep(payload):
        raise NotAnArticle("too_deep")
    if tags > MAX_TAGS:
        raise NotAnArticle("too_large")


def _may_be_deep(payload: bytes, tags: int) -> bool:
    """A quick answer, never wrong where it is no: of so many tags, how often could formatting ones be opened anew?"""
    if tags * tags <= 4 * MAX_REOPENED:
        return False
    formatting = len(_FORMATTING_TAG.findall(payload))
    return tags > _FEW or formatting * (tags - formatting) > MAX_REOPENED


def _too_deep(payload: bytes) -> bool:
    """Counts open tags, each kind by itself so that stray end tags don't hide others."""
    open_now: Counter[bytes] = Counter()
    total = formatting = reopened = 0
    for slash, raw in _TAG.findall(_COMMENT.sub(b"", payload)):
        name = raw.lower()
        if not slash:
            reopened += formatting
            if reopened > MAX_REOPENED:
                return True
        if name in _NOT_NESTING:
            continue
        step = 1 if not slash else -1 if open_now[name] else 0
        open_now[name] += step
        total += step
        if name in _FORMATTING:
            formatting += step
        if total > MAX_OPEN:
            return True
    return False
