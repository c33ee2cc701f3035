"""A page as the runs of text between its block boundaries, in page order, whatever its classes are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from pipeline.extract import blocks
from pipeline.extract.text import clean

_BLOCKS = frozenset({*blocks.PLAIN_BLOCKS, *blocks.KINDS, *blocks.ROW, "html", "tbody", "tfoot", "thead"})
_SILENT = blocks.SILENT | {"embed", "head", "iframe", "input", "noembed", "noframes", "plaintext", "script", "style"}
_SHORTEST = 25  # characters: less than a clause
_BOLD = frozenset({"b", "strong", "h1", "h2", "h3", "h4"})


@dataclass(slots=True)
class Run:
    """One run: its text, how many of its characters are in links or in bold, and the block it stands in."""

    text: str
    linked: int
    bold: int
    block: LexborNode

    @property
    def plain(self) -> int:
        """Characters outside links."""
        return max(len(self.text) - self.linked, 0)

    @property
    def is_link(self) -> bool:
        return self.linked * 2 > len(self.text)

    @property
    def is_text(self) -> bool:
        """As long as a clause, and no link."""
        return self.plain >= _SHORTEST and not self.is_link

    @property
    def is_bold(self) -> bool:
        return self.bold * 10 > len(self.text) * 9


class _Open:
    """The run being read."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.linked = self.bold = 0
        self.broken = self.label = False

    def add(self, text: str, in_link: bool, in_bold: bool) -> None:
        # A label set flush against the first words (VnExpress's place name) is a word of its own.
        if self.label and self.parts and self.parts[-1][-1:].isalpha() and text[:1].isupper():
            self.parts.append(" ")
        self.parts.append(text)
        size = len(text.strip())
        self.linked += size if in_link else 0
        self.bold += size if in_bold else 0
        self.label = False
        self.broken = self.broken and not size


def read(root: LexborNode) -> list[Run]:
    """Walks without recursion: depth is the page's choice, not ours."""
    return list(_runs(root))


def _runs(root: LexborNode) -> Iterator[Run]:
    opened = _Open()
    around = [root]
    links = bolds = 0

    def close() -> Iterator[Run]:
        nonlocal opened
        if text := clean("".join(opened.parts)):
            yield Run(text, opened.linked, opened.bold, around[-1])
        opened = _Open()

    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    while stack:
        node, left = stack.pop()
        tag = node.tag or ""
        if tag == "-text":
            opened.add(node.text(deep=False) or "", links > 0, bolds > 0)
            continue
        if tag == "br":
            if opened.broken:
                yield from close()
            opened.parts.append(" ")
            opened.broken = True
            continue
        if tag in _SILENT or tag.startswith(("-", "!", "#")) or "hidden" in node.attributes:
            continue
        step = -1 if left else 1
        if tag in _BLOCKS:
            yield from close()
            if left:
                around.pop()
            else:
                around.append(node)
        elif tag == "a":
            links += step
        elif tag == "span" and left:
            opened.label = len(opened.parts) == 1
        if tag in _BOLD:
            bolds += step
        if not left:
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(list(node.iter(include_text=True))))
    yield from close()
