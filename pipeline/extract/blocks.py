"""An element's text as paragraphs, each with its kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.extract.article import Kind, Paragraph
from pipeline.extract.text import SPACES, clean

# The text is read from the parser's own serialisation, in which tags are balanced, names in lower case, and "<" and ">"
# escaped in text and attribute values alike; walking its nodes from Python takes ten times as long.
_TAG = re.compile(r"<([^ >]+)[^>]*>")
# An attribute's name may hold "<!--": a comment is looked for between tags only.
_COMMENTED = re.compile(r"(<[^!>][^>]*>)|<!--.*?-->", re.DOTALL)
# What the serialisation does not escape, and no reader sees.
_RAW = "script, style, iframe, noembed, noframes, xmp, plaintext"
_HOLDS_RAW = re.compile(r"<(?:script|style|iframe|noembed|noframes|xmp|plaintext)[ >]")
_UNSHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
# Composed with the sign before it, it makes another sign (U+226F) of the end of a tag.
_OVERLAY = "\u0338"
# No text holds a bare "<".
_END = "<>"
# fmt: off
# Tags that only end a paragraph and begin another.
PLAIN_BLOCKS = (
    "address", "article", "body", "center", "div", "dl", "fieldset", "figure", "footer", "form", "header", "hr",
    "main", "nav", "ol", "p", "pre", "section", "summary", "ul"
)
SILENT = frozenset({
    "audio", "button", "canvas", "noscript", "object", "select", "svg", "template", "textarea", "video"
})
# fmt: on
ROW = frozenset({"tr", "td", "th"})
_TWO_BREAKS = re.compile(r"<br>(?: ?<br>)+")
# A label set flush against the words that follow it (VnExpress's location-stamp, Dân trí's name) is a word of its own.
_LABELS = 'span[class*="location-stamp" i], span[class*="dateline" i]'
KINDS: dict[str, Kind] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "subhead"),
    **dict.fromkeys(("li", "dd", "dt"), "list"),
    **dict.fromkeys(("table", "aside", "details"), "box"),
    "blockquote": "quote",
    "figcaption": "caption",
}
# What stands for a tag while the text is split; those not named here are inline and vanish.
_STANDS_FOR = {
    **dict.fromkeys((f"{slash}{name}" for name in PLAIN_BLOCKS for slash in ("", "/")), _END),
    **{f"{slash}{name}": f"<{slash}{name}>" for name in (*KINDS, *SILENT, *ROW, "br") for slash in ("", "/")},
}
# Subheads are often printed as a paragraph in bold.
_BOLD = re.compile(r"<(?:strong|b)(?: [^>]*)?>([^<]+)</(?:strong|b)>\s*</p>")
_LONGEST_SUBHEAD = 120
_SENTENCE_ENDS = (".", "!", "…", ":", ";", ",")


def read(node: LexborNode) -> list[Paragraph]:
    """The texts between block boundaries in `node`, cleaned, without the empty ones and without pointers to other
    pages, which leave the tree. A table row is one paragraph."""
    source = _serialised(node)
    bold = {clean(_plain(text)) for text in _BOLD.findall(source)}
    text = _bare(source)
    if _MAY_POINT.search(text) and (pointing := pointers(node)):
        remove(pointing)
        text = _bare(_serialised(node))
    found = _split(text)
    if bold:
        found = [
            ("subhead", text) if kind == "paragraph" and text in bold and _heads(text) else (kind, text)
            for kind, text in found
        ]
    return found


def paragraphs(node: LexborNode) -> list[str]:
    """As `read`, without the kinds and with the pointers."""
    return [text for _, text in _split(_bare(_serialised(node)))]


def line(node: LexborNode | None) -> str:
    """All of the element's text in one line."""
    if node is None:
        return ""
    source = _serialised(node)
    if source.count("<") == 2:  # nothing but its own two tags
        return clean(_plain(source[source.index(">") + 1 : source.rindex("<")]))
    return " ".join(text for _, text in _split(_bare(source)))


def first_text(tree: LexborHTMLParser | LexborNode, selector: str | None) -> str | None:
    """Of the elements matching `selector` in page order, the first that has text."""
    if selector is None:
        return None
    return next((text for text in map(line, tree.css(selector)) if text), None)


def _heads(text: str) -> bool:
    return len(text) <= _LONGEST_SUBHEAD and not text.endswith(_SENTENCE_ENDS)


def _serialised(node: LexborNode) -> str:
    source = node.html or ""
    if (" hidden" in source or ("display" in source and _UNSHOWN.search(source))) and (
        hidden := [
            inner
            for inner in node.css("[hidden], [style]")
            if inner.mem_id != node.mem_id and is_hidden(inner.attributes)
        ]
    ):
        remove(hidden)
        source = node.html or ""
    if ("location-stamp" in source or "dateline" in source) and (labels := node.css(_LABELS)):
        for label in labels:
            label.insert_after(" ")
        source = node.html or ""
    if _HOLDS_RAW.search(source) and (raw := node.css(_RAW)):
        remove(raw)
        source = node.html or ""
    return _COMMENTED.sub(r"\1", source) if "<!--" in source else source


def is_hidden(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element with these attributes is shown to nobody."""
    return "hidden" in attributes or _UNSHOWN.search(attributes.get("style") or "") is not None


def _bare(source: str) -> str:
    """The text with the tags that matter, cleaned in one go, so that paragraphs need not be one by one."""
    parts = _TAG.split(source)
    parts[1::2] = [_STANDS_FOR.get(name, "") for name in parts[1::2]]
    bare = clean("".join(parts).replace("&nbsp;", " ").replace(_OVERLAY, ""))
    return _TWO_BREAKS.sub(_END, bare) if "<br>" in bare else bare


def _split(bare: str) -> list[Paragraph]:
    """Walks tags without recursion: depth is the page's choice, not ours."""
    done: list[Paragraph] = []
    kinds: list[Kind] = ["paragraph"]
    rows = silent = 0  # how many of them are open
    text, *tags = _TAG.split(bare)
    for tag, following in zip(tags[0::2], tags[1::2], strict=True):
        slash, name = tag[0] == "/", tag.removeprefix("/")
        if name in SILENT:
            silent += -1 if slash else 1
        elif not silent and name in ROW:
            ends = name == "tr" and rows == (1 if slash else 0)
            text += _END if ends else " "
            rows += 0 if name != "tr" else -1 if slash else 1
        elif not silent and name in KINDS:
            if not rows or name == "figcaption":
                _finish(done, kinds[-1], text)
                text = ""
            if slash:
                kinds.pop()
            else:
                kinds.append("box" if kinds[-1] == "box" and name != "figcaption" else KINDS[name])
        elif name == "br":
            text += " "
        if not silent:
            text += following.replace(_END, " ") if rows else following
    _finish(done, kinds[-1], text)
    return done


def _finish(done: list[Paragraph], kind: Kind, text: str) -> None:
    if "  " in text:
        text = SPACES.sub(" ", text)
    done += [(kind, _plain(found) if "&" in found else found) for piece in text.split(_END) if (found := piece.strip())]


def _plain(text: str) -> str:
    """The characters behind the escapes of a serialised text."""
    return text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


_POINTER = re.compile(r"^(?:[>»]+|(?:xem thêm|đọc thêm|tin liên quan|bài liên quan)\s*:)", re.IGNORECASE)
_MAY_POINT = re.compile(r"> ?(?:&gt;|»|xem thêm|đọc thêm|tin liên quan|bài liên quan)", re.IGNORECASE)
_PARAGRAPHS = frozenset({"p", "div", "li", "h2", "h3", "h4"})
_LONGEST_POINTER = 300


def pointers(node: LexborNode) -> list[LexborNode]:
    """Paragraphs that only send the reader elsewhere: all of the text is a link, behind ">>" or "Xem thêm:".

    The same marks before plain text open real sentences and lists; those stay.
    """
    around = {paragraph.mem_id: paragraph for link in node.css("a[href]") if (paragraph := _paragraph_of(link))}
    found = []
    for paragraph in around.values():
        text = clean(paragraph.text())
        if len(text) > _LONGEST_POINTER or not _POINTER.match(text):
            continue
        linked = sum(len(clean(link.text())) for link in paragraph.css("a[href]"))
        if linked >= len(_POINTER.sub("", text).strip()) * 0.9:
            found.append(paragraph)
    return found


def _paragraph_of(link: LexborNode) -> LexborNode | None:
    return next((node for node in above(link) if node.tag in _PARAGRAPHS), None)


def above(node: LexborNode) -> Iterator[LexborNode]:
    """What `node` stands in, from within."""
    around = node.parent
    while around is not None:
        yield around
        around = around.parent


def to_captions(nodes: Iterable[LexborNode]) -> None:
    """Makes each node a figcaption with its text in one paragraph."""
    for node in nodes:
        caption = node.parser.create_node("figcaption")
        caption.insert_child(line(node))
        node.replace_with(caption)


def links(node: LexborNode) -> tuple[str, ...]:
    """The addresses of its links as written, each once."""
    return tuple(_addresses(node.css("a[href]")))


def _addresses(nodes: Iterable[LexborNode]) -> dict[str, None]:
    return dict.fromkeys(address for node in nodes if (address := (node.attributes.get("href") or "").strip()))


def remove(nodes: Iterable[LexborNode]) -> None:
    """Takes them out of the tree, but for the root, without which there is none."""
    for node in nodes:
        if node.tag != "html":
            node.decompose()
