"""An element's text as paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.extract.text import clean

# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "ul"
})
# fmt: on
_CELLS = frozenset({"td", "th"})
# fmt: off
_SILENT = frozenset({
    "audio", "button", "canvas", "embed", "iframe", "input", "noscript", "object", "script", "select",
    "style", "svg", "template", "textarea", "video"
})
# fmt: on
# A label set flush against the words that follow it (VnExpress's location-stamp, Dân trí's name) is a word
# of its own.
_LABEL = re.compile(r"location-stamp|dateline", re.I)
# One mark for a line break; two of them in a row end a paragraph.
_BREAK = "\x1e"
_PARAGRAPH_END = re.compile(rf"(?:{_BREAK}\s*){{2,}}")


def paragraphs(node: LexborNode) -> list[str]:
    """The texts between block boundaries below `node`, cleaned, without the empty ones. A table row is one
    paragraph.

    Walks without recursion: depth is the page's choice, not ours.
    """
    done: list[str] = []
    open_text: list[str] = []

    def close() -> None:
        if not open_text:
            return
        text = "".join(open_text)
        open_text.clear()
        if text.isspace():
            return
        for piece in _PARAGRAPH_END.split(text) if _BREAK in text else (text,):
            if line := clean(piece.replace(_BREAK, " ")):
                done.append(line)

    def leave(element: LexborNode) -> None:
        tag = element.tag or ""
        if tag in _CELLS:
            open_text.append(" ")
        elif tag in _BLOCKS:
            close()
        elif tag == "span" and _LABEL.search(element.attributes.get("class") or ""):
            open_text.append(" ")

    rows = 0
    stack: list[tuple[LexborNode, bool]] = [(node, False)]
    while stack:
        current, left = stack.pop()
        tag = current.tag or ""
        if left:
            if tag == "tr":
                rows -= 1
            if rows and tag in _BLOCKS:
                open_text.append(" ")
            else:
                leave(current)
            continue
        if tag == "-text":
            open_text.append(current.text(deep=False) or "")
            continue
        if tag.startswith(("-", "!", "#")) or tag in _SILENT or "hidden" in current.attributes:
            continue
        if tag == "br":
            open_text.append(_BREAK)
            continue
        if rows and tag in _BLOCKS:
            open_text.append(" ")
        elif tag in _BLOCKS:
            close()
        if tag == "tr":
            rows += 1
        stack.append((current, True))
        stack.extend((child, False) for child in reversed(list(current.iter(include_text=True))))
    close()
    return done


def line(node: LexborNode | None) -> str:
    """All of the element's text in one line."""
    return " ".join(paragraphs(node)) if node is not None else ""


def first_text(tree: LexborHTMLParser | LexborNode, selector: str | None) -> str | None:
    """Of the elements matching `selector` in page order, the first that has text."""
    if selector is None:
        return None
    return next((text for text in map(line, tree.css(selector)) if text), None)


_MARKS = (">", "»", "xem thêm", "đọc thêm", "tin liên quan", "bài liên quan")
_POINTER = re.compile(r"^(?:[>»]+|(?:xem thêm|đọc thêm|tin liên quan|bài liên quan)\s*:)", re.I)


_LONGEST_POINTER = 300


def pointers(node: LexborNode) -> list[LexborNode]:
    """Paragraphs that only send the reader elsewhere: all of the text is a link, behind ">>" or "Xem thêm:".

    The same marks before plain text open real sentences and lists; those stay.
    """
    printed = node.text().lower()
    if not any(mark in printed for mark in _MARKS):  # most articles have none, and looking closer takes a while
        return []
    found = []
    for paragraph in node.css("p, div, li, h2, h3, h4"):
        text = clean(paragraph.text())
        if len(text) > _LONGEST_POINTER or not _POINTER.match(text):
            continue
        linked = sum(len(clean(link.text())) for link in paragraph.css("a[href]"))
        if linked >= len(_POINTER.sub("", text).strip()) * 0.9:
            found.append(paragraph)
    return found


def remove(nodes: Iterable[LexborNode]) -> None:
    for node in nodes:
        node.decompose()
